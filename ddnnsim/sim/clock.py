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

    def withdraw(self, *events: Event) -> None:
        """Let *events*, which are arranged and have not happened, not happen: not even time gets there for them."""
        queue, gone = self._queue, {id(event) for event in events}
        queue[:] = [entry for entry in queue if id(entry[-1]) not in gone]
        heapify(queue)


class IdleClock(Clock):
    """A clock that does not run for what is arranged aside: when nothing else is left to happen, it stops."""

    def __init__(self) -> None:
        super().__init__()
        self._aside = 0

    def arrange_aside(self, event: Event, waiting: Waiting, key: int, delay_ns: int) -> None:
        """Let *event* happen like others, but keep nothing going; the first of *waiting* calls `passed_aside`."""
        self._aside += 1
        self.arrange(event, waiting, key, delay_ns)

    def withdraw_aside(self, event: Event) -> None:
        """Let *event*, which is arranged aside and has not happened, not happen."""
        self.passed_aside()
        self.withdraw(event)

    def passed_aside(self) -> None:
        """Note that something arranged aside has happened."""
        self._aside -= 1

    def run(self, until: int | None = None) -> None:  # type: ignore[override]  # it is run until an instant alone
        """Run until nothing is left to happen that keeps the clock going, or until the instant *until*."""
        if until is not None:
            super().run(until)
            return
        while len(self._queue) > self._aside:
            self.step()
