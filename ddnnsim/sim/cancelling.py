"""Stations that do nothing more for requests that are over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ddnnsim.sim.batch import BatchStation
from ddnnsim.sim.station import Station

if TYPE_CHECKING:
    from ddnnsim.sim.station import Task


class CancellingStation(Station):
    """A station where jobs of requests that are over are not started, and followed by nothing."""

    prompt = False

    def _next(self) -> Sequence[Task]:
        while self.queue and self.queue[0].request.over:
            self.recorder.cancelled(self.queue.popleft().row)
        return super()._next() if self.queue else ()

    def _finish(self, task: Task) -> None:
        if not task.request.over:
            super()._finish(task)


class CancellingBatchStation(CancellingStation, BatchStation):
    """Such a station with batches: when it is a section's turn, all of its jobs for requests that are over go."""

    def _next(self) -> Sequence[Task]:
        while self.queue and (gone := self._gone()):
            for task in gone:
                self.queue.remove(task)
                self.recorder.cancelled(task.row)
        return super()._next()

    def _gone(self) -> list[Task]:
        """Return the jobs of the first one's section, and it, of requests that are over."""
        work = self.queue[0].work
        return [task for task in self.queue if task.work is work and task.request.over]
