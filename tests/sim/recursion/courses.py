"""Values that change with time, and how long it takes to send at such rates."""

from __future__ import annotations

from ddnnsim.deployment import Course

from .agenda import NEVER


def up(numerator: int, denominator: int) -> int:
    """Return the ceil of the quotient, counted up from the floor."""
    whole, rest = divmod(numerator, denominator)
    return whole if rest == 0 else whole + 1


def serialisation_ns(size_bytes: int, rate_bps: int) -> int:
    """Return ceil(8 * size * 10^9 / rate)."""
    return up(8 * size_bytes * 10**9, rate_bps)


def value_at(course: Course | None, constant: int, at_ns: int) -> int:
    if course is None:
        return constant
    phase = at_ns if course.period_ns is None else at_ns % course.period_ns
    value = course.values[0]
    for begin, then in zip(course.at_ns, course.values, strict=True):
        if begin <= phase:
            value = then
    return value


def next_change(course: Course | None, at_ns: int) -> int | float:
    """Return the first instant after *at_ns* at which a value begins."""
    if course is None:
        return NEVER
    period = course.period_ns
    start = 0 if period is None else at_ns - at_ns % period
    for begin in course.at_ns:
        if start + begin > at_ns:
            return start + begin
    return NEVER if period is None else start + period


def sent_ns(course: Course | None, constant: int, start_ns: int, size_bytes: int) -> int | float:
    """Return the least instant at which what was sent since *start_ns* reaches *size_bytes*."""
    rest = 8 * size_bytes * 10**9  # bits times ns a second
    at = start_ns
    if rest == 0:
        return at
    if course is not None and not any(course.values):
        return NEVER
    while True:
        rate, change = value_at(course, constant, at), next_change(course, at)
        if rate > 0 and at + up(rest, rate) <= change:
            return at + up(rest, rate)
        if change == NEVER:
            return NEVER
        rest -= rate * (change - at)
        at = change


def is_over(course: Course | None, at_ns: int) -> bool:
    """Whether the value is 0 from *at_ns* on, for ever."""
    if course is None:
        return False
    last = course.period_ns is None and at_ns >= course.at_ns[-1]
    return not any(course.values) or (last and course.values[-1] == 0)
