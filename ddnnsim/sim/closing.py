"""Gathers that are closed by the last thing they expect or before, and that forget with their node."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ddnnsim.sim.gather import Gather

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.request import Request
    from ddnnsim.trace import Recorder


class ClosingGather(Gather):
    """A gather that is open or closed: what arrives when it is closed is late, or of no account."""

    def __init__(
        self,
        clock: Clock,
        recorder: Recorder,
        processor: Processor,
        entity: int,
        expected: int,
        then: Callable[[Request], None],
    ) -> None:
        super().__init__(entity, expected, then)
        self.clock = clock
        self.recorder = recorder
        self.processor = processor
        """That of the node where it is."""
        self.when_first: Callable[[Request], None] = _wait
        """Told of the first view that arrives of a request."""

    def take(self, message: Message) -> None:
        """Take what *message* brings, unless it comes too late."""
        request, entity = message.request, self.entity
        standing = request.standing
        if standing.closed & self.bit:
            if standing.overdue & self.bit:
                self.recorder.late(request.id, message.views.bit_count())
            return
        self._remember(request)
        if message.views and not request.views[entity]:
            self.when_first(request)
        request.views[entity] |= message.views
        self._count(request, message.flow.sender)

    def go_without(self, request: Request, sender: int) -> None:
        """Do without anything from *sender*, a bit."""
        if not (request.standing.closed & self.bit or request.arrived[self.entity] & sender):
            self._remember(request)
            self._count(request, sender)

    def expire(self, request: Request) -> None:
        """Wait no longer: a deadline has come."""
        standing = request.standing
        self._remember(request)
        standing.overdue |= self.bit
        self.close(request)

    def close(self, request: Request) -> None:
        """Wait for nothing any more, and let begin what follows."""
        standing = request.standing
        standing.closed |= self.bit
        deadline = standing.deadlines.pop(self.entity, None)
        if deadline is not None:
            self.clock.withdraw(deadline)
        self.then(request)

    def _count(self, request: Request, sender: int) -> None:
        """Count *sender*, a bit, as one of which nothing is to be waited for."""
        arrived = request.arrived[self.entity] = request.arrived[self.entity] | sender
        if arrived == self.expected:
            self.close(request)

    def _remember(self, request: Request) -> None:
        """Forget the views that were gathered in an earlier life of the node."""
        lives, life = request.standing.lives, self.processor.life
        if lives.setdefault(self.entity, life) != life:
            lives[self.entity] = life
            request.views[self.entity] = 0


def _wait(request: Request) -> None:
    """Do nothing about the first view of *request*."""
