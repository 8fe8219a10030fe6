"""A link of any shape on a FIFO channel: still arithmetic, and one event a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.sim.channel import Transmission
from ddnnsim.sim.rules import NEVER
from ddnnsim.sim.shaped import Shape, ShapedLink
from ddnnsim.trace import DELIVERED, GONE

if TYPE_CHECKING:
    from ddnnsim.sim.channel import Channel
    from ddnnsim.sim.message import Message


class FifoLink(ShapedLink):
    """A link whose messages take their turn in a channel, which may be that of other links, too."""

    def __init__(self, shape: Shape, channel: Channel) -> None:
        super().__init__(shape)
        self.channel = channel
        self._arrivals = self.inbox if shape.receiver is None else (self._receive, *self.inbox)
        self._losses = (self.lose,)
        self._sent_ns = 0  # serialisation of all that was accepted
        self._last_ns = 0  # the last arrival

    def carry(self, message: Message) -> None:
        """Queue *message*, or drop it; what becomes of it happens at the other end."""
        clock, channel = self.clock, self.channel
        now = clock.now
        packets = self.packets_of(message.size_bytes)
        header = packets * self.plan.header_bytes
        size = message.size_bytes + header
        key = message.request.key + message.flow.key + self.key
        if not channel.has_place(now, size):
            self.drop(message, key)
            return
        attempts, lost = next(self.fortunes)
        start = end = max(now, channel.free_ns)
        for _ in range(attempts):
            end = self._attempt_end_ns(end, size, packets)
        arrival = self._arrival_ns(end, next(self.jitter))
        channel.occupy(now, Transmission(self.number, start, end, size))
        self._sent_ns += end - start
        self.count(message, header, (attempts - 1) * size)
        self.note(message, start, end, arrival, attempts, GONE if lost else DELIVERED)
        if not lost:
            self._last_ns = arrival
        if arrival != NEVER:
            message.hop += 1
            clock.arrange(message, self._losses if lost else self._arrivals, key, arrival - now)
        self.sent(attempts * size)

    def queue_max(self) -> int:
        """Return the most messages that have waited for the channel."""
        return self.channel.queue_max

    def busy_ns(self) -> int:
        """Return how long the link has been serialising until now."""
        return self._sent_ns - self.channel.ahead_ns(self.number, self.clock.now)

    def waiting(self) -> int:
        """Return how many messages wait, when all of this instant has happened."""
        return self.channel.waiting(self.number, self.clock.now)

    def serving(self) -> int:
        """Return how many messages are being sent, when all of this instant has happened."""
        return self.channel.serving(self.number, self.clock.now)

    def _attempt_end_ns(self, start_ns: int, size_bytes: int, packets: int) -> int:
        """Return when an attempt at *size_bytes*, with headers, ends: its bits, then what *packets* take more."""
        end_ns = self.rate.end_ns(start_ns, size_bytes)
        return NEVER if end_ns == NEVER else end_ns + packets * self.plan.overhead_ns

    def _arrival_ns(self, end_ns: int, late_ns: int) -> int:
        """Return when what is serialised at *end_ns* arrives, in order, if it may be late by *late_ns*."""
        return NEVER if end_ns == NEVER else max(self._last_ns, end_ns + self.delay.at(end_ns) + late_ns)

    def _receive(self, message: Message) -> None:
        """Let the receiver pay for *message* before it deals with it."""
        assert self.receiver is not None
        self.receiver.received(message.size_bytes + self.header_of(message.size_bytes))
