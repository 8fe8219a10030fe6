"""Links under fair sharing that fail at times: transfers are lost with the first of their links that fails."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ddnnsim.sim import rules
from ddnnsim.sim.fair import FairLink, Stretch, Transfer
from ddnnsim.sim.happening import Happening
from ddnnsim.sim.rules import NEVER
from ddnnsim.sim.shaped import Shape

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.fluid import Fluid
    from ddnnsim.sim.message import Message


class FrailFairLink(FairLink):
    """A link that fails: its transfers, which their stretches know, are then lost, or stand still."""

    def __init__(self, shape: Shape, channel: int) -> None:
        super().__init__(shape, channel)
        assert shape.frailty is not None
        self.likeness = shape.number
        self.hold = shape.frailty.wear.still
        self.downtime = shape.frailty.downtime

    def down_ns(self, end_ns: int) -> int:
        """Return how long it has been down at *end_ns*."""
        return self.hold.held_ns(end_ns)


class Rising(Happening):
    """The instant at which no link stands still in the way of a transfer of no bits."""

    def __init__(self, transfer: Transfer) -> None:
        self.transfer = transfer


class FrailStretch(Stretch):
    """Fair links, of which some fail, that follow one another on a way."""

    def __init__(self, clock: Clock, links: Sequence[FairLink], fluid: Fluid) -> None:
        super().__init__(clock, links, fluid)
        self._frail = [link for link in links if isinstance(link, FrailFairLink)]
        self._under_way: dict[Transfer, Rising | None] = {}
        for link in self._frail:
            link.downtime.when_lost.append(partial(self._fail, link))

    def carry(self, message: Message) -> None:
        """Let *message* be under way on all links at once, or be dropped by the first that is down."""
        down = next((link for link in self._frail if link.downtime.loses), None)
        if down is None:
            super().carry(message)
        else:
            message.hop += down is not self.links[0]  # else it never was on its way
            down.drop(message, message.request.key + message.flow.key + self.key)

    def start(self, transfer: Transfer, size_bytes: int) -> None:
        """Let *transfer*, of *size_bytes* with headers, be under way."""
        now = self.clock.now
        self._under_way[transfer] = None
        free_ns = now if size_bytes else self._free_ns(now)
        if free_ns == now:
            super().start(transfer, size_bytes)
        elif free_ns != NEVER:
            rising = self._under_way[transfer] = Rising(transfer)
            self.clock.arrange(rising, (self._rise,), rules.key(rules.COMPLETION), free_ns - now)

    def propagate(self, transfer: Transfer) -> None:
        """Let *transfer*, which has been sent, arrive at the end, or be known to be lost then."""
        del self._under_way[transfer]
        super().propagate(transfer)

    def note_failed(self, transfer: Transfer) -> None:
        """Take no note that *transfer* is lost now, with one of its links."""

    def _free_ns(self, at_ns: int) -> int:
        """Return the first instant from *at_ns* on at which no link stands still, or NEVER."""
        while (free_ns := max(link.hold.free_ns(at_ns) for link in self._frail)) != at_ns:
            at_ns = free_ns
        return at_ns

    def _rise(self, rising: Rising) -> None:
        self.propagate(rising.transfer)

    def _fail(self, broken: FrailFairLink) -> None:
        """Lose all that is under way with the link that is *broken*."""
        lost, self._under_way = self._under_way, {}
        self.clock.withdraw(*(rising for rising in lost.values() if rising is not None))
        self.fluid.withdraw(lost)
        for transfer in lost:
            message = transfer.message
            for link in self.links:
                link.forsake(message)
            self.clock.arrange(message, (broken.lose,), message.request.key + message.flow.key + self.key, 0)
            self.note_failed(transfer)
