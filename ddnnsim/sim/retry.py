"""Retries: what is lost is sent again, for a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening
from ddnnsim.sim.message import Message

if TYPE_CHECKING:
    from ddnnsim.recovery import Retries as RetriesPlan
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.message import Flow
    from ddnnsim.sim.processor import Processor

_FIRST_KIND = 8


class Retry(Happening):
    """The instant at which a message, which was lost, is sent again."""

    def __init__(self, message: Message) -> None:
        self.message = message


class Retries:
    """Of a flow that leaves the node of *sender*: who would have learnt of a loss learns of the last alone."""

    def __init__(self, clock: Clock, plan: RetriesPlan, sender: Processor, flow: Flow) -> None:
        self.clock = clock
        self.plan = plan
        self.sender = sender
        self.flow = flow
        self.give_up: Callable[[Message], None] = flow.miss
        """Told of a message that is not sent again."""
        entity = flow.sender.bit_length() - 1
        self._key = rules.key(rules.TIMEOUT, entity=entity, kind=_FIRST_KIND + flow.kind)

    def miss(self, message: Message) -> None:
        """Have *message*, which is lost, sent again when some time has passed, unless it has been often enough."""
        lost = message.sendings
        if lost == self.plan.attempts:
            self.give_up(message)
        else:
            wait_ns = round(self.plan.backoff_ns * self.plan.factor ** (lost - 1))
            self.clock.arrange(Retry(message), (self._send,), message.request.key + self._key, wait_ns)

    def _send(self, retry: Retry) -> None:
        message, flow = retry.message, self.flow
        request = message.request
        if self.sender.dead or (request.over and flow.kind != rules.REPLY):
            self.give_up(message)
        else:
            again = Message(request, flow, message.views, message.size_bytes)
            again.sendings = message.sendings + 1
            flow.put(again)
