"""What a node draws, and when that empties its battery."""

from __future__ import annotations

from collections.abc import Callable

from ddnnsim.deployment import Power

from .agenda import FAILURE, Agenda, Place
from .courses import up

Act = Callable[[], None]


class Meter:
    """What a node draws, in fJ, and when that empties its battery."""

    def __init__(self, agenda: Agenda, machine: int, power: Power | None, dies: Act) -> None:
        self._agenda = agenda
        self._machine = machine
        self._power = power
        self._dies = dies
        self._busy = 0
        self._since = 0
        self._off = False
        self._end: Place | None = None
        self.used_fj = 0
        self.expect_the_end()

    def sends(self, size_bytes: int) -> None:
        if self._power is not None:
            self._spend(size_bytes * self._power.send_fj_per_byte)

    def receives(self, size_bytes: int) -> None:
        if self._power is not None:
            self._spend(size_bytes * self._power.receive_fj_per_byte)

    def computes(self, servers: int) -> None:
        """Take note of how many servers are busy from now on."""
        self.read(self._agenda.now)
        self._busy = servers
        self.expect_the_end()

    def read(self, now: int) -> int | None:
        """Return the energy used until *now*; None of who draws nothing that is known."""
        if self._power is None:
            return None
        self.used_fj += self._draw() * (now - self._since)
        self._since = now
        return self.used_fj

    def off(self) -> None:
        """Draw nothing from now on."""
        self.read(self._agenda.now)
        self._off = True
        self.expect_the_end()

    def on(self) -> None:
        self.read(self._agenda.now)
        self._off = False
        self.expect_the_end()

    def _draw(self) -> int:
        return 0 if self._off else self._power.idle_uw + self._busy * self._power.compute_uw

    def _spend(self, fj: int) -> None:
        if self._off:
            return
        self.read(self._agenda.now)
        self.used_fj += fj
        self.expect_the_end()

    def expect_the_end(self) -> None:
        self._agenda.strike(self._end)
        self._end = None
        if self._power is None or self._power.battery_fj is None:
            return
        if self._off:
            return
        left, draw = self._power.battery_fj - self.used_fj, self._draw()
        if left <= 0 or draw > 0:
            at = self._agenda.now + (0 if left <= 0 else up(left, draw))
            self._end = self._agenda.enter(at, FAILURE, 0, self._machine, act=self._dies, keeps_going=False)
