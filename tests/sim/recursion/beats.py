"""Heartbeats: who sends them to whom, and who is taken for dead."""

from __future__ import annotations

from collections.abc import Callable

from ddnnsim.deployment import Deployment, Exit, Section

from .agenda import PATIENCE, Agenda, Place
from .machines import Machine
from .network import Network


class Beats:
    """*suspects* is called with (target, source) when the former begins to take the latter for dead."""

    def __init__(
        self,
        deployment: Deployment,
        agenda: Agenda,
        machines: list[Machine],
        network: Network,
        suspects: Callable[[int, int], None],
    ) -> None:
        self.plan = deployment.recovery.heartbeats
        self.agenda = agenda
        self.machines = machines
        self.network = network
        self._suspects = suspects
        self._suspected: set[tuple[int, int]] = set()
        self._alarms: dict[int, Place] = {}
        self.pairs = [] if self.plan is None else pairs(deployment)
        for number in range(len(self.pairs)):
            self._beat_at(0, number)
            self._is_alive(number)

    def is_suspected(self, source: int, target: int) -> bool:
        """Whether *target* takes *source* for dead."""
        return (source, target) in self._suspected

    def goes_down(self, target: int) -> None:
        """Take note that *target* is down: it suspects nobody more."""
        for number, (_, t) in enumerate(self.pairs):
            if t == target:
                self.agenda.strike(self._alarms.get(number))

    def comes_up(self, target: int) -> None:
        for number, (_, t) in enumerate(self.pairs):
            if t == target:
                self._is_alive(number)

    def _beat_at(self, k: int, number: int) -> None:
        at = k * self.plan.period_ns
        act = lambda: self._beat(k, number)  # noqa: E731
        self.agenda.enter(at, PATIENCE, 0, number, 0, 2, act=act, keeps_going=False)

    def _beat(self, k: int, number: int) -> None:
        source, target = self.pairs[number]
        if self.machines[source].alive:
            self.network.send(
                k, number, "heartbeat", self.plan.size_bytes, source, target,
                lambda: self._is_alive(number), lambda: None,
            )  # fmt: skip
        self._beat_at(k + 1, number)

    def _is_alive(self, number: int) -> None:
        """Take the source of a pair for alive, for as long as the timeout."""
        self._suspected.discard(self.pairs[number])
        self.agenda.strike(self._alarms.get(number))
        at = self.agenda.now + self.plan.timeout_ns
        act = lambda: self._is_silent(number)  # noqa: E731
        self._alarms[number] = self.agenda.enter(at, PATIENCE, 0, number, 0, 3, act=act, keeps_going=False)

    def _is_silent(self, number: int) -> None:
        source, target = self.pairs[number]
        self._suspected.add((source, target))
        self._suspects(target, source)


def pairs(deployment: Deployment) -> list[tuple[int, int]]:
    """Return the pairs that have beats, in their order."""
    found = set()
    for section in deployment.sections:
        if section.exit is not None and deployment.exits[section.exit].service_ns is not None:
            found |= _between(section, deployment.exits[section.exit])
        if section.parent is not None:
            found |= _between(section, deployment.sections[section.parent])
    for exit_ in deployment.exits:
        if exit_.coordinator is not None:
            found |= _between(exit_, deployment.exits[exit_.coordinator])
    return sorted(found)


def _between(one: Section | Exit, other: Section | Exit) -> set[tuple[int, int]]:
    """Return whom of *one* and *other*, or their stand-ins, may be on different nodes."""
    sources, targets = ([of.machine, *(s.machine for s in of.stand_ins)] for of in (one, other))
    return {(a, b) for a in sources for b in targets if a != b}
