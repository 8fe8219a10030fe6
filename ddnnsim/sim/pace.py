"""Pace: when a job that starts now is complete, on a machine of one speed or on one that is slow at times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.sim.wear import PPB, WornCourse

if TYPE_CHECKING:
    from ddnnsim.sim.wear import Wear


class Pace:
    """One speed."""

    def end_ns(self, start_ns: int, service_ns: int) -> int:
        """Return when a job of *service_ns* that starts at *start_ns* is complete, or NEVER."""
        return start_ns + service_ns

    def is_recovery(self, at_ns: int) -> bool:
        """Tell whether the machine recovers at *at_ns*."""
        return False


class UnevenPace(Pace):
    """A speed that faults make less."""

    def __init__(self, wear: Wear) -> None:
        self._wear = wear
        self._speed = WornCourse(None, PPB, wear)

    def end_ns(self, start_ns: int, service_ns: int) -> int:
        """Return when a job of *service_ns* that starts at *start_ns* is complete, or NEVER."""
        if self._wear.is_calm(start_ns, start_ns + service_ns):
            return start_ns + service_ns
        if not service_ns:
            return self._speed.moves_ns(start_ns)
        return self._speed.reached_ns(start_ns, service_ns * PPB)

    def is_recovery(self, at_ns: int) -> bool:
        """Tell whether the machine recovers at *at_ns*."""
        return self._wear.still.recovers(at_ns)
