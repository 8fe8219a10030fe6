"""The clock: SimPy's environment in integer nanoseconds, with a key for the order of one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

from simpy import Environment

if TYPE_CHECKING:
    from ddnnsim.sim.happening import Happening

Waiting = Iterable[Callable[[Any], None]]
"""Who is called when something happens."""

_FEW = 64  # withdrawn happenings that are not worth a look at all


class Clock(Environment):
    """Time in ns from t = 0; what happens at one instant happens in the order of keys (`rules.key`)."""

    def __init__(self) -> None:
        super().__init__(initial_time=0)

    @property
    def now(self) -> int:
        """Return the time in ns."""
        return self._now  # type: ignore[return-value]  # SimPy allows floats; here all delays are integers

    def arrange(self, event: Happening, waiting: Waiting, key: int, delay_ns: int) -> None:
        """Let *event* happen to all of *waiting* after *delay_ns*, in the place that *key* gives it."""
        event.callbacks = waiting  # type: ignore[assignment]  # SimPy only iterates over it
        self.schedule(event, key, delay_ns)  # type: ignore[arg-type]  # any integer is a priority

    def withdraw(self, *events: Happening) -> None:
        """Let *events*, which are arranged and have not happened, not happen: not even time gets there for them."""
        queue, gone = self._queue, {id(event) for event in events}
        queue[:] = [entry for entry in queue if id(entry[-1]) not in gone]
        heapify(queue)


class IdleClock(Clock):
    """A clock that does not run for what is idle: when nothing else is left to happen, it stops.

    To withdraw something costs it nothing; what was withdrawn must not be arranged again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._aside: list[tuple[Any, Any, int, Any]] = []  # another heap, of what is idle
        self._gone = 0  # withdrawn, and still in a heap

    def arrange(self, event: Happening, waiting: Waiting, key: int, delay_ns: int) -> None:
        """Let *event* happen to all of *waiting* after *delay_ns*, in the place that *key* gives it."""
        event.callbacks = waiting  # type: ignore[assignment]  # SimPy only iterates over it
        heappush(self._aside if event.idle else self._queue, (self._now + delay_ns, key, next(self._eid), event))

    def withdraw(self, *events: Happening) -> None:
        """Let *events*, which are arranged and have not happened, not happen: not even time gets there for them."""
        for event in events:
            event.callbacks = None  # type: ignore[assignment]  # SimPy's sign of what is over
        self._gone += len(events)
        if self._gone > _FEW and self._gone > (len(self._queue) + len(self._aside)) // 2:
            self._forget()

    def peek(self) -> float:
        """Return when something happens next; infinity if nothing does."""
        self._skip_withdrawn()
        return min((heap[0][0] for heap in (self._queue, self._aside) if heap), default=float("inf"))

    def step(self) -> None:
        """Let happen what is next."""
        queue, aside = self._queue, self._aside
        if self._gone:
            self._skip_withdrawn()
        if aside and not (queue and queue[0] < aside[0]):
            heappush(queue, heappop(aside))  # and at once out again
        super().step()

    def run(self, until: int | None = None) -> None:  # type: ignore[override]  # it is run until an instant alone
        """Run until nothing is left to happen that keeps the clock going, or until the instant *until*."""
        if until is not None:
            super().run(until)
            return
        self._skip_withdrawn()
        while self._queue:
            self.step()
            if self._gone:
                self._skip_withdrawn()

    def pending(self) -> list[Happening]:
        """Return what is idle and has not happened."""
        return [event for _, _, _, event in self._aside if event.callbacks is not None]

    def _skip_withdrawn(self) -> None:
        """Let go of what was withdrawn and would be next."""
        for heap in (self._queue, self._aside):
            while heap and heap[0][3].callbacks is None:
                heappop(heap)
                self._gone -= 1

    def _forget(self) -> None:
        """Let go of all that was withdrawn."""
        for heap in (self._queue, self._aside):
            heap[:] = [entry for entry in heap if entry[3].callbacks is not None]
            heapify(heap)
        self._gone = 0
