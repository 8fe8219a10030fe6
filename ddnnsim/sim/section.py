"""A section at work: it senses or gathers, computes, and holds its features until it is told to send them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ddnnsim.sim import rules

if TYPE_CHECKING:
    from ddnnsim.deployment import Section as SectionPlan
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.request import Request


class Section:
    """The layers that one node runs in one job: merge of features, blocks, scores, and an exit on the spot."""

    def __init__(self, entity: int, plan: SectionPlan, processor: Processor, children: int) -> None:
        self.entity = entity
        self.own_view = 0 if plan.view is None else 1 << plan.view
        self.children = children
        """The sections whose features, or raw views, it expects, as a bit mask."""
        self.processor = processor
        self.service_ns = plan.service_ns
        self.key = rules.key(rules.COMPLETION, entity=entity)
        self.conclude: Callable[[Request, int], None]
        """What its job ends in: a summary, the decision of an exit that is part of the job, or the features."""
        self.send_features: Callable[[Request, int], None]
        """What an order to escalate sets off; there are no orders on the top level."""

    def capture(self, request: Request) -> None:
        """Sense the view of *request* and queue the work on it."""
        request.views[self.entity] = self.own_view
        self.processor.submit(request, self)

    def gather(self, message: Message) -> None:
        """Take features or a raw view from below; with the last that is expected the work is queued."""
        request, entity = message.request, self.entity
        request.views[entity] |= message.views
        arrived = request.arrived[entity] = request.arrived[entity] | message.flow.sender
        if arrived == self.children:
            self.processor.submit(request, self)

    def finish(self, request: Request) -> None:
        """Give the scores to the exit, where there is one; the features are then kept until they are asked for."""
        self.conclude(request, request.views[self.entity])

    def escalate(self, order: Message) -> None:
        """Send the features up: the exit was not confident."""
        request = order.request
        self.send_features(request, request.views[self.entity])
