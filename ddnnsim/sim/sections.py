"""The sections of a run, and what goes up from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddnnsim.seeds import stream
from ddnnsim.sim import rules
from ddnnsim.sim.draws import in_turn
from ddnnsim.sim.flows import End
from ddnnsim.sim.moving import MovingSection
from ddnnsim.sim.section import KeepingSection, Section
from ddnnsim.sim.sensor import Sensor

if TYPE_CHECKING:
    from ddnnsim.deployment import Section as SectionPlan
    from ddnnsim.sim.exits import Exits
    from ddnnsim.sim.flows import Flows
    from ddnnsim.sim.gathers import Gathers
    from ddnnsim.sim.memory import Memory
    from ddnnsim.sim.message import Flow
    from ddnnsim.sim.node import Node
    from ddnnsim.sim.stage import Stage


class Seat(NamedTuple):
    """A section where it can be."""

    section: Section | Sensor
    plan: SectionPlan
    """As if it were nowhere else."""


class Sections:
    """Sections and sensors, placed on nodes."""

    def __init__(self, stage: Stage, nodes: Sequence[Node], flows: Flows, gathers: Gathers) -> None:
        self.stage = stage
        self.nodes = nodes
        self.flows = flows
        self.gathers = gathers
        self.plans = stage.deployment.sections
        children = [0] * len(self.plans)
        for number, plan in enumerate(self.plans):
            if plan.parent is not None:
                children[plan.parent] |= 1 << number
        self.seats = [
            [Seat(self._section(number, at, children[number]), at) for at in self._placements(plan)]
            for number, plan in enumerate(self.plans)
        ]
        """Of each, by where it can be, the section that works there."""
        self.all = [self._wherever(seats) for seats in self.seats]
        self._origins: list[tuple[int, Flow]] = []  # what leaves the sections that sense, with the machine it leaves

    def connect(self, exits: Exits) -> None:
        """Let what sections send arrive at their *exits* and parents."""
        for section, plan in (seat for seats in self.seats for seat in seats):
            if isinstance(section, Sensor):
                section.forgo = self.gathers.forgoing(plan.machine, self.parent(plan).gather)
                section.raw = self._raw_flows(section, plan)
            else:
                self.attach(section, plan, exits)

    def told(self, number: int) -> Section:
        """Return the section *number*, which computes."""
        section = self.all[number]
        assert isinstance(section, Section)
        return section

    def parent(self, plan: SectionPlan) -> Section:
        """Return the section to which the features, or raw views, of *plan* go."""
        assert plan.parent is not None
        return self.told(plan.parent)

    def told_at(self, number: int) -> list[tuple[int, Section]]:
        """Return the section *number*, which computes, by machine on which it can be."""
        return [(plan.machine, section) for section, plan in self.seats[number] if isinstance(section, Section)]

    def ends(self, number: int) -> list[End]:
        """Return the ends of what goes up to the section *number*."""
        return [End(machine, section.gather.take, section.gather.miss) for machine, section in self.told_at(number)]

    def origin_bytes(self) -> NDArray[np.int64]:
        """Return by node the payload that its sensing sections put on a first hop: c of eq. (1), ICDCS 2017."""
        sent = np.zeros(len(self.nodes), np.int64)
        for machine, flow in self._origins:
            sent[machine] += flow.bytes
        return sent

    # -- parts, of which there are others where it is kept track of requests ---------------------------

    def computing(
        self, number: int, plan: SectionPlan, node: Node, memory: Memory | None, services: Iterator[int] | None
    ) -> Section:
        """Return the section *number* on *node*; its features wait in *memory*, or need no room."""
        if memory is None:
            return Section(number, plan, node.processor, services)
        section = KeepingSection(number, plan, node.processor, services)
        section.memory, section.features_bytes = memory, plan.features_bytes
        return section

    def attach(self, section: Section, plan: SectionPlan, exits: Exits) -> None:
        """Let what *section* sends arrive at its exit and at its parent."""
        if plan.parent is not None:
            section.parent = self.parent(plan)
            section.send_features = self._upwards(rules.FEATURES, section, plan, plan.features_bytes).send
        if plan.exit is None:
            section.forgo = self.gathers.forgoing(plan.machine, self.parent(plan).gather)
            section.conclude = section.send_features
            return
        exit_ = exits.all[plan.exit]
        if exits.plans[plan.exit].service_ns is None:
            section.conclude, section.forgo = exit_.decide, exit_.abstain
        else:
            summary = self._flow(rules.SUMMARY, section, plan, plan.summary_bytes, exit_.entity, exits.ends(plan.exit))
            section.conclude, section.forgo = summary.send, self.gathers.forgoing(plan.machine, exit_.gather)

    # -- building ------------------------------------------------------------------------------------

    def _placements(self, plan: SectionPlan) -> Iterator[SectionPlan]:
        """Yield *plan* for its own node, then for each stand-in."""
        yield plan
        for at in plan.stand_ins:
            assert at.service_ns is not None
            yield replace(plan, machine=at.machine, service_ns=at.service_ns, service=at.service)

    def _section(self, number: int, plan: SectionPlan, children: int) -> Section | Sensor:
        if plan.raw_bytes is not None:
            assert plan.view is not None
            return Sensor(number, plan.view, plan.raw_bytes)
        node, services = self.nodes[plan.machine], self._services(number, plan)
        section = self.computing(number, plan, node, node.memory if self._keeps(plan) else None, services)
        section.gather = self.gathers.gather(section, plan.machine, children)
        return section

    def _wherever(self, seats: list[Seat]) -> Section | Sensor:
        """Return what stands for the section of all *seats*, wherever it is."""
        replicas = [section for section, _ in seats if isinstance(section, Section)]
        return MovingSection(self.stage.hosts, replicas) if len(replicas) > 1 else seats[0].section

    def _services(self, number: int, plan: SectionPlan) -> Iterator[int] | None:
        if plan.service is None:
            return None
        machines, home, seed = self.stage.deployment.machines, self.plans[number].machine, self.stage.deployment.seed
        where = [machines[home].name, *([] if plan.machine == home else [machines[plan.machine].name])]
        name = "/".join(["service", str(plan.level), *where])
        return in_turn(partial(plan.service.draw_ns, stream(seed, name)), int)

    def _keeps(self, plan: SectionPlan) -> bool:
        """Tell whether the features of the section *plan* wait for an order."""
        if plan.parent is None or plan.exit is None:
            return False
        exit_ = self.stage.deployment.exits[plan.exit]
        return exit_.service_ns is not None or exit_.coordinator is not None

    # -- ways up -------------------------------------------------------------------------------------

    def _raw_flows(self, sensor: Sensor, plan: SectionPlan) -> list[Flow]:
        """Return by sample the flow of its views, one for each way that views of some size take."""
        assert plan.raw_bytes is not None
        assert plan.parent is not None
        targets = [end.machine for end in self.ends(plan.parent)]
        route = self.stage.deployment.route
        routes = {size: tuple(route(plan.machine, to, size) for to in targets) for size in set(plan.raw_bytes)}
        flows = {way: self._upwards(rules.RAW, sensor, plan, size) for size, way in routes.items()}
        return [flows[routes[size]] for size in plan.raw_bytes]

    def _upwards(self, kind: int, section: Section | Sensor, plan: SectionPlan, size_bytes: int) -> Flow:
        """Return the flow of *kind*, of *size_bytes*, from *section* to its parent."""
        assert plan.parent is not None
        return self._flow(kind, section, plan, size_bytes, plan.parent, self.ends(plan.parent))

    def _flow(
        self, kind: int, section: Section | Sensor, plan: SectionPlan, size_bytes: int, to: int, ends: Sequence[End]
    ) -> Flow:
        """Return the flow of *kind*, of *size_bytes*, from *section* to the entity *to*, which is at one of *ends*."""
        flows = self.flows.flows(kind, section.entity, size_bytes, plan.machine, ends)
        if plan.view is not None:
            self._origins += [(plan.machine, flow) for flow in flows if flow.links]
        return self.flows.fork(to, flows)
