"""Values that change as time goes by, and what a changing rate has sent by then, in integers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from ddnnsim.sim.rules import NEVER, NS_PER_S

if TYPE_CHECKING:
    from ddnnsim.deployment import Course as CoursePlan


class Course:
    """A value from each of several instants on, the last for ever or, with a period, until all starts again."""

    def __init__(self, plan: CoursePlan | None, constant: int) -> None:
        self._starts = (0,) if plan is None else plan.at_ns
        self._values = (constant,) if plan is None else plan.values
        self._period = None if plan is None else plan.period_ns
        # The integral of the value from 0 to each start, and to the end of a cycle.
        bounds = self._starts if self._period is None else (*self._starts, self._period)
        areas = [(end - start) * value for (start, end), value in zip(pairwise(bounds), self._values, strict=False)]
        self._sums = list(accumulate(areas, initial=0))

    @property
    def settled_ns(self) -> int:
        """Return from when on the value stays, or repeats itself."""
        return self._starts[-1] if self._period is None else 0

    @property
    def stops(self) -> bool:
        """Return whether the value is 0 for good from some instant on."""
        return not self._values[-1] if self._period is None else not self._sums[-1]

    @property
    def pauses(self) -> bool:
        """Return whether the value is 0 now and then, for ever."""
        return self._period is not None and not all(self._values)

    @property
    def cycle_ns(self) -> int:
        """Return after how long the value repeats itself."""
        return self._period or 1

    def at(self, at_ns: int) -> int:
        """Return the value at *at_ns*."""
        return self._values[self._step(self._in_cycle(at_ns)[1])]

    def next_change(self, at_ns: int, limit_ns: int = NEVER) -> int:
        """Return when the first step after *at_ns* begins, or NEVER; *limit_ns* is beyond what anybody wants."""
        cycles, rest = self._in_cycle(at_ns)
        step = self._step(rest) + 1
        if self._period is None:
            return self._starts[step] if step < len(self._starts) else NEVER
        return cycles * self._period + (self._starts[step] if step < len(self._starts) else self._period)

    def end_ns(self, start_ns: int, size_bytes: int) -> int:
        """Return the least instant at which this, a rate in bit/s, has sent *size_bytes* since *start_ns*, or NEVER.

        The bits sent by an instant are the area under the rate; with its inverse there is nothing to step through.
        """
        if not size_bytes or start_ns == NEVER:
            return start_ns
        return self.reached_ns(start_ns, 8 * size_bytes * NS_PER_S)

    def reached_ns(self, start_ns: int, area: int) -> int:
        """Return the least instant by which the integral from *start_ns* on is at least *area*, above 0; or NEVER."""
        return self._reached(self.area(start_ns) + area)

    def area(self, at_ns: int) -> int:
        """Return the integral of the value from 0 to *at_ns*."""
        cycles, rest = self._in_cycle(at_ns)
        step = self._step(rest)
        return cycles * self._sums[-1] + self._sums[step] + (rest - self._starts[step]) * self._values[step]

    def _in_cycle(self, at_ns: int) -> tuple[int, int]:
        return (0, at_ns) if self._period is None else divmod(at_ns, self._period)

    def _step(self, rest: int) -> int:
        return bisect_right(self._starts, rest) - 1

    def _reached(self, area: int) -> int:
        """Return the least instant by which the integral is at least *area*, above 0."""
        cycles = 0
        if self._period is not None:
            if not self._sums[-1]:
                return NEVER
            cycles, area = divmod(area - 1, self._sums[-1])
            area += 1
        step = bisect_left(self._sums, area) - 1
        value = self._values[step]
        if not value:  # only where it is the last, and stays
            return NEVER
        return cycles * (self._period or 0) + self._starts[step] - (self._sums[step] - area) // value
