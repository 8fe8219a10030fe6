"""Links under fair sharing: those that follow one another on a way are taken together, as by a fluid."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from ddnnsim.sim.shaped import Shape, ShapedLink

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.fluid import Fluid
    from ddnnsim.sim.message import Message


class FairLink(ShapedLink):
    """A link that all its transfers use at once; who carries messages over it is a stretch."""

    def __init__(self, shape: Shape, channel: int) -> None:
        super().__init__(shape)
        self.channel = channel
        self.likeness: object = (channel, shape.plan.rates or shape.plan.rate_bps)
        """The same for links that have the same share of the same channel at every instant."""
        self._transfers = 0
        self._busy_ns = 0  # ends less starts of the spells in which there were transfers

    def busy_ns(self) -> int:
        """Return how long there have been transfers until now."""
        return self._busy_ns + (self.clock.now if self._transfers else 0)

    def queue_max(self) -> int:
        """Return how many have waited: none."""
        return 0

    def waiting(self) -> int:
        """Return how many messages wait: none."""
        return 0

    def serving(self) -> int:
        """Return how many messages are being sent."""
        return self._transfers

    def join(self, message: Message, size_bytes: int) -> None:
        """Let the transfer of *message*, of *size_bytes* with headers, be under way, too."""
        if not self._transfers:
            self._busy_ns -= self.clock.now
        self._transfers += 1

    def leave(self, message: Message) -> None:
        """Let the transfer of *message* be under way no more."""
        self._transfers -= 1
        if not self._transfers:
            self._busy_ns += self.clock.now

    def forsake(self, message: Message) -> None:
        """Let the transfer of *message*, which the failure of a link has cut short, be under way no more."""
        self.leave(message)


class Transfer:
    """A message on a stretch of fair links."""

    def __init__(self, stretch: Stretch, message: Message) -> None:
        links = stretch.links
        self.stretch = stretch
        self.message = message
        self.late_ns = [next(link.jitter) for link in links]
        lost = [next(link.fortunes).lost for link in links]
        self.loser = next((link for link, loses in zip(links, lost, strict=True) if loses), None)
        """The first link that loses it."""


class Stretch:
    """Fair links that follow one another on a way."""

    def __init__(self, clock: Clock, links: Sequence[FairLink], fluid: Fluid) -> None:
        self.clock = clock
        self.links = tuple(links)
        self.fluid = fluid
        self.kind = fluid.kind(links)
        self.key = links[-1].key
        paid = any(link.receiver is not None for link in links)
        self._arrivals = (self._receive, *links[-1].inbox) if paid else links[-1].inbox

    def carry(self, message: Message) -> None:
        """Let *message* be under way on all links at once."""
        message.hop += 1
        header = self.links[0].header_of(message.size_bytes)
        size = message.size_bytes + header
        transfer = self.transfer(message)
        for link in self.links:
            link.count(message, header, 0)
            link.join(message, size)
        self.start(transfer, size)
        for link in self.links:
            link.sent(size)

    def start(self, transfer: Transfer, size_bytes: int) -> None:
        """Let *transfer*, of *size_bytes* with headers, be under way."""
        if size_bytes:
            self.fluid.join(transfer, size_bytes)
        else:
            self.propagate(transfer)

    def transfer(self, message: Message) -> Transfer:
        """Return *message* as a transfer."""
        return Transfer(self, message)

    def propagate(self, transfer: Transfer) -> None:
        """Let *transfer*, which has been sent, arrive at the end, or be known to be lost then."""
        now, message = self.clock.now, transfer.message
        delays = [link.delay.at(now) + late for link, late in zip(self.links, transfer.late_ns, strict=True)]
        for link in self.links:
            link.leave(message)
        happens = self._arrivals if transfer.loser is None else (transfer.loser.lose,)
        self.clock.arrange(message, happens, message.request.key + message.flow.key + self.key, sum(delays))
        self.note(transfer, list(accumulate(delays, initial=now))[1:])

    def note(self, transfer: Transfer, arrivals_ns: Sequence[int]) -> None:
        """Take no note of when *transfer*, sent by now, is at the end of each link."""

    def _receive(self, message: Message) -> None:
        """Let all receivers pay for *message* before it is dealt with."""
        size = message.size_bytes + self.links[0].header_of(message.size_bytes)
        for link in self.links:
            if link.receiver is not None:
                link.receiver.received(size)
