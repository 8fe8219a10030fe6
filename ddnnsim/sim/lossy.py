"""A plain link but for its losses: still one event a message, and hardly more work than a plain one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.sim.link import PlainLink
from ddnnsim.sim.loss import fortunes

if TYPE_CHECKING:
    from ddnnsim.deployment import Link as LinkPlan
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.message import Message


class LossyLink(PlainLink):
    """A plain link that loses messages, and may send each several times."""

    def __init__(self, clock: Clock, number: int, plan: LinkPlan, inbox: Inbox, seed: int) -> None:
        super().__init__(clock, number, plan, inbox)
        self._fortunes = fortunes(plan, seed)
        self._losses = (self.lose,)

    def carry(self, message: Message) -> None:
        """Queue *message*; at the other end it happens, or is known to be lost, when its last bit is there."""
        now = self.clock.now
        flow, size = message.flow, message.size_bytes
        attempts, lost = next(self._fortunes)
        duration = self._transmission_ns.get(size)
        if duration is None:
            duration = self._attempt_ns(size)
        if attempts > 1:
            duration *= attempts
            self.resent_bytes += (attempts - 1) * size
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
        self.clock.arrange(message, self._losses if lost else self.inbox, key, end + self.delay_ns - now)
