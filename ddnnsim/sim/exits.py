"""The exits of a run, and what goes out from them: replies, orders, and verdicts to coordinators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.deployment import REPLY_BYTES
from ddnnsim.sim import rules
from ddnnsim.sim.coordinator import Coordinator
from ddnnsim.sim.escalation import Escalation
from ddnnsim.sim.exit import Exit, GroupExit
from ddnnsim.sim.flows import End
from ddnnsim.sim.gather import Gather
from ddnnsim.sim.guide import Guide
from ddnnsim.sim.moving import MovingCoordinator, MovingExit
from ddnnsim.sim.selection import Selection, SelectiveEscalation

if TYPE_CHECKING:
    from ddnnsim.deployment import Exit as ExitPlan
    from ddnnsim.policy import Policy
    from ddnnsim.sim.flows import Flows
    from ddnnsim.sim.message import Flow, Message
    from ddnnsim.sim.node import Node
    from ddnnsim.sim.sections import Sections
    from ddnnsim.sim.stage import Stage


class Seat(NamedTuple):
    """An exit where it can be."""

    exit: Exit
    plan: ExitPlan
    """As if it were nowhere else."""


class Exits:
    """Exits and coordinators, placed on nodes."""

    def __init__(self, stage: Stage, nodes: Sequence[Node], flows: Flows) -> None:
        self.stage = stage
        self.nodes = nodes
        self.flows = flows
        self.plans = stage.deployment.exits
        self._selections: dict[int, Selection] = {}  # by exit that has a policy
        self.seats = [list(self._seats(number, plan)) for number, plan in enumerate(self.plans)]
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

    # -- building ------------------------------------------------------------------------------------

    def _placements(self, plan: ExitPlan) -> Iterator[ExitPlan]:
        """Yield *plan* for its own node, then for each stand-in."""
        yield plan
        for at in plan.stand_ins:
            yield replace(plan, machine=at.machine, service_ns=at.service_ns)

    def _seats(self, number: int, plan: ExitPlan) -> Iterator[Seat]:
        """Yield the exit *number* for each node where it can be; its policy, where it has one, moves with it."""
        policy = None if plan.policy is None else self.stage.policies(plan.policy)
        if policy is not None:
            self._selections[number] = Selection(self.stage.outcome)
        for at in self._placements(plan):
            exit_ = self._exit(number, at)
            if policy is not None:
                exit_.settles = self._guide(number, at, policy).settles
            yield Seat(exit_, at)

    def _exit(self, number: int, plan: ExitPlan) -> Exit:
        stage = self.stage
        entity = len(stage.deployment.sections) + number
        kind = Exit if plan.coordinator is None else GroupExit
        processor = self.nodes[plan.machine].processor
        exit_ = kind(stage.clock, number, entity, plan, processor, stage.oracle, stage.recorder, stage.outcome)
        exit_.gather = Gather(entity, sum(1 << section for section in plan.sections), exit_.begin)
        return exit_

    def _guide(self, number: int, plan: ExitPlan, policy: Policy) -> Guide:
        """Return what asks *policy* for the exit *number* where *plan* has it; only at home does it see its uplink."""
        assert plan.policy is not None
        at_home = plan.machine == self.plans[number].machine
        gauge = self.flows.network.gauge(plan.policy.uplink if at_home else None)
        processor = self.nodes[plan.machine].processor
        return Guide(self.stage, number, policy, processor, gauge, self._selections[number])

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
                exit_.deferrals = [dict(sections.told_at(plan.sections[0]))[plan.machine].send_features]
            else:
                selection = self._selections.get(exit_.number)
                exit_.deferrals = [self._escalation(plan.machine, [exit_.number], sections, selection).order]

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
        selection = Selection(self.stage.outcome) if self._selections.keys() & set(members) else None
        stage, replicas = self.stage, []
        for _, plan in self.seats[at]:
            escalation = self._escalation(plan.machine, members, sections, selection)
            replica = Coordinator(stage.clock, entity, escalation, stage.outcome)
            replica.gather = Gather(entity, expected, replica.begin)
            replicas.append(replica)
        machines = [plan.machine for _, plan in self.seats[at]]
        coordinator = replicas[0] if len(replicas) == 1 else MovingCoordinator(stage.hosts, replicas)
        yes = [End(machine, told.hear_yes, told.hear_no) for machine, told in zip(machines, replicas, strict=True)]
        for exit_, plan in (seat for member in members for seat in self.seats[member]):
            assert isinstance(exit_, GroupExit)
            heard = [self._hearing(exit_, told, selection) for told in replicas]
            ends = zip(machines, heard, replicas, strict=True)
            no = [End(machine, hear_no, told.hear_no) for machine, hear_no, told in ends]
            exit_.coordinator = coordinator
            exit_.yes = self._verdict(exit_, plan.machine, entity, yes)
            exit_.no = self._verdict(exit_, plan.machine, entity, no)
            exit_.deferrals = [exit_.refer]
        return coordinator

    def _hearing(self, exit_: Exit, coordinator: Coordinator, selection: Selection | None) -> Callable[[Message], None]:
        """Return how *coordinator* takes a no of *exit_*, and with it what its policy has left out."""
        own = self._selections.get(exit_.number)
        if own is None or selection is None:
            return coordinator.hear_no
        return partial(_hear, coordinator, own, selection)

    def _verdict(self, exit_: Exit, source: int, coordinator: int, ends: Sequence[End]) -> Flow:
        """Return the flow of a verdict of *exit_*, from the machine *source*, to the *coordinator*, one of *ends*."""
        return self.flows.fork(coordinator, self.flows.flows(rules.CONTROL, exit_.entity, 0, source, ends))

    def _escalation(self, source: int, exits: list[int], sections: Sections, selection: Selection | None) -> Escalation:
        """Return the orders to the sections of *exits*, from the machine *source*; *selection* may leave some out."""
        plans, orders = self.plans, []
        for number, of in sorted((number, exit_) for exit_ in exits for number in plans[exit_].sections):
            section, parent = sections.told(number), sections.parent(sections.plans[number])
            ends = [End(machine, told.escalate, parent.gather.miss) for machine, told in sections.told_at(number)]
            flows = self.flows.flows(rules.CONTROL, number, plans[of].control_bytes, source, ends)
            orders.append((section, self.flows.fork(number, flows)))
        processor = self.nodes[source].processor
        return Escalation(processor, orders) if selection is None else SelectiveEscalation(processor, orders, selection)


def _hear(coordinator: Coordinator, own: Selection, selection: Selection, verdict: Message) -> None:
    """Let *coordinator* take *verdict*, a no, and with it what the policy of its exit has left out."""
    selection.leave_out(verdict.request, own.left_out(verdict.request))
    coordinator.hear_no(verdict)
