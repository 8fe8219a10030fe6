"""The sections and exits of a run in which it is kept track of where each request stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from functools import partial
from typing import TYPE_CHECKING

from ddnnsim.sim.asking import Addressee, Asking, Releasing
from ddnnsim.sim.exits import Exits
from ddnnsim.sim.flows import End
from ddnnsim.sim.gathers import SuspectingGathers
from ddnnsim.sim.sections import Sections
from ddnnsim.sim.tracked import TrackedCoordinator, TrackedExit, TrackedGroupExit, TrackedSection

if TYPE_CHECKING:
    from ddnnsim.deployment import Exit as ExitPlan
    from ddnnsim.deployment import Section as SectionPlan
    from ddnnsim.sim.coordinator import Coordinator
    from ddnnsim.sim.escalation import Escalation
    from ddnnsim.sim.exit import Exit
    from ddnnsim.sim.memory import Memory
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.node import Node
    from ddnnsim.sim.request import Request
    from ddnnsim.sim.section import Section


class TrackedSections(Sections):
    """Sections that may be asked too early or too late, and sensors."""

    def computing(
        self, number: int, plan: SectionPlan, node: Node, memory: Memory | None, services: Iterator[int] | None
    ) -> Section:
        """Return the section *number* on *node*; its features wait in *memory*, or need no room."""
        section = TrackedSection(number, plan, node.processor, services)
        section.memory, section.features_bytes = memory, plan.features_bytes
        return section

    def attach(self, section: Section, plan: SectionPlan, exits: Exits) -> None:
        """Let what *section* sends arrive at its exit and at its parent."""
        super().attach(section, plan, exits)
        if plan.parent is not None:
            assert isinstance(section, TrackedSection)
            section.confess = self.gathers.forgoing(plan.machine, self.parent(plan).gather)

    def above(self, number: int) -> int:
        """Return the gathers that features of the section *number* pass until there is an exit, as a bit mask."""
        parent = self.plans[number].parent
        if parent is None:
            return 0
        return 1 << parent | (self.above(parent) if self.plans[parent].exit is None else 0)


class TrackedExits(Exits):
    """Exits that know of each other what they have decided, and whom they can tell."""

    kinds = TrackedExit, TrackedGroupExit

    def connect(self, sections: Sections) -> None:
        """Let what exits send arrive, and let each know what is below it."""
        super().connect(sections)
        for exit_, plan in (seat for seats in self.seats for seat in seats):
            assert isinstance(exit_, TrackedExit)
            exit_.gathers = 1 << exit_.entity | sum(1 << number for number in plan.sections)
            exit_.below = self._below(plan.level)

    def coordinator(self, entity: int, escalation: Escalation, members: list[int]) -> Coordinator:
        """Return a coordinator of the exits *members*, which has the features sent up by *escalation*."""
        coordinator = TrackedCoordinator(self.stage.clock, entity, escalation, self.stage.outcome)
        coordinator.below = self._below(self.plans[members[0]].level)
        return coordinator

    def release(self, exit_: Exit, plan: ExitPlan, sections: Sections) -> Callable[[Request, int], None]:
        """Return what has the features sent of the section of which *exit_*, where *plan* has it, is part."""
        section, number = self.section_at(plan, sections), plan.sections[0]
        addressee = self._addressee(plan.machine, number, 0, section, section.send_features, sections)
        return Releasing(self.stage.outcome, [addressee], _nobody).order

    def escalation(self, source: int, exits: list[int], sections: Sections) -> Escalation:
        """Return the orders to the sections of *exits*, from the machine *source*."""
        addressees = []
        for number, of in self.addressed(exits):
            ends = [End(machine, self._heeding(told), _confession(told)) for machine, told in sections.told_at(number)]
            order, control_bytes = self.order(source, number, of, ends), self.plans[of].control_bytes
            told = sections.told(number)
            addressees.append(self._addressee(source, number, control_bytes, told, order.send, sections))
        selection = self.guidance.selection(exits)
        return Asking(self.stage.outcome, addressees, _nobody if selection is None else selection.left_out)

    def _addressee(
        self,
        source: int,
        number: int,
        control_bytes: int,
        section: Section,
        ask: Callable[[Request, int], None],
        sections: Sections,
    ) -> Addressee:
        """Return the section *number*, *section*, as one that *ask* asks from the machine *source*."""
        assert isinstance(sections, TrackedSections)
        above = sections.above(number)
        if isinstance(self.gathers, SuspectingGathers):
            near: Callable[[Request], bool] = partial(self._is_trusted, source, self.gathers.silent[source], number)
            return Addressee(number, section, above, ask, _always, near)
        if self.stage.deployment.faults:
            near = partial(self._has_ways, source, number, control_bytes)
            return Addressee(number, section, above, ask, section.has_features, near)
        alive = partial(self._has_alive, source, number, section)
        return Addressee(number, section, above, ask, alive, _always)

    def _is_trusted(self, source: int, silent: Set[int], number: int, request: Request) -> bool:
        """Tell whether *source* is up, and the machine of the section *number* is not one of *silent*, for *source*."""
        return not self.nodes[source].processor.dead and self.stage.hosts.machine(request, number) not in silent

    def _has_ways(self, source: int, number: int, control_bytes: int, request: Request) -> bool:
        """Tell whether an order can get from *source* to the section *number*, and its features to its parent."""
        if self.stage.reach.is_whole():
            return True
        hosts, plan, whole = self.stage.hosts, self.stage.deployment.sections[number], self.stage.reach.whole
        assert plan.parent is not None
        at, parent = hosts.machine(request, number), hosts.machine(request, plan.parent)
        return whole(source, at, control_bytes) and whole(at, parent, plan.features_bytes)

    def _has_alive(self, source: int, number: int, section: Section, request: Request) -> bool:
        """Tell whether *section*, the section *number*, may have features, and neither it nor *source* is dead."""
        at = self.stage.hosts.machine(request, number)
        alive = not (self.nodes[source].processor.dead or self.nodes[at].processor.dead)
        return alive and section.has_features(request)

    def _heeding(self, told: Section) -> Callable[[Message], None]:
        """Return what follows from an order that *told* gets."""
        return partial(_heed_in_time, told) if self.stage.deployment.recovery.cancel else told.escalate

    def _below(self, level: int) -> int:
        """Return the exits of levels below *level*, as a bit mask."""
        return sum(1 << exit_.entity for exit_, plan in zip(self.all, self.plans, strict=True) if plan.level < level)


def _heed_in_time(told: Section, order: Message) -> None:
    """Let *told* follow *order*, unless the request is over."""
    if not order.request.over:
        told.escalate(order)


def _confession(told: Section) -> Callable[[Message], None]:
    """Return what follows from an order to *told* that never comes."""

    def confess(order: Message) -> None:
        assert isinstance(told, TrackedSection)
        told.confess(order.request, order.flow.sender)

    return confess


def _always(request: Request) -> bool:
    """Tell that it may be so of any *request*."""
    return True


def _nobody(request: Request) -> int:
    """Return the sections that are left out of *request*, as a bit mask: none."""
    return 0
