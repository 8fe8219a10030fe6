"""A coordinator at work: the verdicts of the exits of one level meet here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.request import Request


class Coordinator:
    """It has the features sent up when none of its exits is confident."""

    def __init__(self, entity: int, exits: int) -> None:
        self.entity = entity
        self.exits = exits
        """Whose verdicts it expects, as a bit mask."""
        self.orders: list[Callable[[Request, int], None]] = []

    def hear_yes(self, verdict: Message) -> None:
        """Take the verdict of an exit that is confident: it has answered, and nothing is left to do."""

    def hear_no(self, verdict: Message) -> None:
        """Take the verdict of an exit that is not confident; with the last of them the features are asked for."""
        request, entity = verdict.request, self.entity
        request.views[entity] |= verdict.views
        arrived = request.arrived[entity] = request.arrived[entity] | verdict.flow.sender
        if arrived == self.exits:
            for order in self.orders:
                order(request, request.views[entity])
