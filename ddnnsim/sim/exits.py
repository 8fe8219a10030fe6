"""The exits of a run, and what goes out from them: replies, orders, and verdicts to coordinators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ddnnsim.deployment import REPLY_BYTES
from ddnnsim.sim import rules
from ddnnsim.sim.coordinator import Coordinator
from ddnnsim.sim.escalation import Escalation
from ddnnsim.sim.exit import Exit, GroupExit

if TYPE_CHECKING:
    from ddnnsim.sim.flows import Flows
    from ddnnsim.sim.node import Node
    from ddnnsim.sim.sections import Sections
    from ddnnsim.sim.stage import Stage


class Exits:
    """Exits and coordinators, placed on nodes."""

    def __init__(self, stage: Stage, nodes: Sequence[Node], flows: Flows) -> None:
        self.stage = stage
        self.nodes = nodes
        self.flows = flows
        self.plans = stage.deployment.exits
        self.all = [self._exit(number) for number in range(len(self.plans))]
        self.coordinators: list[Coordinator] = []

    def connect(self, sections: Sections) -> None:
        """Let what exits send arrive: replies, and orders to escalate, of their own or by coordinators."""
        self._connect_replies()
        self._connect_orders(sections)
        self._connect_coordinators(sections)

    # -- building ------------------------------------------------------------------------------------

    def _exit(self, number: int) -> Exit:
        stage, plan = self.stage, self.plans[number]
        entity = len(stage.deployment.sections) + number
        kind = Exit if plan.coordinator is None else GroupExit
        processor = self.nodes[plan.machine].processor
        return kind(stage.clock, number, entity, plan, processor, stage.oracle, stage.recorder, stage.outcome)

    def _connect_replies(self) -> None:
        target, outcome = self.stage.deployment.reply_to, self.stage.outcome
        if target is not None:
            for exit_, plan in zip(self.all, self.plans, strict=True):
                reply = self.flows.flow(rules.REPLY, exit_.entity, REPLY_BYTES, plan.machine, target, outcome.replied)
                reply.miss = outcome.miss_reply
                exit_.reply = reply

    def _connect_orders(self, sections: Sections) -> None:
        """Let the exits that have no coordinator, and are not the last, ask their sections for features."""
        for exit_, plan in zip(self.all, self.plans, strict=True):
            if plan.threshold is None or plan.coordinator is not None:
                continue
            if plan.service_ns is None:
                exit_.deferrals = [sections.told(number).send_features for number in plan.sections]
            else:
                exit_.deferrals = [self._escalation(plan.machine, [exit_.number], sections).order]

    def _connect_coordinators(self, sections: Sections) -> None:
        """Let the verdicts of exits that have a coordinator meet there; there is one for each level of them."""
        panels: dict[tuple[int, int], list[int]] = {}
        for number, plan in enumerate(self.plans):
            if plan.coordinator is not None:
                panels.setdefault((plan.level, plan.coordinator), []).append(number)
        self.coordinators = [
            self._coordinator(self.stage.entities + number, self.plans[at].machine, members, sections)
            for number, ((_, at), members) in enumerate(panels.items())
        ]

    def _coordinator(self, entity: int, machine: int, members: list[int], sections: Sections) -> Coordinator:
        """Return the coordinator, on *machine*, of the exits *members*."""
        expected = sum(1 << self.all[member].entity for member in members)
        escalation = self._escalation(machine, members, sections)
        coordinator = Coordinator(self.stage.clock, entity, expected, escalation, self.stage.outcome)
        for member in members:
            self._connect_verdicts(self.all[member], self.plans[member].machine, machine, coordinator)
        return coordinator

    def _connect_verdicts(self, exit_: Exit, source: int, target: int, coordinator: Coordinator) -> None:
        assert isinstance(exit_, GroupExit)
        exit_.coordinator = coordinator
        exit_.yes = self.flows.flow(rules.CONTROL, exit_.entity, 0, source, target, coordinator.hear_yes)
        no = self.flows.flow(rules.CONTROL, exit_.entity, 0, source, target, coordinator.hear_no)
        exit_.yes.miss = no.miss = coordinator.hear_no
        exit_.deferrals = [no.send]

    def _escalation(self, source: int, exits: list[int], sections: Sections) -> Escalation:
        """Return the orders to the sections of *exits*, from the machine *source*."""
        plans, orders = self.plans, []
        for number, of in sorted((number, exit_) for exit_ in exits for number in plans[exit_].sections):
            section, plan = sections.told(number), sections.plans[number]
            size_bytes = plans[of].control_bytes
            order = self.flows.flow(rules.CONTROL, number, size_bytes, source, plan.machine, section.escalate)
            order.miss = sections.parent(plan).miss
            orders.append((section, order))
        return Escalation(self.nodes[source].processor, orders)
