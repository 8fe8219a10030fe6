"""Gathers that do not wait for nodes that they suspect."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from ddnnsim.sim.closing import ClosingGather

if TYPE_CHECKING:
    from ddnnsim.sim.request import Request


class SuspectingGather(ClosingGather):
    """A gather that is closed, too, when it has a view and the rest is expected of nodes that are silent."""

    suspects: Callable[[Request], int]
    """Tells of which entities, as a bit mask, the nodes are silent."""

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)
        self._open: dict[int, Request] = {}  # by id, those of which something has come

    def open(self) -> Collection[Request]:
        """Return the requests of which something has come, but not all."""
        return self._open.values()

    def look(self, request: Request) -> None:
        """Close the gather of *request* if nothing is to be waited for."""
        arrived, expected = request.arrived[self.entity], self.expected
        if arrived == expected:
            self.close(request)
        elif not expected & ~(arrived | self.suspects(request)):
            self._remember(request)
            if self.is_enough(request):
                self.close(request)

    def is_enough(self, request: Request) -> bool:
        """Tell whether something can be made of what has come of *request*: there is a view."""
        return request.views[self.entity] != 0

    def close(self, request: Request) -> None:
        """Wait for nothing any more, and let begin what follows."""
        self._open.pop(request.id, None)
        super().close(request)

    def release(self, request: Request) -> None:
        """Let go of *request*, which is over."""
        self._open.pop(request.id, None)

    def _count(self, request: Request, sender: int) -> None:
        request.arrived[self.entity] |= sender
        self._open[request.id] = request
        self.look(request)


class SuspectingPanel(SuspectingGather):
    """Such a gather of verdicts: an exit that is silent says no."""

    def is_enough(self, request: Request) -> bool:
        """Tell whether something can be made of what has come of *request*: always."""
        return True
