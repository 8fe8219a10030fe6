"""The exits of a run, and what goes out from them: replies, orders, and verdicts to coordinators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.deployment import REPLY_BYTES, VERDICT_BYTES
from ddnnsim.sim import rules
from ddnnsim.sim.coordinator import Coordinator
from ddnnsim.sim.exit import Exit, GroupExit
from ddnnsim.sim.flows import End
from ddnnsim.sim.guidance import Guidance
from ddnnsim.sim.hosts import Opening
from ddnnsim.sim.moving import MovingCoordinator, MovingExit

if TYPE_CHECKING:
    from ddnnsim.deployment import Exit as ExitPlan
    from ddnnsim.sim.escalation import Escalation
    from ddnnsim.sim.flows import Flows
    from ddnnsim.sim.gathers import Gathers
    from ddnnsim.sim.message import Flow
    from ddnnsim.sim.node import Node
    from ddnnsim.sim.request import Request
    from ddnnsim.sim.section import Section
    from ddnnsim.sim.sections import Sections
    from ddnnsim.sim.stage import Stage


class Seat(NamedTuple):
    """An exit where it can be."""

    exit: Exit
    plan: ExitPlan
    """As if it were nowhere else."""


class Exits:
    """Exits and coordinators, placed on nodes."""

    kinds: tuple[type[Exit], type[GroupExit]] = Exit, GroupExit
    """Of an exit that orders its own sections, and of one that has a coordinator."""

    def __init__(self, stage: Stage, nodes: Sequence[Node], flows: Flows, gathers: Gathers) -> None:
        self.stage = stage
        self.nodes = nodes
        self.flows = flows
        self.gathers = gathers
        self.plans = stage.deployment.exits
        self.guidance = Guidance(stage, flows.network)
        self.seats = [
            [Seat(self._exit(number, at), at) for at in self._placements(plan)]
            for number, plan in enumerate(self.plans)
        ]
        """Of each, by where it can be, the exit that works there."""
        self.all = [self._wherever(seats) for seats in self.seats]
        self.coordinators: list[Coordinator] = []

    def connect(self, sections: Sections) -> None:
        """Let what exits send arrive: replies, and orders to escalate, of their own or by coordinators."""
        self._connect_replies()
        self._connect_orders(sections)
        self._connect_coordinators(sections)

    def ends(self, number: int) -> list[End]:
        """Return by where the exit *number* can be the end of the summaries that go to it."""
        return [End(plan.machine, exit_.gather.take, exit_.gather.miss) for exit_, plan in self.seats[number]]

    # -- parts, of which there are others where it is kept track of requests ---------------------------

    def coordinator(self, entity: int, escalation: Escalation, members: list[int]) -> Coordinator:
        """Return a coordinator of the exits *members*, which has the features sent up by *escalation*."""
        return Coordinator(self.stage.clock, entity, escalation, self.stage.outcome)

    def release(self, exit_: Exit, plan: ExitPlan, sections: Sections) -> Callable[[Request, int], None]:
        """Return what has the features sent of the section of which *exit_*, where *plan* has it, is part."""
        return self.section_at(plan, sections).send_features

    def escalation(self, source: int, exits: list[int], sections: Sections) -> Escalation:
        """Return the orders to the sections of *exits*, from the machine *source*."""
        orders = []
        for number, of in self.addressed(exits):
            section, parent = sections.told(number), sections.parent(sections.plans[number])
            ends = [End(machine, told.escalate, parent.gather.miss) for machine, told in sections.told_at(number)]
            orders.append((section, self.order(source, number, of, ends)))
        return self.guidance.escalation(exits, self.nodes[source].processor, orders)

    def section_at(self, plan: ExitPlan, sections: Sections) -> Section:
        """Return the only section of *plan*, where that is."""
        return dict(sections.told_at(plan.sections[0]))[plan.machine]

    def addressed(self, exits: list[int]) -> list[tuple[int, int]]:
        """Return the sections of *exits* in order, each with its exit."""
        return sorted((number, exit_) for exit_ in exits for number in self.plans[exit_].sections)

    def order(self, source: int, number: int, of: int, ends: Sequence[End]) -> Flow:
        """Return the flow of orders from the machine *source* to the section *number* of the exit *of*."""
        sections, size_bytes = self.stage.deployment.sections, self.plans[of].control_bytes
        orders = self.flows.fork(number, self.flows.flows(rules.CONTROL, number, size_bytes, source, ends))
        above = sections[number].parent
        assert above is not None
        return Opening(self.stage.hosts, above, orders) if sections[above].stand_ins else orders

    # -- building ------------------------------------------------------------------------------------

    def _placements(self, plan: ExitPlan) -> Iterator[ExitPlan]:
        """Yield *plan* for its own node, then for each stand-in."""
        yield plan
        for at in plan.stand_ins:
            yield replace(plan, machine=at.machine, service_ns=at.service_ns)

    def _exit(self, number: int, plan: ExitPlan) -> Exit:
        stage = self.stage
        entity = len(stage.deployment.sections) + number
        kind = self.kinds[plan.coordinator is not None]
        processor = self.nodes[plan.machine].processor
        exit_ = kind(stage.clock, number, entity, plan, processor, stage.oracle, stage.recorder, stage.outcome)
        exit_.gather = self.gathers.gather(exit_, plan.machine, sum(1 << section for section in plan.sections))
        self.guidance.guide(exit_, plan)
        return exit_

    def _wherever(self, seats: list[Seat]) -> Exit:
        """Return what stands for the exit of all *seats*, wherever it is."""
        return seats[0].exit if len(seats) == 1 else MovingExit(self.stage.hosts, [exit_ for exit_, _ in seats])

    def _connect_replies(self) -> None:
        target, outcome = self.stage.deployment.reply_to, self.stage.outcome
        if target is not None:
            for exit_, plan in (seat for seats in self.seats for seat in seats):
                reply = self.flows.flow(rules.REPLY, exit_.entity, REPLY_BYTES, plan.machine, target, outcome.replied)
                reply.miss = outcome.miss_reply
                exit_.reply = reply

    def _connect_orders(self, sections: Sections) -> None:
        """Let the exits that have no coordinator, and are not the last, ask their sections for features."""
        for exit_, plan in (seat for seats in self.seats for seat in seats):
            if plan.threshold is None or plan.coordinator is not None:
                continue
            if plan.service_ns is None:
                exit_.deferrals = [self.release(exit_, plan, sections)]
            else:
                exit_.deferrals = [self.escalation(plan.machine, [exit_.number], sections).order]

    def _connect_coordinators(self, sections: Sections) -> None:
        """Let the verdicts of exits that have a coordinator meet there; there is one for each level of them."""
        panels: dict[tuple[int, int], list[int]] = {}
        for number, plan in enumerate(self.plans):
            if plan.coordinator is not None:
                panels.setdefault((plan.level, plan.coordinator), []).append(number)
        self.coordinators = [
            self._coordinator(self.stage.entities + number, at, members, sections)
            for number, ((_, at), members) in enumerate(panels.items())
        ]

    def _coordinator(self, entity: int, at: int, members: list[int], sections: Sections) -> Coordinator:
        """Return the coordinator, where the exit *at* is, of the exits *members*."""
        expected = sum(1 << self.all[member].entity for member in members)
        self.stage.hosts.follow(entity, self.all[at].entity)
        replicas, yes, no = [], [], []
        for _, plan in self.seats[at]:
            replica = self.coordinator(entity, self.escalation(plan.machine, members, sections), members)
            replica.gather = self.gathers.panel(replica, plan.machine, expected)
            replicas.append(replica)
            yes.append(End(plan.machine, replica.hear_yes, replica.hear_no))
            hear_no = self.guidance.hearing(members, self.nodes[plan.machine].processor, replica.hear_no)
            no.append(End(plan.machine, hear_no, replica.hear_no))
        coordinator = replicas[0] if len(replicas) == 1 else MovingCoordinator(self.stage.hosts, replicas)
        for exit_, plan in (seat for member in members for seat in self.seats[member]):
            assert isinstance(exit_, GroupExit)
            exit_.coordinator = coordinator
            exit_.forgo = self.gathers.forgoing(plan.machine, coordinator.gather)
            exit_.yes = self._verdict(exit_, plan.machine, entity, yes)
            exit_.no = self._verdict(exit_, plan.machine, entity, no)
            exit_.deferrals = [exit_.refer]
        return coordinator

    def _verdict(self, exit_: Exit, source: int, coordinator: int, ends: Sequence[End]) -> Flow:
        """Return the flow of a verdict of *exit_*, from the machine *source*, to the *coordinator*, one of *ends*."""
        return self.flows.fork(coordinator, self.flows.flows(rules.CONTROL, exit_.entity, VERDICT_BYTES, source, ends))
