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

    def __init__(self, number: int, plan: SectionPlan, processor: Processor, children: int) -> None:
        self.number = number
        self.bit = 1 << number
        self.own_view = 0 if plan.view is None else 1 << plan.view
        self.children = children
        """The sections whose features it expects, as a bit mask."""
        self.processor = processor
        self.service_ns = plan.service_ns
        self.key = rules.key(rules.COMPLETION, entity=number)
        self.give_scores: Callable[[Request, int], None]
        """What becomes of the scores: a summary is sent, or an exit that is part of the job decides."""
        self.send_features: Callable[[Request, int], None]
        """What an order to escalate sets off; there are no orders on the top level."""

    def capture(self, request: Request) -> None:
        """Sense the view of *request* and queue the work on it."""
        request.views[self.number] = self.own_view
        self.processor.submit(request, self)

    def gather(self, message: Message) -> None:
        """Take features from below; with the last that is expected the work is queued."""
        request, number = message.request, self.number
        request.views[number] |= message.views
        arrived = request.arrived[number] = request.arrived[number] | message.flow.sender
        if arrived == self.children:
            self.processor.submit(request, self)

    def finish(self, request: Request) -> None:
        """Give the scores to the exit; the features are kept until they are asked for."""
        self.give_scores(request, request.views[self.number])

    def escalate(self, order: Message) -> None:
        """Send the features up: the exit was not confident."""
        request = order.request
        self.send_features(request, request.views[self.number])
