"""An exit at work: it gathers summaries, decides, and answers or tells the sections to escalate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.sim import rules

if TYPE_CHECKING:
    import simpy

    from ddnnsim.deployment import Exit as ExitPlan
    from ddnnsim.oracle import Oracle
    from ddnnsim.sim.message import Flow, Message
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.request import Request
    from ddnnsim.trace import Recorder


class Exit:
    """A classifier over the sections of its level; its decision is a job of its own, or part of a section's."""

    def __init__(
        self,
        env: simpy.Environment,
        number: int,
        entity: int,
        plan: ExitPlan,
        processor: Processor,
        oracle: Oracle,
        recorder: Recorder,
    ) -> None:
        self.env = env
        self.number = number
        self.entity = entity
        self.threshold = plan.threshold
        self.expected = sum(1 << section for section in plan.sections)
        self.processor = processor
        self.service_ns = plan.service_ns or 0
        self.key = rules.key(rules.COMPLETION, entity=entity)
        self.oracle = oracle
        self.recorder = recorder
        self.orders: list[Flow] = []
        self.reply: Flow | None = None

    def gather(self, message: Message) -> None:
        """Take a summary; with the last that is expected the decision is queued."""
        request, entity = message.request, self.entity
        request.views[entity] |= message.views
        arrived = request.arrived[entity] = request.arrived[entity] | message.flow.sender
        if arrived == self.expected:
            self.processor.submit(request, self)

    def replied(self, reply: Message) -> None:
        """Note that the answer is where it was wanted."""
        self.recorder.replied(reply.request.id, self.env.now)

    def finish(self, request: Request) -> None:
        """Decide, the summaries being merged."""
        self.decide(request, request.views[self.entity])

    def decide(self, request: Request, views: int) -> None:
        """Answer if confident, or if there is no exit above; otherwise order the features up."""
        seen = self.oracle.view_sets.id(views)
        decision = self.oracle.decide(self.number, request.sample, seen)
        if self.threshold is None or rules.confident(decision.entropy, self.threshold):
            self.recorder.answered(request.id, self.env.now, self.number, decision, seen)
            if self.reply is not None:
                self.reply.send(request, views)
        else:
            for order in self.orders:
                order.send(request, 0)
