"""The sections of a run, and what goes up from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.seeds import stream
from ddnnsim.sim import rules
from ddnnsim.sim.draws import in_turn
from ddnnsim.sim.section import KeepingSection, Section
from ddnnsim.sim.sensor import Sensor

if TYPE_CHECKING:
    from ddnnsim.deployment import Section as SectionPlan
    from ddnnsim.sim.exit import Exit
    from ddnnsim.sim.flows import Flows
    from ddnnsim.sim.message import Flow
    from ddnnsim.sim.node import Node
    from ddnnsim.sim.stage import Stage


class Sections:
    """Sections and sensors, placed on nodes."""

    def __init__(self, stage: Stage, nodes: Sequence[Node], flows: Flows) -> None:
        self.stage = stage
        self.nodes = nodes
        self.flows = flows
        self.plans = stage.deployment.sections
        children = [0] * len(self.plans)
        for number, plan in enumerate(self.plans):
            if plan.parent is not None:
                children[plan.parent] |= 1 << number
        self.all = [self._section(number, plan, children[number]) for number, plan in enumerate(self.plans)]
        self._origins: list[tuple[int, Flow]] = []  # what leaves the sections that sense, with the machine it leaves

    def connect(self, exits: Sequence[Exit]) -> None:
        """Let what sections send arrive at their *exits* and parents."""
        for section, plan in zip(self.all, self.plans, strict=True):
            if isinstance(section, Sensor):
                section.parent = self.parent(plan)
                section.raw = self._raw_flows(section, plan)
            else:
                self._connect(section, plan, exits)

    def told(self, number: int) -> Section:
        """Return the section *number*, which computes."""
        section = self.all[number]
        assert isinstance(section, Section)
        return section

    def parent(self, plan: SectionPlan) -> Section:
        """Return the section to which the features, or raw views, of *plan* go."""
        assert plan.parent is not None
        return self.told(plan.parent)

    def origin_bytes(self) -> NDArray[np.int64]:
        """Return by node the payload that its sensing sections put on a first hop: c of eq. (1), ICDCS 2017."""
        sent = np.zeros(len(self.nodes), np.int64)
        for machine, flow in self._origins:
            sent[machine] += flow.bytes
        return sent

    # -- building ------------------------------------------------------------------------------------

    def _section(self, number: int, plan: SectionPlan, children: int) -> Section | Sensor:
        if plan.raw_bytes is not None:
            assert plan.view is not None
            return Sensor(number, plan.view, plan.raw_bytes)
        node, services = self.nodes[plan.machine], self._services(plan)
        if node.memory is None or not self._keeps(plan):
            return Section(number, plan, node.processor, children, services)
        section = KeepingSection(number, plan, node.processor, children, services)
        section.memory, section.features_bytes = node.memory, plan.features_bytes
        return section

    def _services(self, plan: SectionPlan) -> Iterator[int] | None:
        if plan.service is None:
            return None
        deployment = self.stage.deployment
        name = f"service/{plan.level}/{deployment.machines[plan.machine].name}"
        return in_turn(partial(plan.service.draw_ns, stream(deployment.seed, name)), int)

    def _keeps(self, plan: SectionPlan) -> bool:
        """Tell whether the features of the section *plan* wait for an order."""
        if plan.parent is None or plan.exit is None:
            return False
        exit_ = self.stage.deployment.exits[plan.exit]
        return exit_.service_ns is not None or exit_.coordinator is not None

    # -- ways up -------------------------------------------------------------------------------------

    def _connect(self, section: Section, plan: SectionPlan, exits: Sequence[Exit]) -> None:
        """Let what *section* sends arrive at its exit and at its parent."""
        if plan.parent is not None:
            section.parent = self.parent(plan)
            section.send_features = self._upwards(rules.FEATURES, section, plan, plan.features_bytes).send
        if plan.exit is None:
            section.forgo = self.parent(plan).go_without
            section.conclude = section.send_features
            return
        exit_, exit_plan = exits[plan.exit], self.stage.deployment.exits[plan.exit]
        if exit_plan.service_ns is None:
            section.conclude, section.forgo = exit_.decide, exit_.abstain
        else:
            ends = plan.machine, exit_plan.machine
            summary = self.flows.flow(rules.SUMMARY, section.entity, plan.summary_bytes, *ends, exit_.gather)
            summary.miss = exit_.miss
            section.conclude, section.forgo = self._noted(plan, summary).send, exit_.go_without

    def _raw_flows(self, sensor: Sensor, plan: SectionPlan) -> list[Flow]:
        """Return by sample the flow of its views, one for each way that views of some size take."""
        assert plan.raw_bytes is not None
        assert plan.parent is not None
        target = self.plans[plan.parent].machine
        routes = {size: self.stage.deployment.route(plan.machine, target, size) for size in set(plan.raw_bytes)}
        flows = {route: self._upwards(rules.RAW, sensor, plan, size) for size, route in routes.items()}
        return [flows[routes[size]] for size in plan.raw_bytes]

    def _upwards(self, kind: int, section: Section | Sensor, plan: SectionPlan, size_bytes: int) -> Flow:
        """Return the flow of *kind*, of *size_bytes*, from *section* to its parent."""
        assert plan.parent is not None
        parent, target = self.parent(plan), self.plans[plan.parent].machine
        flow = self.flows.flow(kind, section.entity, size_bytes, plan.machine, target, parent.gather)
        flow.miss = parent.miss
        return self._noted(plan, flow)

    def _noted(self, plan: SectionPlan, flow: Flow) -> Flow:
        """Return *flow*, noted as one of those that leave a section that senses if *plan* is one."""
        if plan.view is not None and flow.links:
            self._origins.append((plan.machine, flow))
        return flow
