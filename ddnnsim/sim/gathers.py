"""The gathers of a run: each waits in the way that its deployment asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ddnnsim.sim.closing import ClosingGather
from ddnnsim.sim.gather import Gather
from ddnnsim.sim.suspicion import SuspectingGather, SuspectingPanel

if TYPE_CHECKING:
    from ddnnsim.sim.coordinator import Coordinator
    from ddnnsim.sim.exit import Exit
    from ddnnsim.sim.node import Node
    from ddnnsim.sim.request import Request
    from ddnnsim.sim.section import Section
    from ddnnsim.sim.stage import Stage

Begin = Callable[["Request"], None]


class Gathers:
    """Makes gathers that wait for all that they expect, or know that it will never come."""

    def gather(self, party: Section | Exit, machine: int, expected: int) -> Gather:
        """Return the gather of *party*, on *machine*, which works on what has come of what is *expected*."""
        return Gather(party.entity, expected, party.begin)

    def panel(self, coordinator: Coordinator, machine: int, expected: int) -> Gather:
        """Return the gather of *coordinator*, on *machine*, of the verdicts of the exits *expected*."""
        return Gather(coordinator.entity, expected, coordinator.begin)

    def forgoing(self, machine: int, gather: Gather) -> Callable[[Request, int], None]:
        """Return whom a party on *machine* tells that there never will be what *gather* expects of it."""
        return gather.go_without


class ClosingGathers(Gathers):
    """Makes gathers that may be closed before."""

    def __init__(self, stage: Stage, nodes: Sequence[Node]) -> None:
        self.stage = stage
        self.nodes = nodes

    def gather(self, party: Section | Exit, machine: int, expected: int) -> Gather:
        """Return the gather of *party*, on *machine*, which works on what has come of what is *expected*."""
        return self._closing(machine, party.entity, expected, self._begin(party))

    def panel(self, coordinator: Coordinator, machine: int, expected: int) -> Gather:
        """Return the gather of *coordinator*, on *machine*, of the verdicts of the exits *expected*."""
        return self._closing(machine, coordinator.entity, expected, coordinator.begin)

    def _closing(self, machine: int, entity: int, expected: int, begin: Begin) -> ClosingGather:
        stage = self.stage
        return ClosingGather(stage.clock, stage.recorder, self.nodes[machine].processor, entity, expected, begin)

    def _begin(self, party: Section | Exit) -> Begin:
        """Return what *party* does when its gather is closed: absent views may be blank, and are worked on."""
        return partial(party.processor.submit, work=party) if self.stage.deployment.blanks else party.begin


class SuspectingGathers(ClosingGathers):
    """Makes gathers that know of others what beats tell: whom they do not wait for."""

    def __init__(self, stage: Stage, nodes: Sequence[Node]) -> None:
        super().__init__(stage, nodes)
        self.silent: list[set[int]] = [set() for _ in nodes]
        """By machine, those that it suspects."""
        self.on: defaultdict[int, list[SuspectingGather]] = defaultdict(list)
        """By machine, its gathers."""

    def panel(self, coordinator: Coordinator, machine: int, expected: int) -> Gather:
        """Return the gather of *coordinator*, on *machine*, of the verdicts of the exits *expected*."""
        return self._suspecting(SuspectingPanel, machine, coordinator.entity, expected, coordinator.begin)

    def forgoing(self, machine: int, gather: Gather) -> Callable[[Request, int], None]:
        """Return whom a party on *machine* tells that there never will be what *gather* expects of it: itself alone."""
        return partial(self._forgo_here, machine, gather)

    def _closing(self, machine: int, entity: int, expected: int, begin: Begin) -> ClosingGather:
        return self._suspecting(SuspectingGather, machine, entity, expected, begin)

    def _suspecting(
        self, kind: type[SuspectingGather], machine: int, entity: int, expected: int, begin: Begin
    ) -> SuspectingGather:
        stage, silent, processor = self.stage, self.silent[machine], self.nodes[machine].processor
        gather = kind(stage.hosts, silent, stage.clock, stage.recorder, processor, entity, expected, begin)
        self.on[machine].append(gather)
        stage.outcome.when_answered.append(gather.release)
        stage.outcome.when_lost.append(gather.release)
        return gather

    def _forgo_here(self, machine: int, gather: Gather, request: Request, sender: int) -> None:
        if self.stage.hosts.machine(request, gather.entity) == machine:
            gather.go_without(request, sender)
