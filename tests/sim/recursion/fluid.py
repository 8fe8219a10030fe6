"""Fair sharing: transfers as a fluid, at max-min fair rates, in exact fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil

from .agenda import COMPLETION, NEVER, Agenda
from .courses import is_over
from .wires import Wire

Way = Sequence[tuple[int, int]]
"""Of a transfer, the channels that it takes and the rate of its link in each."""
ROUNDS = 20_000
"""So many changes of rates in which nothing moves are taken for ever."""


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
    def __init__(
        self,
        wires: list[Wire],
        size_bytes: int,
        not_before: int | float,
        keeps_going: bool,
        sent: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        self.wires = wires
        self.size_bytes = size_bytes
        self.not_before = not_before if size_bytes == 0 else 0
        """From when on it can end, where it has nothing to send."""
        self.left = Fraction(8 * size_bytes * 10**9)  # bits times ns a second
        self.keeps_going = keeps_going
        self.sent = sent
        self.lost = lost


class Fluid:
    """All transfers that are under way on fair channels."""

    def __init__(self, agenda: Agenda, channel_of: Callable[[Wire], int]) -> None:
        self._agenda = agenda
        self._channel_of = channel_of
        self.under_way: list[Transfer] = []
        self._since = 0
        self._next = None

    def start(self, transfer: Transfer) -> None:
        self._flow(self._agenda.now)
        self.under_way.append(transfer)
        self._plan()

    def fails(self, wire: Wire) -> None:
        """Lose the transfers that are under way on *wire*."""
        self._flow(self._agenda.now)
        gone = [t for t in self.under_way if wire in t.wires]
        self.under_way = [t for t in self.under_way if t not in gone]
        self._plan()
        for transfer in gone:
            transfer.lost()

    def _end(self) -> None:
        self._next = None
        self._flow(self._agenda.now)
        over = [t for t in self.under_way if t.left <= 0 and t.not_before <= self._agenda.now]
        assert over
        self.under_way = [t for t in self.under_way if t not in over]
        self._plan()
        for transfer in over:
            transfer.sent()

    def _plan(self) -> None:
        """Enter the next end of a transfer on the agenda."""
        self._agenda.strike(self._next)
        at, now = self._next_end(), self._agenda.now
        keeps_going = any(
            t.keeps_going and (t.left <= 0 or not any(is_over(w.rate, now) for w in t.wires)) for t in self.under_way
        )
        self._next = (
            None if at is None else self._agenda.enter(at, COMPLETION, -1, 0, act=self._end, keeps_going=keeps_going)
        )

    def _rates(self, at: int) -> list[Fraction]:
        return shares([[(self._channel_of(w), w.rate.at(at)) for w in t.wires] for t in self.under_way])

    def _change(self, at: int) -> int | float:
        return min((w.rate.next_change(at) for t in self.under_way for w in t.wires), default=NEVER)

    def _flow(self, now: int) -> None:
        while self._since < now:
            to = min(now, self._change(self._since))
            for transfer, rate in zip(self.under_way, self._rates(self._since), strict=True):
                transfer.left -= rate * (to - self._since)
            self._since = to

    def _next_end(self) -> int | None:
        """Return the ceil of the exact instant at which the next transfer ends if nothing comes in between."""
        at, left, idle = self._since, [t.left for t in self.under_way], 0
        held_until = min((max(at, t.not_before) for t in self.under_way if t.left <= 0), default=NEVER)
        moving = [i for i, t in enumerate(self.under_way) if t.left > 0]
        while idle < ROUNDS and not all(any(is_over(w.rate, at) for w in self.under_way[i].wires) for i in moving):
            rates, change = self._rates(at), self._change(at)
            ends = [at + ceil(left[i] / rates[i]) for i in moving if rates[i] > 0]
            if ends and min(ends) <= min(change, held_until):
                return min(ends)
            if held_until <= change:
                break
            idle = 0 if ends else idle + 1
            left = [rest - rate * (change - at) for rest, rate in zip(left, rates, strict=True)]
            at = change
        return None if held_until == NEVER else held_until
