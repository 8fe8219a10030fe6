"""What shapes the traffic of a link beyond a rate and a delay: headers, courses, jitter, loss, and who pays for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.seeds import stream
from ddnnsim.sim.course import Course
from ddnnsim.sim.draws import in_turn
from ddnnsim.sim.link import Link
from ddnnsim.sim.loss import fortunes, worn_fortunes
from ddnnsim.sim.rules import NEVER, transmission_ns
from ddnnsim.sim.wear import WornCourse, WornDelay
from ddnnsim.trace import DROPPED

if TYPE_CHECKING:
    from ddnnsim.deployment import Link as LinkPlan
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.mishaps import Frailty
    from ddnnsim.sim.power import Meter


class Shape(NamedTuple):
    """What a link of any shape is made of."""

    clock: Clock
    number: int
    plan: LinkPlan
    inbox: Inbox
    """Where it ends."""
    seed: int
    sender: Meter | None
    """Pays for the bytes that are handed over; None: they cost nothing."""
    receiver: Meter | None
    """Pays for the bytes that arrive; None: they cost nothing."""
    frailty: Frailty | None
    """What may go wrong with it; None: nothing."""


class Load(NamedTuple):
    """What a payload of some size is on a link."""

    size_bytes: int
    """With headers."""
    header_bytes: int
    packets: int
    attempt_ns: int | None
    """How long an attempt takes where nothing is wrong with the link; None: that depends on when."""


class ShapedLink(Link):
    """A link of any shape; what its messages wait for is said by its kinds."""

    def __init__(self, shape: Shape) -> None:
        clock, number, plan, inbox, seed, sender, receiver, frailty = shape
        super().__init__(clock, number, plan, inbox)
        self.jitter = _jitter(plan, seed)
        if frailty is None:
            self.rate = Course(plan.rates, plan.rate_bps)
            self.delay = Course(plan.delays, plan.delay_ns)
            self.fortunes = fortunes(plan, seed)
        else:
            self.rate = WornCourse(plan.rates, plan.rate_bps, frailty.wear)
            self.delay = WornDelay(plan.delays, plan.delay_ns, frailty.wear)
            self.fortunes = (
                worn_fortunes(plan, seed, lambda p: frailty.wear.lost(p, clock.now))
                if frailty.wear.loses
                else fortunes(plan, seed)
            )
        self.sent: Callable[[int], None] = _pay_nothing if sender is None else sender.sent
        self.receiver = receiver
        self._loads: dict[int, Load] = {}

    def load(self, size_bytes: int) -> Load:
        """Return what a payload of *size_bytes* is here."""
        load = self._loads.get(size_bytes)
        if load is None:
            plan, packets = self.plan, self.packets_of(size_bytes)
            size, attempt_ns = size_bytes + packets * plan.header_bytes, None
            if plan.rates is None and plan.rate_bps:
                attempt_ns = transmission_ns(size, plan.rate_bps) + packets * plan.overhead_ns
            load = self._loads[size_bytes] = Load(size, packets * plan.header_bytes, packets, attempt_ns)
        return load

    def packets_of(self, size_bytes: int) -> int:
        """Return the number of packets of a payload of *size_bytes*."""
        if self.plan.mtu_bytes is None:
            return 1 if size_bytes else 0
        return -(-size_bytes // self.plan.mtu_bytes)

    def header_of(self, size_bytes: int) -> int:
        """Return the bytes that the packets of a payload of *size_bytes* have in addition."""
        return self.packets_of(size_bytes) * self.plan.header_bytes

    def count(self, message: Message, header_bytes: int, resent_bytes: int) -> None:
        """Count *message*, which is handed over."""
        self.messages += 1
        self.bytes[message.flow.kind] += message.size_bytes
        self.header_bytes += header_bytes
        self.resent_bytes += resent_bytes

    def drop(self, message: Message, key: int) -> None:
        """Drop *message*, which is known at once, in the place *key*."""
        super().drop(message, key)
        self.note(message, NEVER, NEVER, self.clock.now, 0, DROPPED)

    def note(self, message: Message, start_ns: int, end_ns: int, known_ns: int, attempts: int, outcome: int) -> None:
        """Take no note of when *message*, handed over now, starts, ends, and has its *outcome* known."""


def _jitter(plan: LinkPlan, seed: int) -> Iterator[int]:
    """Return by message how much it is late, in ns."""
    if plan.jitter is None:
        return repeat(0)
    return in_turn(partial(plan.jitter.draw_ns, stream(seed, f"jitter/{plan.name}")), int)


def _pay_nothing(size_bytes: int) -> None:
    """Let *size_bytes* cost nothing: energy is not counted."""
