"""Transfers in fair shares: what is under way at once in channels that have to do with each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from heapq import heapify, heappop, heappush
from itertools import islice
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening
from ddnnsim.sim.hold import PATIENCE
from ddnnsim.sim.rules import NEVER, NS_PER_S
from ddnnsim.sim.sharing import Demand, fair_shares

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.fair import FairLink, Stretch, Transfer


_LONG = 2**256  # a denominator that makes arithmetic slow


class Current:
    """The transfers under way whose links are alike: they have the same rate, and are sent in order of size."""

    def __init__(self, stretch: Stretch) -> None:
        self.links = stretch.links
        self.rates = [link.rate for link in stretch.links]
        self.stops = any(rate.stops for rate in self.rates)
        """Whether there is a time from which on nothing is sent."""
        known = all(rate.settled_ns != NEVER for rate in self.rates)
        self.lasts = known and not self.stops and sum(rate.pauses for rate in self.rates) <= 1
        """Whether it is sure that all will be sent: links that pause by turns may never be on at the same time."""
        self.served = Fraction(0)
        """What a transfer that was there from some instant on has been sent since, in bit/s * ns."""
        self._due: list[tuple[Fraction, int, Transfer]] = []  # a heap, by what will have been served at the end
        self._joined = 0

    def __len__(self) -> int:
        return len(self._due)

    def is_idle(self) -> bool:
        """Tell whether none of its transfers keeps a run going."""
        return all(transfer.message.idle for _, _, transfer in self._due)

    def join(self, transfer: Transfer, size_bytes: int) -> None:
        """Let *transfer*, of *size_bytes* with headers, be under way."""
        heappush(self._due, (self.served + 8 * NS_PER_S * size_bytes, self._joined, transfer))
        self._joined += 1

    def leave(self) -> Iterator[Transfer]:
        """Yield the transfers that have been sent; they are not under way any more."""
        while self._due and self._due[0][0] <= self.served:
            yield heappop(self._due)[2]
        if self.served.denominator > _LONG:
            # What those have seen who are gone does not matter any more: count from now on.
            self._due = [(due - self.served, number, transfer) for due, number, transfer in self._due]
            self.served = Fraction(0)

    def withdraw(self, gone: Collection[Transfer]) -> None:
        """Let those of its transfers that are *gone* be under way no more."""
        self._due = [due for due in self._due if due[2] not in gone]
        heapify(self._due)

    def end_ns(self, at_ns: int, served: Fraction, share: Fraction) -> int:
        """Return when the next transfer has been sent if at *at_ns* *served* is, and the rate stays at *share*."""
        return at_ns - (served - self._due[0][0]) // share if share else NEVER

    def demand(self, at_ns: int) -> Demand:
        """Return what its transfers ask for at *at_ns*."""
        return Demand(len(self), tuple((link.channel, link.rate.at(at_ns)) for link in self.links))


class Period(NamedTuple):
    """A time in which no share changes."""

    start_ns: int
    end_ns: int
    shares: tuple[Fraction, ...]
    """In the order of the currents."""


class Fluid:
    """The currents of some channels; of all that will happen to them only what is next is arranged.

    That is the end of the transfer that is sent next, or before it a change of the rates: where some transfer is sure
    to be sent later, for a change that nothing follows must not prolong a run. Where none is, it looks ahead, period
    by period, to the next end. Should another transfer join before, what was arranged is withdrawn, and it looks anew.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._at_ns = 0
        self._kinds: dict[object, int] = {}
        self._currents: dict[int, Current] = {}
        self._periods: list[Period] = []
        self._end: Happening | None = None
        self._end_ns = NEVER

    def kind(self, links: Sequence[FairLink]) -> int:
        """Return the kind of *links*: the same for those of the same channels and rates, such as a cell's stations."""
        alike = tuple(link.likeness for link in links)
        return self._kinds.setdefault(alike, len(self._kinds))

    def join(self, transfer: Transfer, size_bytes: int) -> None:
        """Let *transfer*, of *size_bytes* with headers, be under way from now on."""
        self._advance()
        stretch = transfer.stretch
        if stretch.kind not in self._currents:
            self._currents[stretch.kind] = Current(stretch)
        self._currents[stretch.kind].join(transfer, size_bytes)
        self._look_ahead()

    def withdraw(self, gone: Collection[Transfer]) -> None:
        """Let transfers that are *gone* be under way no more, from now on."""
        self._advance()
        for current in self._currents.values():
            current.withdraw(gone)
        self._currents = {kind: current for kind, current in self._currents.items() if len(current)}
        self._look_ahead()

    def _advance(self) -> None:
        """Let the time since the last change take effect."""
        now = self.clock.now
        for start_ns, end_ns, shares in self._periods:
            flown_ns = min(now, end_ns) - max(self._at_ns, start_ns)
            if flown_ns > 0:
                for current, share in zip(self._currents.values(), shares, strict=True):
                    current.served += share * flown_ns
        self._at_ns = now

    def _look_ahead(self) -> None:
        """Arrange what is next."""
        ahead = self._until_the_next_end()
        lasts = any(current.lasts for current in self._currents.values())
        self._periods = list(islice(ahead, 1) if lasts else ahead)
        end_ns, idle = self._periods[-1].end_ns if self._periods else NEVER, self._is_idle()
        if end_ns == self._end_ns and (self._end is None or self._end.idle == idle):
            return
        if self._end is not None:
            self.clock.withdraw(self._end)
            self._end = None
        self._end_ns = end_ns
        if end_ns != NEVER:
            self._end = Happening(self.clock)
            self._end.idle = idle
            # All that have been sent by then go in one place, the first: among completions no order has any effect.
            self.clock.arrange(self._end, (self._sent,), rules.key(rules.COMPLETION), end_ns - self.clock.now)

    def _is_idle(self) -> bool:
        """Tell whether nothing that keeps a run going is sure to be sent, or sent of, in the periods ahead."""
        return all(
            current.is_idle() or not (current.lasts or any(period.shares[number] for period in self._periods))
            for number, current in enumerate(self._currents.values())
        )

    def _until_the_next_end(self) -> Iterator[Period]:
        """Yield the periods from now on until a transfer has been sent; the last ends never where none ever is."""
        currents = list(self._currents.values())
        if not currents:
            return
        served = [current.served for current in currents]
        at_ns = self._at_ns
        hope_ns, patience = None, PATIENCE  # when it is clear that nothing will ever move again
        while True:
            shares = fair_shares(tuple(current.demand(at_ns) for current in currents))
            ahead = zip(currents, served, shares, strict=True)
            end_ns = max(at_ns, min(current.end_ns(at_ns, done, share) for current, done, share in ahead))
            rates = (rate for current in currents for rate in current.rates)
            change_ns = min(rate.next_change(at_ns, end_ns) for rate in rates)
            if any(shares):
                hope_ns, patience = None, PATIENCE
            elif hope_ns is None:
                hope_ns = self._all_seen_ns(at_ns)
            patience -= 1
            if end_ns <= change_ns or (hope_ns is not None and change_ns > hope_ns) or not patience:
                yield Period(at_ns, end_ns, shares)
                return
            yield Period(at_ns, change_ns, shares)
            served = [done + share * (change_ns - at_ns) for done, share in zip(served, shares, strict=True)]
            at_ns = change_ns

    def _all_seen_ns(self, at_ns: int) -> int:
        """Return by when, from *at_ns* on, each current has had its links in all combinations of their rates."""
        currents = self._currents.values()
        settled_ns = max(rate.settled_ns for current in currents for rate in current.rates)
        cycles_ns = [lcm(*(rate.cycle_ns for rate in current.rates)) for current in currents if not current.stops]
        return max(at_ns, settled_ns) + max(cycles_ns, default=0)

    def _sent(self, end: Happening) -> None:
        """Let all transfers go that have been sent by now, and look further."""
        self._end, self._end_ns = None, NEVER
        self._advance()
        gone = [transfer for current in self._currents.values() for transfer in current.leave()]
        self._currents = {kind: current for kind, current in self._currents.items() if len(current)}
        self._look_ahead()
        for transfer in gone:
            transfer.stretch.propagate(transfer)
