"""The simulation of a deployment: its living parts, wired to each other by flows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ddnnsim.policy.making import make
from ddnnsim.recovery import Recovery
from ddnnsim.sim import accounts, load, track
from ddnnsim.sim.clock import Clock, IdleClock
from ddnnsim.sim.condition import Condition, condition_as_known
from ddnnsim.sim.exits import Exits
from ddnnsim.sim.fallback import BestEffort
from ddnnsim.sim.flows import Flows
from ddnnsim.sim.gathers import ClosingGathers, Gathers, SuspectingGathers
from ddnnsim.sim.hosts import Hosts
from ddnnsim.sim.mishaps import Mishaps
from ddnnsim.sim.network import Network
from ddnnsim.sim.nodes import Nodes
from ddnnsim.sim.outcome import Outcome
from ddnnsim.sim.reach import NewRoutes, Reach
from ddnnsim.sim.sampling import Sampling, busy_machines
from ddnnsim.sim.sections import Sections
from ddnnsim.sim.stage import Stage
from ddnnsim.sim.tracking import TrackedExits, TrackedSections
from ddnnsim.trace import STOPPED, WAITING, Trace

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.oracle import Oracle
    from ddnnsim.policy import Policy
    from ddnnsim.recovery import PolicyPlan
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.node import Node
    from ddnnsim.sim.power import Meter
    from ddnnsim.trace import Column, Recorder


class Simulation:
    """Nodes, links, sections and exits of one run."""

    def __init__(
        self,
        deployment: Deployment,
        oracle: Oracle,
        recorder: Recorder,
        progress: Callable[[int, int], None],
        policies: Callable[[PolicyPlan], Policy] = make,
    ) -> None:
        self.clock = IdleClock() if _takes_back(deployment) else Clock()
        self.deployment = deployment
        self.recorder = recorder
        self.stage = self._stage(oracle, policies)
        self.nodes: list[Node] = self.build().all()
        self.network = self.links()
        self.flows = self.exchange()
        self.sections, self.exits = self._wire()
        self.sampling = self._sampling()
        load.begin(self.stage, self.nodes, self.sections, self.exits, progress)

    def run(self) -> Trace:
        """Run until nothing is left to happen, or until the instant that the deployment names."""
        until_ns = self.deployment.until_ns
        self.clock.run(until=until_ns)
        requests = self.recorder.requests(WAITING if until_ns is None else STOPPED)
        origin_bytes, end_ns = self.sections.origin_bytes(), self.clock.now
        return Trace(
            requests=requests,
            links=accounts.link_columns(self.deployment, self.network.links, end_ns),
            nodes=accounts.node_columns(self.deployment, self.nodes, origin_bytes, len(requests["request"]), end_ns),
            names=accounts.names(self.deployment, self.stage.oracle.view_sets.masks),
            replies=self.deployment.reply_to is not None,
            end_ns=end_ns,
            tables=self.tables(end_ns + 1 if until_ns is None else until_ns) | self._more_tables(end_ns),
        )

    def _more_tables(self, end_ns: int) -> dict[str, dict[str, Column]]:
        """Return the tables of what not every run has, by *end_ns*."""
        tables = {"faults": self.stage.mishaps.columns(end_ns)} if self.deployment.faults else {}
        return tables if self.sampling is None else tables | {"queues": self.sampling.columns(end_ns)}

    # -- parts, of which a simulation that keeps more on record has others ---------------------------

    def tables(self, over_ns: int) -> dict[str, dict[str, Column]]:
        """Return what the recorder has taken down of what happened before *over_ns*."""
        return self.recorder.tables(over_ns)

    def build(self) -> Nodes:
        """Return what builds the nodes."""
        return Nodes(self.stage)

    def links(self) -> Network:
        """Return the links between the nodes."""
        return Network(self.stage, *self.ends())

    def exchange(self) -> Flows:
        """Return what makes flows between the nodes."""
        return Flows(self.clock, self.stage.hosts, self.network, self.nodes)

    def ends(self) -> tuple[list[Inbox], list[Meter | None]]:
        """Return by machine its inbox, and what pays for the bytes that it sends and receives."""
        return [node.inbox for node in self.nodes], [self.meter(machine) for machine in range(len(self.nodes))]

    def meter(self, machine: int) -> Meter | None:
        """Return what pays for the bytes that *machine* sends and receives; None where they cost nothing."""
        return self.nodes[machine].meter

    # -- building ------------------------------------------------------------------------------------

    def _wire(self) -> tuple[Sections, Exits]:
        """Return the sections and exits, wired to each other."""
        stage, nodes, flows = self.stage, self.nodes, self.flows
        if not _is_tracked(self.deployment):
            sections, exits = Sections(stage, nodes, flows, Gathers()), Exits(stage, nodes, flows, Gathers())
            sections.connect(exits)
            exits.connect(sections)
            flows.finish()
            return sections, exits
        beats = self.deployment.recovery.heartbeats is not None
        gathers = SuspectingGathers(stage, nodes) if beats else ClosingGathers(stage, nodes)
        sections, exits = TrackedSections(stage, nodes, flows, gathers), TrackedExits(stage, nodes, flows, gathers)
        sections.connect(exits)
        exits.connect(sections)
        track.follow(stage, sections, exits)
        if isinstance(gathers, SuspectingGathers):
            track.exchange_beats(stage, nodes, flows, gathers, sections, exits)
        flows.finish()
        return sections, exits

    def _stage(self, oracle: Oracle, policies: Callable[[PolicyPlan], Policy]) -> Stage:
        clock, deployment, condition = self.clock, self.deployment, Condition()
        known = condition_as_known(clock, condition, deployment.recovery.delay_ns)
        routes = NewRoutes(deployment, known) if deployment.recovery.reroute else deployment
        reach = Reach(deployment, routes, condition, known)
        outcome = (Outcome if deployment.recovery.fallback == "drop" else BestEffort)(clock, self.recorder)
        hosts = Hosts(deployment, known)
        mishaps = Mishaps(clock, deployment)
        return Stage(clock, deployment, oracle, self.recorder, outcome, policies, condition, mishaps, reach, hosts)

    def _sampling(self) -> Sampling | None:
        """Return what looks at the queues; None: nobody does."""
        if self.deployment.window_ns is None:
            return None
        processors = {number: self.nodes[number].processor for number in busy_machines(self.deployment)}
        links = dict(enumerate(self.network.links))
        return Sampling(self.clock, self.deployment.window_ns, processors, links)


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


def _is_tracked(deployment: Deployment) -> bool:
    """Tell whether it is to be kept track of where requests stand: gathers may be closed early, or nodes forget."""
    return (
        bool(deployment.faults)
        or deployment.recovery != Recovery()
        or deployment.blanks
        or any(plan.deadline is not None for plan in deployment.exits)
    )
