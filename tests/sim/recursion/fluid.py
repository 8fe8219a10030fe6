"""Fair sharing: transfers as a fluid, at max-min fair rates, in exact fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, lcm

from .agenda import COMPLETION, NEVER, Agenda
from .courses import is_over, next_change
from .wires import Wire

Way = Sequence[tuple[int, int]]
"""Of a transfer, the channels that it takes and the rate of its link in each."""


def shares(ways: Sequence[Way]) -> list[Fraction]:
    """Return the max-min fair rate of each transfer.

    All rates rise together from 0. A channel is full when its airtime, the sum of rate over link's rate, is 1; who
    goes through a full channel rises no further. Nothing rises through a rate of 0.
    """
    rates = [Fraction(0)] * len(ways)
    rising = {i for i, way in enumerate(ways) if all(rate > 0 for _, rate in way)}
    taken: dict[int, Fraction] = defaultdict(Fraction)
    while rising:
        growth: dict[int, Fraction] = defaultdict(Fraction)
        for i in rising:
            for channel, rate in ways[i]:
                growth[channel] += Fraction(1, rate)
        full_at = {channel: (1 - taken[channel]) / growth[channel] for channel in growth}
        level = min(full_at.values())
        full = {channel for channel, at in full_at.items() if at == level}
        for i in [i for i in rising if any(channel in full for channel, _ in ways[i])]:
            rates[i] = level
            rising.remove(i)
            for channel, rate in ways[i]:
                taken[channel] += level / rate
    return rates


class Transfer:
    def __init__(self, wires: list[Wire], size_bytes: int, sent: Callable[[], None]) -> None:
        self.wires = wires
        self.left = Fraction(8 * size_bytes * 10**9)  # bits times ns a second
        self.sent = sent


class Fluid:
    """All transfers that are under way on fair channels."""

    def __init__(self, agenda: Agenda, channel_of: Callable[[Wire], int]) -> None:
        self._agenda = agenda
        self._channel_of = channel_of
        self._under_way: list[Transfer] = []
        self._since = 0
        self._next = None

    def start(self, transfer: Transfer) -> None:
        self._flow(self._agenda.now)
        self._under_way.append(transfer)
        self._plan()

    def _end(self) -> None:
        self._next = None
        self._flow(self._agenda.now)
        over = [t for t in self._under_way if t.left <= 0]
        assert over
        self._under_way = [t for t in self._under_way if t.left > 0]
        self._plan()
        for transfer in over:
            transfer.sent()

    def _plan(self) -> None:
        """Enter the next end of a transfer on the agenda."""
        self._agenda.strike(self._next)
        at = self._next_end()
        self._next = None if at is None else self._agenda.enter(at, COMPLETION, -1, 0, act=self._end)

    def _rates(self, at: int) -> list[Fraction]:
        return shares([[(self._channel_of(w), w.rate_bps(at)) for w in t.wires] for t in self._under_way])

    def _change(self, at: int) -> int | float:
        return min((next_change(w.link.rates, at) for t in self._under_way for w in t.wires), default=NEVER)

    def _flow(self, now: int) -> None:
        while self._since < now:
            to = min(now, self._change(self._since))
            for transfer, rate in zip(self._under_way, self._rates(self._since), strict=True):
                transfer.left -= rate * (to - self._since)
            self._since = to

    def _next_end(self) -> int | None:
        """Return the ceil of the exact instant at which the next transfer ends if nothing comes in between."""
        at, left = self._since, [t.left for t in self._under_way]
        if not left:
            return None
        if min(left) <= 0:
            return at
        courses = [w.link.rates for t in self._under_way for w in t.wires if w.link.rates is not None]
        settled = max([at, *(c.at_ns[-1] for c in courses if c.period_ns is None)])
        cycle = lcm(*(c.period_ns for c in courses if c.period_ns is not None))
        horizon = settled + cycle
        while not all(any(is_over(w.link.rates, at) for w in t.wires) for t in self._under_way):
            rates, change = self._rates(at), self._change(at)
            ends = [at + ceil(rest / rate) for rest, rate in zip(left, rates, strict=True) if rate > 0]
            if ends and min(ends) <= change:
                return min(ends)
            if ends:
                horizon = max(settled, change) + cycle  # it moves, and may move again
            if at > horizon:
                break  # nothing moved for as long as the courses take to come round
            left = [rest - rate * (change - at) for rest, rate in zip(left, rates, strict=True)]
            at = change
        return None
