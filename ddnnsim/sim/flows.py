"""The flows of a run: what messages there are between which nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.sim import rules
from ddnnsim.sim.hosts import Fork
from ddnnsim.sim.message import Flow
from ddnnsim.sim.retry import Retries

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.hosts import Hosts
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.network import Network
    from ddnnsim.sim.node import Node
    from ddnnsim.sim.processor import Processor


class End(NamedTuple):
    """Where messages go."""

    machine: int
    deliver: Callable[[Message], None]
    miss: Callable[[Message], None]
    """Told of those that never come."""


class Flows:
    """Makes flows between the nodes of a run, over its network."""

    def __init__(self, clock: Clock, hosts: Hosts, network: Network, nodes: Sequence[Node]) -> None:
        self.clock = clock
        self.hosts = hosts
        self.network = network
        self.nodes = nodes
        self._made: list[tuple[Flow, Processor]] = []  # with that of the node that each leaves

    def flow(
        self, kind: int, entity: int, size_bytes: int, source: int, target: int, deliver: Callable[[Message], None]
    ) -> Flow:
        """Return the flow of messages of *kind* about *entity* from the machine *source* to *target*."""
        way = self.network.way(kind, entity, size_bytes, source, target)
        return self.noted(Flow(self.clock, kind, entity, size_bytes, way, self.nodes[target].inbox, deliver), source)

    def noted(self, flow: Flow, source: int) -> Flow:
        """Return *flow*, noted as one that leaves the machine *source*."""
        self._made.append((flow, self.nodes[source].processor))
        return flow

    def flows(self, kind: int, entity: int, size_bytes: int, source: int, ends: Iterable[End]) -> list[Flow]:
        """Return the flows from the machine *source* to all of *ends*."""
        flows = []
        for end in ends:
            flow = self.flow(kind, entity, size_bytes, source, end.machine, end.deliver)
            if self.network.deployment.recovery.heartbeats is None or source == end.machine:
                flow.miss = end.miss
            flows.append(flow)
        return flows

    def fork(self, receiver: int, flows: Sequence[Flow]) -> Flow:
        """Return the flow to wherever the entity *receiver* is, of *flows* to all places where it can be."""
        return flows[0] if len(flows) == 1 else Fork(self.hosts, receiver, flows)

    def finish(self) -> None:
        """Let flows, which are all made and wired to their ends, send again what is lost, if they are to."""
        plan = self.network.deployment.recovery.retries
        if plan is not None:
            for flow, sender in self._made:
                if flow.kind != rules.HEARTBEAT:
                    flow.miss = Retries(self.clock, plan, sender, flow).miss
