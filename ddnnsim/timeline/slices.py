"""Slices on tracks: what takes time, each on a lane of its own while it lasts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.timeline.events import us

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Slices:
    """Slices on tracks: each on the lowest lane of its process that is free."""

    def __init__(
        self,
        process: NDArray[np.int64],
        start_ns: NDArray[np.int64],
        end_ns: NDArray[np.int64],
        rows: NDArray[np.int64],
        told: Callable[[int], tuple[str, str]],
    ) -> None:
        self.rows = rows.tolist()
        self.process = process.tolist()
        self.start_ns, self.end_ns = start_ns.tolist(), end_ns.tolist()
        self.lane = _lanes(self.process, self.start_ns, self.end_ns)
        self.told = told
        """Gives for a row the name of its slice and, as JSON, its arguments."""
        self._place = {row: place for place, row in enumerate(self.rows)}

    def also(self, rows: NDArray[np.int64], heads: NDArray[np.int64]) -> None:
        """Let each of *rows* be found in the slice of its of *heads*."""
        self._place = {row: self._place[head] for row, head in zip(rows.tolist(), heads.tolist(), strict=True)}

    def tracks(self) -> list[tuple[int, int]]:
        """Return each process and lane that has a slice."""
        return sorted(set(zip(self.process, self.lane, strict=True)))

    def point(self, row: int) -> tuple[int, int, int] | None:
        """Return process, lane and start of the slice of *row*, where it has one that a flow can go through."""
        place = self._place.get(row)
        if place is None or self.start_ns[place] == self.end_ns[place]:  # viewers bind flows to what encloses them
            return None
        return self.process[place], self.lane[place], self.start_ns[place]

    def slices(self) -> Iterator[str]:
        """Yield a complete event for each."""
        columns = zip(self.process, self.lane, self.start_ns, self.end_ns, self.rows, strict=True)
        for process, lane, start, end, row in columns:
            name, arguments = self.told(row)
            yield (
                f'{{"ph": "X", "pid": {process}, "tid": {lane}, "ts": {us(start)}, "dur": {us(end - start)}, '
                f'"name": {json.dumps(name)}, "args": {{{arguments}}}}}'
            )


def _lanes(process: list[int], start_ns: list[int], end_ns: list[int]) -> list[int]:
    """Return for each slice the lowest lane, from 1, of its process that is free from its start to its end."""
    lanes = [0] * len(process)
    free: dict[int, list[int]] = {}
    taken: dict[int, list[tuple[int, int]]] = {}
    used: dict[int, int] = {}
    for i in sorted(range(len(process)), key=lambda i: (start_ns[i], end_ns[i])):
        of = process[i]
        busy, idle = taken.setdefault(of, []), free.setdefault(of, [])
        while busy and busy[0][0] <= start_ns[i]:
            heappush(idle, heappop(busy)[1])
        if not idle:
            used[of] = used.get(of, 0) + 1
            idle.append(used[of])
        lanes[i] = heappop(idle)
        heappush(busy, (end_ns[i], lanes[i]))
    return lanes


def batches(
    node: NDArray[np.int64], entity: NDArray[np.int64], start_ns: NDArray[np.int64], batch: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return for each job the first job of its batch: those of one section that start at once, so many at a time."""
    first = np.arange(len(node))
    several = np.flatnonzero(batch > 1)
    order = several[np.lexsort((several, start_ns[several], entity[several], node[several]))]
    left, head = 0, -1
    for row in order.tolist():
        if not left:
            left, head = int(batch[row]), row
        first[row] = head
        left -= 1
    return first
