"""The clock: SimPy's environment in integer nanoseconds, with a key for the order of one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from math import inf
from typing import TYPE_CHECKING, Any

from simpy import Environment

from ddnnsim.sim.rules import NEVER

if TYPE_CHECKING:
    from ddnnsim.sim.happening import Happening

Waiting = Iterable[Callable[[Any], None]]
"""Who is called when something happens."""

Heap = list[tuple[Any, Any, int, Any]]
"""Of what happens: when, in which place, in which order of making, and what."""

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
    """A clock that does not run for what is idle: it stops with the instant after which nothing else is left to happen.

    To withdraw something costs it nothing; what was withdrawn must not be arranged again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._aside: Heap = []  # another heap, of what is idle
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
        queue, aside = self._queue, self._aside
        if (queue and queue[0][3].callbacks is None) or (aside and aside[0][3].callbacks is None):
            self._look()
        queue_ns = queue[0][0] if queue else inf
        return aside[0][0] if aside and aside[0][0] < queue_ns else queue_ns

    def step(self) -> None:
        """Let happen what is next; there must be something."""
        self._go_on(NEVER, idle_too=True, once=True)

    def run(self, until: int | None = None) -> None:  # type: ignore[override]  # it is run until an instant alone
        """Run until nothing is left to happen that keeps the clock going, or until the instant *until*."""
        if until is None:
            self._go_on(NEVER, idle_too=False)
        else:
            self._go_on(until, idle_too=True)
            self._now = until

    def pending(self) -> list[Happening]:
        """Return what is idle and has not happened."""
        return [event for _, _, _, event in self._aside if event.callbacks is not None]

    def _go_on(self, until_ns: int, idle_too: bool, once: bool = False) -> None:
        """Let happen what comes before *until_ns*, as SimPy does it; or, of that, what is next.

        Unless *idle_too*, no more happens where nothing but what is idle is left, and none of it for now.
        """
        queue, aside = self._queue, self._aside
        while True:
            if (queue and queue[0][3].callbacks is None) or (aside and aside[0][3].callbacks is None):
                self._look()
            heap = aside if aside and not (queue and queue[0] < aside[0]) else queue
            if not heap or heap[0][0] >= until_ns:
                return
            if not (queue or idle_too or aside[0][0] == self._now):
                return
            self._now, _, _, event = heappop(heap)
            waiting, event.callbacks = event.callbacks, None
            for told in waiting:
                told(event)
            if not event._ok and not hasattr(event, "_defused"):  # what a process raises goes on
                raise event._value
            if once:
                return

    def _look(self) -> None:
        """Let nothing that was withdrawn be at the top of a heap."""
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
