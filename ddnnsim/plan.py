"""From a scenario, its network and its graph to a deployment: what is where, how long it takes, when it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.captures import workload_of
from ddnnsim.deployment import ClosedLoop, Deployment, Exit, Section, Workload
from ddnnsim.escalations import with_escalations
from ddnnsim.hardware import links_of, machines_of
from ddnnsim.messages import check_packets, messages_of
from ddnnsim.mishaps import faults_of
from ddnnsim.placement import exit_machines, parameter_bytes, section_machines, stand_ins
from ddnnsim.profile import Cost, Profiles, decision_operations
from ddnnsim.recovery import StandIn
from ddnnsim.remedies import deadline_of, policies_of, recovery_of, window_of
from ddnnsim.scenario import NumberedModel
from ddnnsim.services import Services, Times
from ddnnsim.topology import routes_between

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

    from ddnnsim.network import Network
    from ddnnsim.scenario import Scenario


def plan(
    scenario: Scenario,
    network: Network,
    profiles: Profiles,
    graph: nx.DiGraph[str],
    raw_bytes: NDArray[np.int64],
    section_times: Times | None = None,
) -> Deployment:
    """Return *network*, as *scenario* places it on *graph*.

    *profiles* say what its sections cost; *raw_bytes*, (samples, views), is the size of each view of the split
    as it is; *section_times* say by level how long each section takes where it was measured, in ns, which must be
    where a node asks for it. Raises OverflowError where a request would come after 2^63 ns.
    Machines and links take their ids from the order of *graph*; sections go level by level.
    """
    machine_ids = {name: i for i, name in enumerate(graph.nodes)}
    links, channels = links_of(graph)
    placed = _Placed(scenario, network, profiles, graph, section_times)
    sections = placed.offloading(raw_bytes) if scenario.configuration == "a" else placed.sections()
    exits = placed.exits()
    reply_to = None if scenario.workload.reply_to is None else machine_ids[scenario.workload.reply_to]
    recovery = recovery_of(scenario.recovery)
    messages = list(messages_of(sections, exits, reply_to, recovery.heartbeats))
    routes = routes_between(graph, messages, scenario.topology.routing)
    faults, workload = faults_of(scenario, graph), _workload(scenario, len(raw_bytes))
    deployment = Deployment(
        machines=machines_of(graph, parameter_bytes(scenario, network, profiles)),
        links=links,
        channels=channels,
        sections=sections,
        exits=exits,
        seed=scenario.run.seed,
        routes=routes.any_size,
        routes_by_size=routes.by_size,
        forwarding=scenario.topology.forwarding,
        workload=workload,
        reply_to=reply_to,
        until_ns=None if scenario.run.until_ns == "drained" else scenario.run.until_ns,
        faults=faults,
        recovery=recovery,
        blanks=network.absent == "blank",
        routing=scenario.topology.routing,
        deadline_ns=scenario.workload.deadline_ns,
        window_ns=window_of(scenario.run, workload, bool(faults)),
    )
    if deployment.forwarding == "packet":
        check_packets(deployment, messages)
    return with_escalations(deployment)


def _workload(scenario: Scenario, samples: int) -> Workload | ClosedLoop:
    """Return the workload of *scenario* over a split of *samples*; under numbers each request is one of its own."""
    workload = workload_of(scenario.workload, scenario.run.seed, samples, scenario.devices())
    if isinstance(scenario.model, NumberedModel):
        return replace(workload, samples=np.arange(len(workload.samples)))
    return workload


class _Placed:
    """The sections and exits of a network on the machines of a graph."""

    def __init__(
        self,
        scenario: Scenario,
        network: Network,
        profiles: Profiles,
        graph: nx.DiGraph[str],
        section_times: Times | None,
    ) -> None:
        self.scenario = scenario
        self.network = network
        self.profiles = profiles
        self.ids = {name: i for i, name in enumerate(graph.nodes)}
        self.names = list(graph.nodes)
        self.services = Services(scenario, network, profiles, graph, section_times)
        self.machines = [[self.ids[name] for name in level] for level in section_machines(scenario, network)]
        self.devices = [self.ids[name] for name in scenario.devices()]
        self.exit_machines = [self.ids[name] for name in exit_machines(scenario, network)]
        self.parents = [network.parents_of(level) for level in range(len(network.levels))]
        self.exits_of = [network.exits_of(level) for level in range(len(network.levels))]
        self.policies = policies_of(scenario.policy)
        self.specs = [scenario.exits[exit_.key] for exit_ in network.exits]
        self.firsts = [sum(map(len, self.machines[:level])) for level in range(len(self.machines))]
        self.stand_ins = stand_ins(scenario)
        self.offloads = scenario.configuration == "a"

    def sections(self) -> tuple[Section, ...]:
        """Return the sections, level by level from the bottom."""
        return tuple(
            self._section(level, number, machine, self.profiles[level][number])
            for level, machines in enumerate(self.machines)
            for number, machine in enumerate(machines)
        )

    def offloading(self, raw_bytes: NDArray[np.int64]) -> tuple[Section, ...]:
        """Return a sensor for each view, and one section of all that the network does: configuration (a)."""
        top = len(self.devices)
        sensors = tuple(
            Section(self.names[machine], 0, machine, None, top, view, 0, 0, 0, tuple(raw_bytes[:, view].tolist()))
            for view, machine in enumerate(self.devices)
        )
        (machine,) = self.machines[-1]
        everything = [(level, i) for level, of_level in enumerate(self.profiles) for i in range(len(of_level))]
        work = self.services.of_sections(machine, everything)
        cloud = Section(
            name=self.names[machine],
            level=1,
            machine=machine,
            exit=0,
            parent=None,
            view=None,
            service_ns=work.fixed_ns,
            summary_bytes=self.profiles[-1][0].summary_bytes,
            features_bytes=0,
            service=work.drawn,
            stand_ins=self._stand_ins(machine, everything),
        )
        return (*sensors, cloud)

    def exits(self) -> tuple[Exit, ...]:
        """Return the exits, from the bottom up."""
        return tuple(self._exit(number) for number in range(len(self.network.exits)))

    def _section(self, level: int, number: int, machine: int, profile: Cost) -> Section:
        parent = self.parents[level][number]
        work = self.services.of_sections(machine, [(level, number)])
        return Section(
            name=self.names[machine],
            level=level,
            machine=machine,
            exit=self.exits_of[level][number],
            parent=None if parent is None else self.firsts[level + 1] + parent,
            view=number if level == 0 else None,
            service_ns=work.fixed_ns,
            summary_bytes=profile.summary_bytes,
            features_bytes=0 if parent is None else profile.features_bytes,
            service=work.drawn,
            stand_ins=self._stand_ins(machine, [(level, number)]),
        )

    def _stand_ins(self, machine: int, sections: Sequence[tuple[int, int]]) -> tuple[StandIn, ...]:
        """Return where the one job of *sections*, by level and number, is done when *machine* is down."""
        machines = self._stand_in_machines(machine)
        return tuple(StandIn(at, *self.services.of_sections(at, sections)) for at in machines)

    def _stand_in_machines(self, machine: int) -> list[int]:
        return [self.ids[name] for name in self.stand_ins.get(self.names[machine], ())]

    def _exit(self, number: int) -> Exit:
        exit_, spec, at = self.network.exits[number], self.specs[number], self.exit_machines[number]
        first = len(self.devices) if self.offloads else self.firsts[exit_.level]
        sections = tuple(first + section for section in exit_.sections)
        alone = [self.machines[exit_.level][section] for section in exit_.sections] == [at]
        operations = decision_operations(exit_.merge, len(sections), self.network.classes)
        last = number == len(self.network.exits) - 1

        def service_ns(machine: int) -> int | None:
            return None if alone else self.services.of_decision(machine, operations)

        return Exit(
            name=exit_.name,
            level=exit_.level,
            machine=at,
            sections=sections,
            rule=spec.rule,
            threshold=None if last else self.scenario.threshold(exit_.key),
            service_ns=service_ns(at),
            control_bytes=spec.control_bytes,
            coordinator=None if exit_.group is None else self._next(exit_.level),
            deadline=None if alone and exit_.level == 0 else deadline_of(spec.deadline),
            policy=self.policies.get(exit_.key),
            stand_ins=tuple(StandIn(other, service_ns(other)) for other in self._stand_in_machines(at)),
        )

    def _next(self, level: int) -> int:
        """Return the first exit above *level*."""
        return next(number for number, exit_ in enumerate(self.network.exits) if exit_.level > level)
