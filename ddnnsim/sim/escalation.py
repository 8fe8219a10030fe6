"""The orders to escalate, of one exit or of a coordinator for all of its exits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ddnnsim.sim.message import Flow
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.request import Request
    from ddnnsim.sim.section import Section


class Escalation:
    """Who has features is asked for them; where there are none, whoever waits for them is told."""

    def __init__(self, processor: Processor, orders: Sequence[tuple[Section, Flow]]) -> None:
        self.processor = processor
        """That of the node that the orders leave."""
        self.orders = orders
        """By section, the flow of orders to it."""

    def order(self, request: Request, views: int) -> None:
        """Have the features of *request* sent up, unless it is over; *views* are behind the decision to do so."""
        if request.over:
            return
        for section, flow in self.orders:
            if section.has_features(request) and not self.processor.dead:
                flow.send(request, views)
            else:
                section.withhold(request)
