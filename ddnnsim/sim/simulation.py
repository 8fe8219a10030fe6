"""The simulation of a deployment: its living parts, wired to each other by flows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.deployment import REPLY_BYTES, ClosedLoop
from ddnnsim.recovery import Recovery
from ddnnsim.seeds import stream
from ddnnsim.sim import accounts, rules
from ddnnsim.sim.absence import Absences
from ddnnsim.sim.batch import BatchStation
from ddnnsim.sim.clients import Clients
from ddnnsim.sim.clock import Clock, IdleClock
from ddnnsim.sim.coordinator import Coordinator
from ddnnsim.sim.draws import in_turn
from ddnnsim.sim.escalation import Escalation
from ddnnsim.sim.exit import Exit, GroupExit
from ddnnsim.sim.happening import Inbox
from ddnnsim.sim.memory import Memory
from ddnnsim.sim.message import Flow
from ddnnsim.sim.network import Network
from ddnnsim.sim.node import MortalNode, Node
from ddnnsim.sim.outcome import Outcome
from ddnnsim.sim.power import Battery, Meter
from ddnnsim.sim.processor import PlainProcessor, Processor
from ddnnsim.sim.scenes import Scenes
from ddnnsim.sim.section import KeepingSection, Section
from ddnnsim.sim.sensor import Sensor
from ddnnsim.sim.station import Station
from ddnnsim.sim.workload import Workload
from ddnnsim.trace import STOPPED, WAITING, Trace

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.deployment import Section as SectionPlan
    from ddnnsim.oracle import Oracle
    from ddnnsim.sim.message import Message
    from ddnnsim.trace import Recorder


class Simulation:
    """Nodes, links, sections and exits of one run."""

    def __init__(
        self, deployment: Deployment, oracle: Oracle, recorder: Recorder, progress: Callable[[int, int], None]
    ) -> None:
        self.clock = IdleClock() if _takes_back(deployment) else Clock()
        self.deployment = deployment
        self.oracle = oracle
        self.recorder = recorder
        self.outcome = Outcome(self.clock, recorder)
        self.nodes = [self._node(number) for number in range(len(deployment.machines))]
        self.network = self.links()
        self.sections = self._sections()
        self.exits = [self.exit(number) for number in range(len(deployment.exits))]
        self.origins: list[tuple[int, Flow]] = []
        """What leaves the sections that sense, with the machine that it leaves."""
        for section, plan in zip(self.sections, deployment.sections, strict=True):
            self._connect(section, plan)
        self._connect_replies()
        self._connect_orders()
        self.coordinators = self._coordinators()
        self._begin(progress)

    def run(self) -> Trace:
        """Run until nothing is left to happen, or until the instant that the deployment names."""
        until_ns = self.deployment.until_ns
        self.clock.run(until=until_ns)
        requests = self.recorder.requests(WAITING if until_ns is None else STOPPED)
        origin_bytes, end_ns = self._origin_bytes(), self.clock.now
        return Trace(
            requests=requests,
            links=accounts.link_columns(self.deployment, self.network.links),
            nodes=accounts.node_columns(self.deployment, self.nodes, origin_bytes, len(requests["request"]), end_ns),
            names=accounts.names(self.deployment, self.oracle.view_sets.masks),
            replies=self.deployment.reply_to is not None,
            end_ns=end_ns,
            tables=self.recorder.tables(until_ns),
        )

    # -- parts, of which a simulation that keeps more on record has others ---------------------------

    def links(self) -> Network:
        """Return the links between the nodes."""
        return Network(self.clock, self.deployment, *self.ends())

    def plain_processor(self, node: int, inbox: Inbox) -> Processor:
        """Return the processor of *node*, which needs to be no more than plain."""
        return PlainProcessor(self.clock, self.deployment.machines[node].servers, inbox)

    def exit(self, number: int) -> Exit:
        """Return the exit *number*."""
        plan = self.deployment.exits[number]
        entity = len(self.deployment.sections) + number
        kind = Exit if plan.coordinator is None else GroupExit
        processor = self.nodes[plan.machine].processor
        return kind(self.clock, number, entity, plan, processor, self.oracle, self.recorder, self.outcome)

    def flow(
        self, kind: int, entity: int, size_bytes: int, source: int, target: int, deliver: Callable[[Message], None]
    ) -> Flow:
        """Return the flow of messages of *kind* about *entity* from the machine *source* to *target*."""
        way = self.network.way(kind, entity, size_bytes, source, target)
        return Flow(self.clock, kind, entity, size_bytes, way, self.nodes[target].inbox, deliver)

    def ends(self) -> tuple[list[Inbox], list[Meter | None]]:
        """Return by machine its inbox, and what pays for the bytes that it sends and receives."""
        return [node.inbox for node in self.nodes], [self.meter(machine) for machine in range(len(self.nodes))]

    def meter(self, machine: int) -> Meter | None:
        """Return what pays for the bytes that *machine* sends and receives; None where they cost nothing."""
        return self.nodes[machine].meter

    # -- building ------------------------------------------------------------------------------------

    @property
    def _entities(self) -> int:
        return len(self.deployment.sections) + len(self.deployment.exits)

    def station(self, node: int, inbox: Inbox, meter: Meter | None) -> Station:
        """Return the processor of *node*, with all that its machine has."""
        plan, sections = self.deployment.machines[node], len(self.deployment.sections)
        if plan.batching is None:
            return Station(self.clock, node, plan, sections, inbox, self.recorder, meter)
        return BatchStation(self.clock, node, plan, plan.batching, sections, inbox, self.recorder, meter)

    def _node(self, number: int) -> Node:
        plan, inbox, meter = self.deployment.machines[number], Inbox(self.clock), self._meter(number)
        if isinstance(meter, Battery):
            node: Node = MortalNode(self.clock, inbox, self.station(number, inbox, meter), meter)
        elif meter is not None or plan.queue_limit is not None or plan.batching is not None or self._draws(number):
            node = Node(self.clock, inbox, self.station(number, inbox, meter))
        else:
            node = Node(self.clock, inbox, self.plain_processor(number, inbox))
        node.meter = meter
        if plan.memory is not None:
            node.memory = memory = Memory(plan.memory)
            self.outcome.when_answered.append(memory.release)
            self.outcome.when_lost.append(memory.release)
        return node

    def _meter(self, node: int) -> Meter | None:
        plan = self.deployment.machines[node].power
        if plan is None or plan.battery_fj is None:
            return None if plan is None else Meter(self.clock, plan)
        return Battery(self.clock, node, plan, plan.battery_fj)

    def _draws(self, node: int) -> bool:
        """Tell whether the service of a section on *node* is drawn."""
        return any(plan.machine == node and plan.service is not None for plan in self.deployment.sections)

    def _sections(self) -> list[Section | Sensor]:
        plans = self.deployment.sections
        children = [0] * len(plans)
        for number, plan in enumerate(plans):
            if plan.parent is not None:
                children[plan.parent] |= 1 << number
        return [self._section(number, plan, children[number]) for number, plan in enumerate(plans)]

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
        name = f"service/{plan.level}/{self.deployment.machines[plan.machine].name}"
        return in_turn(partial(plan.service.draw_ns, stream(self.deployment.seed, name)), int)

    def _keeps(self, plan: SectionPlan) -> bool:
        """Tell whether the features of the section *plan* wait for an order."""
        if plan.parent is None or plan.exit is None:
            return False
        exit_ = self.deployment.exits[plan.exit]
        return exit_.service_ns is not None or exit_.coordinator is not None

    def _connect(self, section: Section | Sensor, plan: SectionPlan) -> None:
        """Let what *section* sends arrive at its exit and at its parent."""
        if isinstance(section, Sensor):
            section.parent = self._parent(plan)
            section.raw = self._raw_flows(section, plan)
            return
        if plan.parent is not None:
            section.parent = self._parent(plan)
            section.send_features = self._upwards(rules.FEATURES, section, plan, plan.features_bytes).send
        if plan.exit is None:
            section.forgo = self._parent(plan).go_without
            section.conclude = section.send_features
        elif self.deployment.exits[plan.exit].service_ns is None:
            section.conclude, section.forgo = self.exits[plan.exit].decide, self.exits[plan.exit].abstain
        else:
            exit_, at = self.exits[plan.exit], self.deployment.exits[plan.exit].machine
            summary = self.flow(rules.SUMMARY, section.entity, plan.summary_bytes, plan.machine, at, exit_.gather)
            summary.miss = exit_.miss
            section.conclude, section.forgo = self._noted(plan, summary).send, exit_.go_without

    def _raw_flows(self, sensor: Sensor, plan: SectionPlan) -> list[Flow]:
        """Return by sample the flow of its views, one for each way that views of some size take."""
        assert plan.raw_bytes is not None
        assert plan.parent is not None
        target = self.deployment.sections[plan.parent].machine
        routes = {size: self.deployment.route(plan.machine, target, size) for size in set(plan.raw_bytes)}
        flows = {route: self._upwards(rules.RAW, sensor, plan, size) for size, route in routes.items()}
        return [flows[routes[size]] for size in plan.raw_bytes]

    def _upwards(self, kind: int, section: Section | Sensor, plan: SectionPlan, size_bytes: int) -> Flow:
        """Return the flow of *kind*, of *size_bytes*, from *section* to its parent."""
        assert plan.parent is not None
        parent, target = self._parent(plan), self.deployment.sections[plan.parent].machine
        flow = self.flow(kind, section.entity, size_bytes, plan.machine, target, parent.gather)
        flow.miss = parent.miss
        return self._noted(plan, flow)

    def _parent(self, plan: SectionPlan) -> Section:
        """Return the section to which the features, or raw views, of *plan* go."""
        assert plan.parent is not None
        return self._told(plan.parent)

    def _noted(self, plan: SectionPlan, flow: Flow) -> Flow:
        """Return *flow*, noted as one of those that leave a section that senses if *plan* is one."""
        if plan.view is not None and flow.links:
            self.origins.append((plan.machine, flow))
        return flow

    def _connect_replies(self) -> None:
        target = self.deployment.reply_to
        if target is not None:
            for exit_, plan in zip(self.exits, self.deployment.exits, strict=True):
                replied = self.outcome.replied
                exit_.reply = self.flow(rules.REPLY, exit_.entity, REPLY_BYTES, plan.machine, target, replied)
                exit_.reply.miss = self.outcome.miss_reply

    def _connect_orders(self) -> None:
        """Let the exits that have no coordinator, and are not the last, ask their sections for features."""
        for exit_, plan in zip(self.exits, self.deployment.exits, strict=True):
            if plan.threshold is None or plan.coordinator is not None:
                continue
            if plan.service_ns is None:
                exit_.deferrals = [self._told(number).send_features for number in plan.sections]
            else:
                exit_.deferrals = [self._escalation(plan.machine, [exit_.number]).order]

    def _coordinators(self) -> list[Coordinator]:
        """Let the verdicts of exits that have a coordinator meet there; return one for each level of them."""
        panels: dict[tuple[int, int], list[int]] = {}
        for number, plan in enumerate(self.deployment.exits):
            if plan.coordinator is not None:
                panels.setdefault((plan.level, plan.coordinator), []).append(number)
        return [
            self._coordinator(self._entities + number, self.deployment.exits[at].machine, members)
            for number, ((_, at), members) in enumerate(panels.items())
        ]

    def _coordinator(self, entity: int, machine: int, members: list[int]) -> Coordinator:
        """Return the coordinator, on *machine*, of the exits *members*."""
        expected = sum(1 << self.exits[member].entity for member in members)
        coordinator = Coordinator(self.clock, entity, expected, self._escalation(machine, members), self.outcome)
        for member in members:
            self._connect_verdicts(self.exits[member], self.deployment.exits[member].machine, machine, coordinator)
        return coordinator

    def _connect_verdicts(self, exit_: Exit, source: int, target: int, coordinator: Coordinator) -> None:
        assert isinstance(exit_, GroupExit)
        exit_.coordinator = coordinator
        exit_.yes = self.flow(rules.CONTROL, exit_.entity, 0, source, target, coordinator.hear_yes)
        no = self.flow(rules.CONTROL, exit_.entity, 0, source, target, coordinator.hear_no)
        exit_.yes.miss = no.miss = coordinator.hear_no
        exit_.deferrals = [no.send]

    def _escalation(self, source: int, exits: list[int]) -> Escalation:
        """Return the orders to the sections of *exits*, from the machine *source*."""
        plans, orders = self.deployment.exits, []
        for number, of in sorted((number, exit_) for exit_ in exits for number in plans[exit_].sections):
            section, plan = self._told(number), self.deployment.sections[number]
            order = self.flow(rules.CONTROL, number, plans[of].control_bytes, source, plan.machine, section.escalate)
            order.miss = self._parent(plan).miss
            orders.append((section, order))
        return Escalation(self.nodes[source].processor, orders)

    def _told(self, number: int) -> Section:
        """Return the section *number*, which computes."""
        section = self.sections[number]
        assert isinstance(section, Section)
        return section

    def _begin(self, progress: Callable[[int, int], None]) -> None:
        """Let the load come."""
        plan, entities = self.deployment.workload, self._entities + len(self.coordinators)
        sensing = [
            (section, self.nodes[of.machine].inbox)
            for section, of in zip(self.sections, self.deployment.sections, strict=True)
            if of.view is not None
        ]
        if isinstance(plan, ClosedLoop):
            clients = Clients(self.clock, plan, self.deployment.seed, sensing, entities, self.recorder, progress)
            replies = self.deployment.reply_to is not None
            (self.outcome.when_replied if replies else self.outcome.when_answered).append(clients.hear)
            self.outcome.when_lost.append(clients.hear)
        elif plan.captures is not None:
            absences = Absences(self.sections, self.exits, self.coordinators)
            Scenes(self.clock, plan, plan.captures, sensing, absences, self.recorder, progress)
        else:
            Workload(self.clock, plan, sensing, entities, self.recorder, progress)

    # -- what happened -------------------------------------------------------------------------------

    def _origin_bytes(self) -> NDArray[np.int64]:
        """Return by node the payload that its sensing sections put on a first hop: c of eq. (1), ICDCS 2017."""
        sent = np.zeros(len(self.nodes), np.int64)
        for machine, flow in self.origins:
            sent[machine] += flow.bytes
        return sent


def _takes_back(deployment: Deployment) -> bool:
    """Tell whether a run of *deployment* may have to withdraw much, or has happenings that keep no run going."""
    return (
        bool(deployment.faults)
        or deployment.recovery != Recovery()
        or deployment.window_ns is not None
        or any(plan.power is not None and plan.power.battery_fj is not None for plan in deployment.machines)
        or any(plan.sharing == "fair" for plan in deployment.channels)
        or any(plan.deadline is not None for plan in deployment.exits)
    )
