"""What is to happen, in the order of the text: by time, class, request, entity, link, kind, packet."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from math import inf

COMPLETION, RECOVERY, FAILURE, DELIVERY, CAPTURE, PATIENCE, SETTLEMENT, LOOK = range(8)
NEVER = inf
"""An instant that does not come."""

Act = Callable[[], object]
Place = tuple[int, int, int, int, int, int, int]
"""(time, class, request, entity, link, kind, packet)."""


class Agenda:
    def __init__(self) -> None:
        self.now = 0
        self.last_ns = 0
        """When something happened last, beside what keeps no run going; or when that left nothing to happen."""
        self._heap: list[Place] = []
        self._acts: dict[Place, Act] = {}
        self._idle: set[Place] = set()
        """Those for which no run goes on: ends of batteries, faults, beats."""

    def enter(
        self, at: int, class_: int, request: int, entity: int, link: int = 0, kind: int = 0, packet: int = 0,
        *, act: Act, keeps_going: bool = True,
    ) -> Place:  # fmt: skip
        place = (at, class_, request, entity, link, kind, packet)
        assert at >= self.now, "nothing happens in the past"
        assert place not in self._acts, f"the text's order is total: {place}"
        self._acts[place] = act
        if not keeps_going:
            self._idle.add(place)
        heapq.heappush(self._heap, place)
        return place

    def strike(self, place: Place | None) -> None:
        """Take *place* off, where it has not happened."""
        self._acts.pop(place, None)
        self._idle.discard(place)

    def has(self, place: Place) -> bool:
        return place in self._acts

    def run(self, until: int | None) -> None:
        """Let everything happen before *until*."""
        while self._heap:
            place = heapq.heappop(self._heap)
            if place not in self._acts:
                continue
            at = place[0]
            if until is not None and at >= until:
                break
            if until is None and len(self._idle) == len(self._acts) and at > self.last_ns:
                break
            self.now = at
            counts = place not in self._idle
            self._idle.discard(place)
            self._acts.pop(place)()
            if counts or len(self._idle) == len(self._acts):
                self.last_ns = at
