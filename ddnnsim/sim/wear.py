"""Wear: what faults make of a rate, a speed, a delay and a loss, at every instant, in integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ddnnsim.faults import Degradation, Slowdown
from ddnnsim.sim.course import Course
from ddnnsim.sim.hold import PATIENCE
from ddnnsim.sim.rules import NEVER

if TYPE_CHECKING:
    from ddnnsim.deployment import Course as CoursePlan
    from ddnnsim.faults import Fault
    from ddnnsim.sim.hold import Hold

PPB = 10**9


class Wear:
    """What has hold of a machine or a link: what makes it worse, and what makes it stand still."""

    def __init__(self, worse: Hold, still: Hold, faults: Mapping[int, Fault]) -> None:
        self.worse = worse
        self.still = still
        self.quiet_from_ns = 0
        self.quiet_until_ns = 0
        """A time, from then on until here, in which nothing has hold of it: the last that was found."""
        effects = {number: fault.effect for number, fault in faults.items()}
        self.ppb = {n: e.speed_ppb for n, e in effects.items() if isinstance(e, Slowdown)}
        self.ppb |= {n: e.rate_ppb for n, e in effects.items() if isinstance(e, Degradation)}
        self._degradations = {n: e for n, e in effects.items() if isinstance(e, Degradation)}

    def quiet(self, from_ns: int, until_ns: int) -> bool:
        """Tell whether nothing is known to have hold of it at any time in [*from_ns*, *until_ns*).

        What mostly is so is told at little cost; False is no promise of the contrary.
        """
        if self.quiet_from_ns <= from_ns < self.quiet_until_ns:
            return until_ns <= self.quiet_until_ns
        self.quiet_from_ns = from_ns
        self.quiet_until_ns = min(self.still.quiet_until(from_ns), self.worse.quiet_until(from_ns))
        return until_ns <= self.quiet_until_ns

    @property
    def is_none(self) -> bool:
        """Return whether there is no more to it than that the victim is down at times, and loses its work."""
        return not self.ppb and self.still.loses_only

    @property
    def loses(self) -> bool:
        """Return whether it ever lets more transmissions fail."""
        return any(effect.loss for effect in self._degradations.values())

    def slowed(self, value: int, at_ns: int) -> int:
        """Return what is left of a rate, or speed, *value* at *at_ns*: rounded down, fault by fault."""
        if self.still.pauses(at_ns):
            return 0
        for fault in self.worse.at(at_ns):
            value = value * self.ppb[fault] // PPB
        return value

    def delayed(self, delay_ns: int, at_ns: int) -> int:
        """Return what becomes of *delay_ns* at *at_ns*."""
        return delay_ns + sum(self._degradations[fault].delay_ns for fault in self.worse.at(at_ns))

    def lost(self, probability: float, at_ns: int) -> float:
        """Return with what probability a transmission that is accepted at *at_ns* fails, in the place of *probability*.

        Fault by fault in their order, in double precision.
        """
        for fault in self.worse.at(at_ns):
            probability = 1 - (1 - probability) * (1 - self._degradations[fault].loss)
        return probability


class WornCourse(Course):
    """A rate, or a speed, that faults make less: 0 where work stands still."""

    def __init__(self, plan: CoursePlan | None, constant: int, wear: Wear) -> None:
        super().__init__(plan, constant)
        self._wear = wear

    @property
    def settled_ns(self) -> int:
        """Return from when on the value stays, or repeats itself: nobody knows."""
        return NEVER

    @property
    def pauses(self) -> bool:
        """Return whether the value is 0 now and then, for ever: it may be."""
        return True

    def at(self, at_ns: int) -> int:
        """Return the value at *at_ns*."""
        return self._wear.slowed(super().at(at_ns), at_ns)

    def next_change(self, at_ns: int, limit_ns: int = NEVER) -> int:
        """Return when the first step after *at_ns*, and until *limit_ns*, begins, or NEVER.

        Where the value is 0 nothing is looked for beyond the end of what makes it so.
        """
        worse, still = self._wear.worse, self._wear.still
        limit_ns = min(limit_ns, super().next_change(at_ns))
        if not self.at(at_ns):
            limit_ns = min(limit_ns, worse.next_end(at_ns), still.next_end(at_ns))
        if limit_ns == NEVER:
            return NEVER
        return min(limit_ns, worse.next_change(at_ns, limit_ns), still.next_change(at_ns, limit_ns))

    def moves_ns(self, at_ns: int) -> int:
        """Return the first instant from *at_ns* on at which the value is not 0, or NEVER."""
        for _ in range(PATIENCE):
            if at_ns == NEVER or self.at(at_ns):
                return at_ns
            at_ns = self.next_change(at_ns)
        return NEVER

    def end_ns(self, start_ns: int, size_bytes: int) -> int:
        """Return the least instant at which this, a rate in bit/s, has sent *size_bytes* since *start_ns*, or NEVER."""
        return super().end_ns(self._wear.still.free_ns(start_ns), size_bytes)

    def reached_ns(self, start_ns: int, area: int) -> int:
        """Return the least instant by which the integral from *start_ns* on is at least *area*, above 0; or NEVER."""
        unworn_ns = super().reached_ns(start_ns, area)
        if self._wear.quiet(start_ns, unworn_ns):
            return unworn_ns
        at_ns, patience = start_ns, PATIENCE
        while patience:
            value = self.at(at_ns)
            end_ns = min(NEVER, at_ns - (-area // value)) if value else NEVER
            change_ns = self.next_change(at_ns, end_ns)
            if end_ns <= change_ns:
                return end_ns
            area -= value * (change_ns - at_ns)
            at_ns, patience = change_ns, PATIENCE if value else patience - 1
        return NEVER


class WornDelay(Course):
    """A delay that faults make longer."""

    def __init__(self, plan: CoursePlan | None, constant: int, wear: Wear) -> None:
        super().__init__(plan, constant)
        self._wear = wear

    def at(self, at_ns: int) -> int:
        """Return the value at *at_ns*."""
        return self._wear.delayed(super().at(at_ns), at_ns)
