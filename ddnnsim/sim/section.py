"""A section at work: it senses or gathers, computes, and holds its features until it is told to send them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.sim import rules

if TYPE_CHECKING:
    from ddnnsim.deployment import Section as SectionPlan
    from ddnnsim.sim.exit import Exit
    from ddnnsim.sim.message import Flow, Message
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.request import Request


class Section:
    """The layers that one node runs: features merge, blocks, scores, and an exit that is on the spot, in one job."""

    def __init__(self, number: int, plan: SectionPlan, processor: Processor, children: int) -> None:
        self.number = number
        self.bit = 1 << number
        self.own_view = 0 if plan.view is None else 1 << plan.view
        self.children = children
        """The sections whose features it expects, as a bit mask."""
        self.processor = processor
        self.service_ns = plan.service_ns
        self.key = rules.key(rules.COMPLETION, entity=number)
        self.exit: Exit | None = None
        """The exit that is part of its job, if one is."""
        self.summary: Flow | None = None
        self.features: Flow | None = None

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
        """Answer on the spot, or send the summary to the exit and keep the features."""
        views = request.views[self.number]
        if self.exit is not None:
            self.exit.decide(request, views)
        else:
            self.summary.send(request, views)

    def sent_bytes(self) -> int:
        """Return the payload that this section has put on its first hop: c of eq. (1), ICDCS 2017, sec. III-E."""
        flows = [flow for flow in (self.summary, self.features) if flow is not None and flow.links]
        return sum(flow.messages * flow.size_bytes for flow in flows)

    def escalate(self, order: Message) -> None:
        """Send the features up: the exit was not confident."""
        request = order.request
        self.features.send(request, request.views[self.number])
