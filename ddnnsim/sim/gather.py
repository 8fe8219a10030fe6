"""A gather: what a section, an exit or a coordinator waits for of each request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.request import Request


class Gather:
    """Of a request, what has come of what is expected; with the last of it, something begins."""

    def __init__(self, entity: int, expected: int, then: Callable[[Request], None]) -> None:
        self.entity = entity
        """Whose gather it is."""
        self.bit = 1 << entity
        self.expected = expected
        """The entities that are waited for, as a bit mask."""
        self.then = then
        """What begins when all has come, or never will."""

    def take(self, message: Message) -> None:
        """Take what *message* brings."""
        request, entity = message.request, self.entity
        request.views[entity] |= message.views
        arrived = request.arrived[entity] = request.arrived[entity] | message.flow.sender
        if arrived == self.expected:
            self.then(request)

    def miss(self, message: Message) -> None:
        """Do without what *message* should have brought, or asked for."""
        self.go_without(message.request, message.flow.sender)

    def go_without(self, request: Request, sender: int) -> None:
        """Do without anything from *sender*, a bit."""
        entity = self.entity
        arrived = request.arrived[entity]
        if arrived & sender:  # it never was to have any
            return
        request.arrived[entity] = arrived = arrived | sender
        if arrived == self.expected:
            self.then(request)
