"""One direction of a link: FIFO serialisation, then propagation, by arithmetic."""

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
    """A link that knows when it will be free: one event a message, that of its arrival.

    Messages are sent whole, one after another, in the order in which they are handed over; the
    link is busy while it serialises, not while the bits propagate.
    """

    def __init__(self, clock: Clock, number: int, plan: LinkPlan, inbox: Inbox) -> None:
        self.clock = clock
        self.plan = plan
        self.delay_ns = plan.delay_ns
        self.key = rules.link_key(number)
        self.inbox = (inbox,)
        self.free_ns = 0
        self.messages = 0
        self.bytes = [0] * len(rules.KINDS)
        self._sent_ns = 0  # serialisation of all that was accepted
        self.queue_max = 0
        self._waiting: deque[int] = deque()  # when each message that waits will start
        self._transmission_ns: dict[int, int] = {}

    def carry(self, message: Message) -> None:
        """Queue *message*; it happens at the other end when its last bit is there."""
        now = self.clock.now
        flow, size = message.flow, message.size_bytes
        duration = self._transmission_ns.get(size)
        if duration is None:
            duration = self._transmission_ns[size] = rules.transmission_ns(size, self.plan.rate_bps)
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

    def busy_ns(self) -> int:
        """Return how long the link has been serialising until now."""
        # What reaches beyond now is one spell without a gap: first come, first served.
        return self._sent_ns - max(0, self.free_ns - self.clock.now)

    def _wait(self, now: int, start: int) -> None:
        """Note that a message which came at *now* waits until *start*."""
        waiting = self._waiting
        while waiting and waiting[0] <= now:
            waiting.popleft()
        waiting.append(start)
        self.queue_max = max(self.queue_max, len(waiting))
