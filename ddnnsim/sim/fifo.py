"""A link of any shape on a FIFO channel: still arithmetic, and one event a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.sim.channel import Transmission
from ddnnsim.sim.rules import NEVER
from ddnnsim.sim.shaped import Load, Shape, ShapedLink
from ddnnsim.trace import DELIVERED, GONE

if TYPE_CHECKING:
    from ddnnsim.sim.channel import Channel
    from ddnnsim.sim.loss import Fortune
    from ddnnsim.sim.message import Message


class FifoLink(ShapedLink):
    """A link whose messages take their turn in a channel, which may be that of other links, too."""

    failed_ns = -1
    """When it lost all that it had for the last time; -1: not yet."""

    def __init__(self, shape: Shape, channel: Channel) -> None:
        super().__init__(shape)
        self.channel = channel
        self._arrivals = self.inbox if shape.receiver is None else (self._receive, *self.inbox)
        self._losses = (self.lose,)
        self._sent_ns = 0  # serialisation of all that was accepted
        self._last_ns = 0  # the last arrival
        self._delay_ns = self.plan.delay_ns if self.plan.delays is None else None  # where nothing is wrong with it

    def carry(self, message: Message) -> None:
        """Queue *message*, or drop it; what becomes of it happens at the other end."""
        load, channel = self.load(message.size_bytes), self.channel
        now = self.clock.now
        key = message.request.key + message.flow.key + self.key
        if channel.limited and not channel.has_place(now, load.size_bytes):
            self.drop(message, key)
            return
        fortune = next(self.fortunes)
        start = max(now, channel.free_ns)
        end = self._end_ns(start, load, fortune.attempts)
        self._go(message, key, load, fortune, start, end, self._arrival_ns(end, next(self.jitter)))

    def _go(
        self, message: Message, key: int, load: Load, fortune: Fortune, start_ns: int, end_ns: int, arrival_ns: int
    ) -> None:
        """Let *message* be sent from *start_ns* to *end_ns*, and happen in the place *key* at the other end."""
        now, (attempts, lost) = self.clock.now, fortune
        self.channel.occupy(now, Transmission(self.number, start_ns, end_ns, load.size_bytes))
        self._sent_ns += end_ns - start_ns
        self.count(message, load.header_bytes, (attempts - 1) * load.size_bytes)
        self.note(message, start_ns, end_ns, arrival_ns, attempts, GONE if lost else DELIVERED)
        if not lost:
            self._last_ns = arrival_ns
        if arrival_ns != NEVER:
            message.hop += 1
            self.clock.arrange(message, self._losses if lost else self._arrivals, key, arrival_ns - now)
        self.sent(attempts * load.size_bytes)

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

    def _end_ns(self, start_ns: int, load: Load, attempts: int) -> int:
        """Return when the last of *attempts* at *load*, one after another, ends."""
        if load.attempt_ns is not None:
            return NEVER if start_ns == NEVER else start_ns + attempts * load.attempt_ns
        return self._uneven_end_ns(start_ns, load, attempts)

    def _uneven_end_ns(self, start_ns: int, load: Load, attempts: int) -> int:
        """Return the same where the rate is not always one."""
        end_ns = start_ns
        for _ in range(attempts):
            end_ns = self.rate.end_ns(end_ns, load.size_bytes)
            if end_ns == NEVER:
                return NEVER
            end_ns += load.packets * self.plan.overhead_ns
        return end_ns

    def _arrival_ns(self, end_ns: int, late_ns: int) -> int:
        """Return when what is serialised at *end_ns* arrives, in order, if it may be late by *late_ns*."""
        if self._delay_ns is not None and end_ns != NEVER:
            return max(self._last_ns, end_ns + self._delay_ns + late_ns)
        return self._uneven_arrival_ns(end_ns, late_ns)

    def _uneven_arrival_ns(self, end_ns: int, late_ns: int) -> int:
        """Return the same where the delay is not always one."""
        return NEVER if end_ns == NEVER else max(self._last_ns, end_ns + self.delay.at(end_ns) + late_ns)

    def _receive(self, message: Message) -> None:
        """Let the receiver pay for *message* before it deals with it."""
        assert self.receiver is not None
        self.receiver.received(message.size_bytes + self.header_of(message.size_bytes))
