"""Power: the energy that a node uses, and the battery that it may come from. In fJ, all exact."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening

if TYPE_CHECKING:
    from ddnnsim.deployment import Power
    from ddnnsim.sim.clock import Clock

FJ_PER_J = 10**15


class Meter:
    """Counts what a node uses: by time, for servers that are busy, and for bytes."""

    def __init__(self, clock: Clock, plan: Power) -> None:
        self.clock = clock
        self.plan = plan
        self.power_uw = plan.idle_uw
        """At this instant; a microwatt is a femtojoule a nanosecond."""
        self.on = True
        """Whether it draws anything at all."""
        self._used_fj = 0  # until the instant below
        self._counted_ns = 0

    def load(self, servers: int) -> None:
        """Let *servers* be busy from now on."""
        self._count()
        if self.on:
            self.power_uw = self.plan.idle_uw + servers * self.plan.compute_uw

    def turn_off(self) -> None:
        """Let nothing be drawn from now on."""
        self._count()
        self.on, self.power_uw = False, 0

    def turn_on(self, servers: int) -> None:
        """Let there be power again, and *servers* be busy from now on."""
        self.on = True
        self.load(servers)

    def sent(self, size_bytes: int) -> None:
        """Pay for *size_bytes*, headers and all attempts, that are handed to a link now."""
        if self.on:
            self._used_fj += size_bytes * self.plan.send_fj_per_byte

    def received(self, size_bytes: int) -> None:
        """Pay for *size_bytes*, with headers, that arrive now."""
        if self.on:
            self._used_fj += size_bytes * self.plan.receive_fj_per_byte

    def used_fj(self) -> int:
        """Return what was used until now."""
        self._count()
        return self._used_fj

    def _count(self) -> None:
        now = self.clock.now
        self._used_fj += (now - self._counted_ns) * self.power_uw
        self._counted_ns = now


class Look(Happening):
    """A look at a battery: it may be empty now."""

    idle = True


class Battery(Meter):
    """A meter that knows when there is nothing left."""

    def __init__(self, clock: Clock, node: int, plan: Power, battery_fj: int) -> None:
        super().__init__(clock, plan)
        self.battery_fj = battery_fj
        self.empty: Callable[[], None]
        """What happens then."""
        self._key = rules.key(rules.FAILURE, entity=node)
        self.empty_ns: int | None = None
        """When it was found empty: nothing is used from then on."""
        self._next: tuple[int, Look] | None = None  # when it is looked at next
        self._watch()

    def load(self, servers: int) -> None:
        """Let *servers* be busy from now on."""
        super().load(servers)
        self._watch()

    def sent(self, size_bytes: int) -> None:
        """Pay for *size_bytes*, headers and all attempts, that are handed to a link now."""
        super().sent(size_bytes)
        self._watch()

    def received(self, size_bytes: int) -> None:
        """Pay for *size_bytes*, with headers, that arrive now."""
        super().received(size_bytes)
        self._watch()

    def _watch(self) -> None:
        """Have a look when all is used up, if nothing changes, unless there is an earlier one."""
        left_fj = self.battery_fj - self.used_fj()
        if not self.on or (left_fj > 0 and self.power_uw == 0):
            return
        delay_ns = -(-left_fj // self.power_uw) if left_fj > 0 else 0
        at_ns = self.clock.now + delay_ns
        if self._next is not None:
            if at_ns >= self._next[0]:
                return
            self.clock.withdraw(self._next[1])  # or each byte would leave one behind
        look = Look(self.clock)
        self._next = at_ns, look
        self.clock.arrange(look, (self._look,), self._key, delay_ns)

    def _look(self, look: Look) -> None:
        now = self.clock.now
        self._next = None
        if self.on and self.used_fj() >= self.battery_fj:
            self.empty_ns = now
            self.turn_off()
            self.empty()
        else:
            self._watch()
