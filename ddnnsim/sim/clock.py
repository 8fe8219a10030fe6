"""The clock: SimPy's environment in integer nanoseconds, with a key for the order of one instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heapify
from typing import TYPE_CHECKING, Any

from simpy import Environment

if TYPE_CHECKING:
    from simpy.events import Event

Waiting = Iterable[Callable[[Any], None]]
"""Who is called when something happens."""


class Clock(Environment):
    """Time in ns from t = 0; what happens at one instant happens in the order of keys (`rules.key`)."""

    def __init__(self) -> None:
        super().__init__(initial_time=0)

    @property
    def now(self) -> int:
        """Return the time in ns."""
        return self._now  # type: ignore[return-value]  # SimPy allows floats; here all delays are integers

    def arrange(self, event: Event, waiting: Waiting, key: int, delay_ns: int) -> None:
        """Let *event* happen to all of *waiting* after *delay_ns*, in the place that *key* gives it."""
        event.callbacks = waiting  # type: ignore[assignment]  # SimPy only iterates over it
        self.schedule(event, key, delay_ns)  # type: ignore[arg-type]  # any integer is a priority

    def withdraw(self, event: Event) -> None:
        """Let *event*, which is arranged and has not happened, not happen: not even time gets there for it."""
        queue = self._queue
        place = next(i for i, (*_, arranged) in enumerate(queue) if arranged is event)
        queue[place] = queue[-1]
        queue.pop()
        heapify(queue)
