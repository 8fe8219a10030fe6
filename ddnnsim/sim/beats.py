"""Heartbeats: what tells nodes that others are alive, and whom they suspect of not being so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ddnnsim.errors import UserError
from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening
from ddnnsim.sim.message import Message
from ddnnsim.sim.request import Request

if TYPE_CHECKING:
    from ddnnsim.recovery import Heartbeats
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.condition import Condition
    from ddnnsim.sim.message import Flow
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.suspicion import SuspectingGather

MOST_BEATS = 10_000_000
"""Of a run: beyond them it takes many minutes."""
MOST_UNDER_WAY = 200_000
"""At once: links that are slower than beats are sent hold ever more of them, a kilobyte each."""

_BEAT, _SILENCE = 2, 3


class Beat(Message):
    """A sign of life; it keeps no run going."""

    idle = True


class Moment(Happening):
    """The instant at which a beat is sent, or at which silence may have lasted for too long."""

    idle = True


class Toll:
    """How many beats a run has, of all its pairs; far too many end it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.sent = 0
        self.under_way = 0

    def send(self) -> None:
        """Count a beat. Raises UserError for far too many, in all or at once."""
        self.sent += 1
        self.under_way += 1
        if self.sent > MOST_BEATS:
            self._refuse(f"more than {MOST_BEATS:,} beats", "write a longer period, or stop earlier with run.until")
        if self.under_way > MOST_UNDER_WAY:
            self._refuse(
                f"more than {MOST_UNDER_WAY:,} beats are under way", "write a longer period, or a smaller size"
            )

    def end(self) -> None:
        """Count a beat that has arrived, or that never will."""
        self.under_way -= 1

    def _refuse(self, what: str, instead: str) -> None:
        raise UserError(f"recovery.detector: {what} by {self.clock.now / rules.NS_PER_S:g} s; {instead}")


class Pair:
    """A node that sends beats to another, which suspects it when none arrives."""

    def __init__(
        self,
        clock: Clock,
        plan: Heartbeats,
        toll: Toll,
        number: int,
        machine: int,
        source: Processor,
        target: Processor,
        silent: set[int],
        gathers: Sequence[SuspectingGather],
    ) -> None:
        self.clock = clock
        self.plan = plan
        self.toll = toll
        self.machine = machine
        """The source's."""
        self.source = source
        self.target = target
        self.silent = silent
        """The machines that the target suspects."""
        self.gathers = gathers
        """Those on the target that may expect something of the source."""
        self.flow: Flow
        self._beat_key = rules.key(rules.TIMEOUT, entity=number, kind=_BEAT)
        self._silence_key = rules.key(rules.TIMEOUT, entity=number, kind=_SILENCE)
        self._beats = 0
        self._heard_ns = 0
        self._listening = False
        self._down = False

    def begin(self) -> None:
        """Let beats be sent, and waited for, from now on."""
        self._next_beat(0)
        self.revive()

    def hear(self, beat: Message) -> None:
        """Take *beat*: the source is alive."""
        self.toll.end()
        self.revive()

    def miss(self, beat: Message) -> None:
        """Count *beat*, which never comes; nobody learns of it."""
        self.toll.end()

    def revive(self) -> None:
        """Take the source for alive, as if a beat had arrived."""
        self._heard_ns = self.clock.now
        self.silent.discard(self.machine)
        if not self._listening:
            self._listen(self.plan.timeout_ns)

    def notice(self, condition: Condition, target: int) -> None:
        """Notice whether the machine *target* has recovered, as *condition* has changed."""
        was_down, self._down = self._down, target in condition.nodes
        if was_down and not self._down:
            self.revive()

    def _next_beat(self, delay_ns: int) -> None:
        self.clock.arrange(Moment(self.clock), (self._beat,), self._beat_key, delay_ns)

    def _beat(self, moment: Moment) -> None:
        number, self._beats = self._beats, self._beats + 1
        if not self.source.dead:
            self.toll.send()
            self.flow.put(Beat(Request(number, 0, 0), self.flow, 0, self.plan.size_bytes))
        self._next_beat(self.plan.period_ns)

    def _listen(self, delay_ns: int) -> None:
        self._listening = True
        self.clock.arrange(Moment(self.clock), (self._hear_nothing,), self._silence_key, delay_ns)

    def _hear_nothing(self, moment: Moment) -> None:
        left_ns = self._heard_ns + self.plan.timeout_ns - self.clock.now
        if left_ns > 0:
            self._listen(left_ns)
            return
        self._listening = False
        if not self.target.dead:
            self.silent.add(self.machine)
            for request, gather in sorted(self._waiting(), key=lambda of: (of[0].id, of[1].entity)):
                gather.look_again(request)  # what follows from one look may have closed others

    def _waiting(self) -> list[tuple[Request, SuspectingGather]]:
        """Return what is open on the target."""
        return [(request, gather) for gather in self.gathers for request in gather.open()]
