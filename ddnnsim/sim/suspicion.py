"""Gathers that do not wait for nodes that are silent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Set
from typing import TYPE_CHECKING

from ddnnsim.sim.closing import ClosingGather

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.hosts import Hosts
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.request import Request
    from ddnnsim.trace import Recorder


class SuspectingGather(ClosingGather):
    """A gather that is closed, too, when it has a view and all else is expected of nodes that are silent."""

    def __init__(
        self,
        hosts: Hosts,
        silent: Set[int],
        clock: Clock,
        recorder: Recorder,
        processor: Processor,
        entity: int,
        expected: int,
        then: Callable[[Request], None],
    ) -> None:
        super().__init__(clock, recorder, processor, entity, expected, then)
        self.hosts = hosts
        self.silent = silent
        """The machines that its own suspects."""
        self._senders = [entity for entity in range(expected.bit_length()) if expected >> entity & 1]
        self._open: dict[int, Request] = {}  # by id, those that are not over and of which something has come

    def open(self) -> Collection[Request]:
        """Return the requests of which something has come and more is waited for, but for those that are over."""
        return self._open.values()

    def look_again(self, request: Request) -> None:
        """Wait no longer for *request*, if it is still waited for and there is nobody to wait for."""
        if request.id in self._open:
            self.look(request)

    def look(self, request: Request) -> None:
        """Wait no longer for *request* if there is nobody to wait for."""
        if request.arrived[self.entity] == self.expected:
            self.close(request)
        elif self.silent and not self.expected & ~(request.arrived[self.entity] | self._suspected(request)):
            self._remember(request)
            if self.is_enough(request):
                self.close(request)

    def is_enough(self, request: Request) -> bool:
        """Tell whether something can be made of what has come of *request*: there is a view."""
        return request.views[self.entity] != 0

    def close(self, request: Request) -> None:
        """Wait for nothing any more, and let begin what follows."""
        self.release(request)
        super().close(request)

    def release(self, request: Request) -> None:
        """Forget that *request* is open, as when it is over."""
        self._open.pop(request.id, None)

    def _count(self, request: Request, sender: int) -> None:
        request.arrived[self.entity] |= sender
        if not request.over:
            self._open[request.id] = request
        self.look(request)

    def _suspected(self, request: Request) -> int:
        """Return the entities, as a bit mask, whose nodes are silent."""
        return sum(1 << sender for sender in self._senders if self.hosts.machine(request, sender) in self.silent)


class SuspectingPanel(SuspectingGather):
    """Such a gather of verdicts: an exit whose node is silent says no."""

    def is_enough(self, request: Request) -> bool:
        """Tell whether something can be made of what has come of *request*: of any verdict, or miss."""
        return True
