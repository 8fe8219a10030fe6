"""One direction of a link, and the plain one: FIFO serialisation, then propagation, by arithmetic."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ddnnsim.sim import rules

if TYPE_CHECKING:
    from ddnnsim.deployment import Link as LinkPlan
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.message import Message


class Link:
    """What all links have in common: an end where messages arrive, and accounts of what was handed over."""

    header_bytes = 0
    resent_bytes = 0
    lost = 0
    dropped = 0
    dropped_bytes = 0

    def __init__(self, clock: Clock, number: int, plan: LinkPlan, inbox: Inbox) -> None:
        self.clock = clock
        self.number = number
        self.plan = plan
        self.key = rules.link_key(number)
        self.inbox = (inbox,)
        self.messages = 0
        self.bytes = [0] * len(rules.KINDS)

    def carry(self, message: Message) -> None:
        """Take *message*; it happens at the other end when its last bit is there."""
        raise NotImplementedError

    def drop(self, message: Message, key: int) -> None:
        """Drop *message*, which is known at once, in the place *key*."""
        self.dropped += 1
        self.dropped_bytes += message.size_bytes
        if not message.hop:  # it never was on its way
            message.whole.flow.take_back(message.size_bytes)
        self.clock.arrange(message, (_miss,), key, 0)

    def lose(self, message: Message) -> None:
        """Let it be known that *message* is lost here."""
        self.lost += 1
        message.flow.miss(message)

    def busy_ns(self) -> int:
        """Return how long the link has been serialising until now."""
        raise NotImplementedError

    def queue_max(self) -> int:
        """Return the most messages that have waited for some time."""
        raise NotImplementedError

    def waiting(self) -> int:
        """Return how many messages wait, when all of this instant has happened."""
        raise NotImplementedError

    def serving(self) -> int:
        """Return how many messages are being sent, when all of this instant has happened."""
        raise NotImplementedError

    def down_ns(self, end_ns: int) -> int:
        """Return how long it has been down at *end_ns*."""
        return 0


class PlainLink(Link):
    """A link that knows when it will be free: one event a message, that of its arrival.

    Messages are sent whole, one after another, in the order in which they are handed over; the
    link is busy while it serialises, not while the bits propagate.
    """

    def __init__(self, clock: Clock, number: int, plan: LinkPlan, inbox: Inbox) -> None:
        super().__init__(clock, number, plan, inbox)
        self.delay_ns = plan.delay_ns
        self.free_ns = 0
        self._queue_max = 0
        self._sent_ns = 0  # serialisation of all that was accepted
        self._waiting: deque[int] = deque()  # when each message that waits will start
        self._transmission_ns: dict[int, int] = {}

    def carry(self, message: Message) -> None:
        """Queue *message*; it happens at the other end when its last bit is there."""
        now = self.clock.now
        flow, size = message.flow, message.size_bytes
        duration = self._transmission_ns.get(size)
        if duration is None:
            duration = self._attempt_ns(size)
        start = self.free_ns
        if start > now:
            self._wait(now, start)
        else:
            start = now
        self.free_ns = end = start + duration
        self.messages += 1
        self.bytes[flow.kind] += size
        self._sent_ns += duration
        message.hop += 1
        key = message.request.key + flow.key + self.key
        self.clock.arrange(message, self.inbox, key, end + self.delay_ns - now)

    def _attempt_ns(self, size_bytes: int) -> int:
        """Return, and remember, how long *size_bytes* take."""
        duration = self._transmission_ns[size_bytes] = rules.transmission_ns(size_bytes, self.plan.rate_bps)
        return duration

    def busy_ns(self) -> int:
        """Return how long the link has been serialising until now."""
        # What reaches beyond now is one spell without a gap: first come, first served.
        return self._sent_ns - max(0, self.free_ns - self.clock.now)

    def queue_max(self) -> int:
        """Return the most messages that have waited for some time."""
        return self._queue_max

    def waiting(self) -> int:
        """Return how many messages wait, when all of this instant has happened."""
        self._forget_started(self.clock.now)
        return len(self._waiting)

    def serving(self) -> int:
        """Return how many messages are being sent, when all of this instant has happened."""
        return 1 if self.free_ns > self.clock.now else 0

    def _wait(self, now: int, start: int) -> None:
        """Note that a message which came at *now* waits until *start*."""
        self._forget_started(now)
        self._waiting.append(start)
        self._queue_max = max(self._queue_max, len(self._waiting))

    def _forget_started(self, now: int) -> None:
        waiting = self._waiting
        while waiting and waiting[0] <= now:
            waiting.popleft()


def _miss(message: Message) -> None:
    message.flow.miss(message)
