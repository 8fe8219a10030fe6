"""Values that change with time, and how long it takes to get somewhere at such rates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ddnnsim.deployment import Course

from .agenda import NEVER

PATIENCE = 5000
"""So many changes without any progress are taken for ever."""


def up(numerator: int, denominator: int) -> int:
    """Return the ceil of the quotient, counted up from the floor."""
    whole, rest = divmod(numerator, denominator)
    return whole if rest == 0 else whole + 1


def serialisation_ns(size_bytes: int, rate_bps: int) -> int:
    """Return ceil(8 * size * 10^9 / rate)."""
    return up(8 * size_bytes * 10**9, rate_bps)


class Changing(Protocol):
    """A whole number at every instant."""

    def at(self, at_ns: int) -> int: ...

    def next_change(self, at_ns: int) -> int | float:
        """Return an instant after *at_ns* before which it stays as it is."""
        ...


class Constant:
    def __init__(self, value: int) -> None:
        self.value = value

    def at(self, at_ns: int) -> int:
        return self.value

    def next_change(self, at_ns: int) -> int | float:
        return NEVER


class Coursing:
    def __init__(self, course: Course) -> None:
        self.course = course

    def at(self, at_ns: int) -> int:
        phase = at_ns if self.course.period_ns is None else at_ns % self.course.period_ns
        value = self.course.values[0]
        for begin, then in zip(self.course.at_ns, self.course.values, strict=True):
            if begin <= phase:
                value = then
        return value

    def next_change(self, at_ns: int) -> int | float:
        period = self.course.period_ns
        start = 0 if period is None else at_ns - at_ns % period
        for begin in self.course.at_ns:
            if start + begin > at_ns:
                return start + begin
        if period is None or len(set(self.course.values)) == 1:
            return NEVER
        return start + period


class Altered:
    """A value that something else makes another at times."""

    def __init__(
        self, base: Changing, change: Callable[[int, int], int], changes: Callable[[int], int | float]
    ) -> None:
        self._base = base
        self._change = change
        self._changes = changes

    def at(self, at_ns: int) -> int:
        return self._change(self._base.at(at_ns), at_ns)

    def next_change(self, at_ns: int) -> int | float:
        return min(self._base.next_change(at_ns), self._changes(at_ns))


def course_of(course: Course | None, constant: int) -> Changing:
    return Constant(constant) if course is None else Coursing(course)


def reached_ns(rate: Changing, start_ns: int, distance: int) -> int | float:
    """Return the least instant at which the sum of rate * time since *start_ns* reaches *distance*."""
    at, rest, idle = start_ns, distance, 0
    while rest > 0 and idle < PATIENCE:
        speed, change = rate.at(at), rate.next_change(at)
        if speed > 0 and at + up(rest, speed) <= change:
            return at + up(rest, speed)
        if change == NEVER:
            return NEVER
        rest -= speed * (change - at)
        idle = 0 if speed > 0 else idle + 1
        at = change
    return at if rest <= 0 else NEVER


def first_ns(holds: Callable[[int], bool], next_change: Callable[[int], int | float], at_ns: int) -> int | float:
    """Return the first instant from *at_ns* on at which something *holds*."""
    at: int | float = at_ns
    for _ in range(PATIENCE):
        if at == NEVER or holds(at):
            return at
        at = next_change(at)
    return NEVER


def is_over(rate: Changing, at_ns: int) -> bool:
    """Whether the value is 0 from *at_ns* on, for ever."""
    return first_ns(lambda at: rate.at(at) > 0, rate.next_change, at_ns) == NEVER
