"""A link that is plain, perhaps but for losses, as long as it does not fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.sim.lossy import LossyLink
from ddnnsim.sim.rules import NEVER

if TYPE_CHECKING:
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.shaped import Shape


class BrittleLink(LossyLink):
    """A link that loses all that it has when it fails, and drops what it is given while it is down.

    As its failures are known in advance, what they cut is known at the hand-over; whoever waits behind it is lost with
    it, and never sent.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape.clock, shape.number, shape.plan, shape.inbox, shape.seed)
        assert shape.frailty is not None
        self._wear, self._downtime = shape.frailty
        self._downtime.when_lost.append(self._fail)
        self._failed_ns = -1  # when all was lost for the last time
        self._most = shape.plan.attempts
        self._cut_ns = -1  # the failure that cuts what was handed over last

    def carry(self, message: Message) -> None:
        """Queue *message*, or drop it; what becomes of it happens at the other end."""
        now, size, wear = self.clock.now, message.size_bytes, self._wear
        # Each attempt of what is quick enough is over before anything fails; the others are looked at one by one.
        duration = self._transmission_ns.get(size)
        if duration is None:
            duration = self._attempt_ns(size)
        over_ns = (self.free_ns if self.free_ns > now else now) + duration * self._most
        if wear.quiet_from_ns <= now and over_ns < wear.quiet_until_ns:
            super().carry(message)
        elif self._downtime.loses:
            self.drop(message, message.request.key + message.flow.key + self.key)
        elif wear.quiet(now, over_ns + 1):
            super().carry(message)
        else:
            self._carry_on(message)

    def down_ns(self, end_ns: int) -> int:
        """Return how long it has been down at *end_ns*."""
        return self._wear.still.held_ns(end_ns)

    def _carry_on(self, message: Message) -> None:
        """Queue *message*, which a failure may cut."""
        now, size = self.clock.now, message.size_bytes
        attempts, lost = next(self._fortunes)
        start = max(now, self.free_ns)
        end = start + attempts * self._attempt_ns(size)
        is_behind = start == self._cut_ns
        cut = self._wear.still.next_loss(now + (self._failed_ns == now), max(end, start + is_behind))
        if start > now or is_behind:  # behind what is cut it waits for the failure, be it still to come at this instant
            self._wait(now, start + is_behind)
        self.messages += 1
        self.bytes[message.flow.kind] += size
        self.resent_bytes += (attempts - 1) * size
        key = message.request.key + message.flow.key + self.key
        if cut == NEVER:
            self.free_ns, known = end, end + self.delay_ns
            message.hop += 1
        else:
            self.free_ns = self._cut_ns = known = cut
        self._sent_ns += self.free_ns - start
        happens = self.inbox if cut == NEVER and not lost else self._losses
        self.clock.arrange(message, happens, key, known - now)

    def _fail(self) -> None:
        self._failed_ns = self.clock.now
        self._waiting.clear()
