"""A section at work: it senses or gathers, computes, and holds its features until it is told to send them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ddnnsim.sim import rules
from ddnnsim.sim.failure import give_up

if TYPE_CHECKING:
    from ddnnsim.deployment import Section as SectionPlan
    from ddnnsim.sim.gather import Gather
    from ddnnsim.sim.memory import Memory
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.request import Request


class Section:
    """The layers that one node runs in one job: merge of features, blocks, scores, and an exit on the spot."""

    def __init__(self, entity: int, plan: SectionPlan, processor: Processor, services: Iterator[int] | None) -> None:
        self.entity = entity
        self.own_view = 0 if plan.view is None else 1 << plan.view
        self.gather: Gather
        """Of features, or raw views."""
        self.processor = processor
        self.service_ns = plan.service_ns
        self.services = services
        self.key = rules.key(rules.COMPLETION, entity=entity)
        self.conclude: Callable[[Request, int], None]
        """What its job ends in: a summary, the decision of an exit that is part of the job, or the features."""
        self.send_features: Callable[[Request, int], None]
        """What an order to escalate sets off; there are no orders on the top level."""
        self.parent: Section | None = None
        self.forgo: Callable[[Request, int], None]
        """Told of a request that this section, given as a bit, never computes: its exit's, or else its parent's."""

    def capture(self, request: Request) -> None:
        """Sense the view of *request* and queue the work on it."""
        request.views[self.entity] = self.own_view
        self.processor.submit(request, self)

    def begin(self, request: Request) -> None:
        """Queue the work on what was gathered of *request*, if it has a view."""
        if request.views[self.entity]:
            self.processor.submit(request, self)
        else:
            give_up(self.processor.clock, request, self)

    def finish(self, request: Request) -> None:
        """Give the scores to the exit, where there is one; the features are then kept until they are asked for."""
        self.conclude(request, request.views[self.entity])

    def fail(self, request: Request) -> None:
        """Let it be known that there never will be scores or features of *request*."""
        request.views[self.entity] = 0
        self.forgo(request, 1 << self.entity)

    def has_features(self, request: Request) -> bool:
        """Tell whether features of *request*, which the exit has dealt with, are here to be sent up."""
        return request.views[self.entity] != 0 and not self.processor.dead

    def escalate(self, order: Message) -> None:
        """Send the features up: the exit was not confident."""
        request = order.request
        self.send_features(request, request.views[self.entity])

    def withhold(self, request: Request) -> None:
        """Let it be known above that there are no features of *request* to send up."""
        assert self.parent is not None
        self.parent.gather.go_without(request, 1 << self.entity)


class KeepingSection(Section):
    """A section whose features wait in a memory of limited size."""

    memory: Memory
    features_bytes: int

    def finish(self, request: Request) -> None:
        """Keep the features, where there is room, and give the scores to the exit."""
        self.memory.keep(request, self.entity, self.features_bytes)
        super().finish(request)

    def has_features(self, request: Request) -> bool:
        """Tell whether features of *request* were kept and still are."""
        return super().has_features(request) and self.memory.holds(request, self.entity)

    def escalate(self, order: Message) -> None:
        """Send the features up, if they still are here."""
        if self.memory.holds(order.request, self.entity):
            self.memory.hand_over(order.request, self.entity)
            super().escalate(order)
        else:  # the request has got its answer since
            self.withhold(order.request)
