"""The parts of a simulation that keeps every message, hop, job and decision on record.

They do what the others do, and note it in a journal; so a run without one pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ddnnsim.policy.making import make
from ddnnsim.sim import accounts
from ddnnsim.sim.beats import Beat
from ddnnsim.sim.clock import IdleClock
from ddnnsim.sim.flows import Flows
from ddnnsim.sim.message import Flow
from ddnnsim.sim.nodes import Nodes
from ddnnsim.sim.packet import Packet
from ddnnsim.sim.recorded_links import RecordedNetwork
from ddnnsim.sim.simulation import Simulation

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.oracle import Oracle
    from ddnnsim.policy import Policy
    from ddnnsim.recovery import PolicyPlan
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.hosts import Hosts
    from ddnnsim.sim.journal import Journal
    from ddnnsim.sim.message import Carrier, Message
    from ddnnsim.sim.network import Network
    from ddnnsim.sim.node import Node
    from ddnnsim.sim.processor import Processor
    from ddnnsim.trace import Column, Trace


class RecordedSimulation(Simulation):
    """A simulation of parts that write a journal."""

    def __init__(
        self,
        deployment: Deployment,
        oracle: Oracle,
        journal: Journal,
        progress: Callable[[int, int], None],
        policies: Callable[[PolicyPlan], Policy] = make,
    ) -> None:
        self.journal = journal
        super().__init__(deployment, oracle, journal, progress, policies)

    def build(self) -> Nodes:
        """Return what builds the nodes."""
        return RecordedNodes(self.stage)

    def links(self) -> Network:
        """Return the links between the nodes."""
        return RecordedNetwork(self.journal, self.stage, *self.ends())

    def exchange(self) -> Flows:
        """Return what makes flows between the nodes."""
        return RecordedFlows(self.journal, self.clock, self.stage.hosts, self.network, self.nodes)

    def run(self) -> Trace:
        """Run to the end, and say of which sections and exits the journal tells."""
        trace = super().run()
        sections, exits = accounts.section_columns(self.deployment), accounts.exit_columns(self.deployment)
        return trace.with_tables(sections=sections, exits=exits)

    def tables(self, over_ns: int) -> dict[str, dict[str, Column]]:
        """Return what the journal has taken down of what happened before *over_ns*, but for beats that have not."""
        if isinstance(self.clock, IdleClock):
            beats = [event for event in self.clock.pending() if isinstance(event, Beat | Packet)]
            self.journal.left_behind({(beat.whole.row, beat.number) for beat in beats if beat.hop})
        return super().tables(over_ns)


class RecordedNodes(Nodes):
    """Builds nodes that note every job."""

    def plain_processor(self, node: int, inbox: Inbox) -> Processor:
        """Return the processor of *node*, which needs to be no more than plain."""
        return self.station(node, inbox, None)


class RecordedFlows(Flows):
    """Makes flows that note every message."""

    def __init__(self, journal: Journal, clock: Clock, hosts: Hosts, network: Network, nodes: Sequence[Node]) -> None:
        super().__init__(clock, hosts, network, nodes)
        self.journal = journal
        self._flows: list[RecordedFlow] = []

    def flow(
        self, kind: int, entity: int, size_bytes: int, source: int, target: int, deliver: Callable[[Message], None]
    ) -> RecordedFlow:
        """Return the flow of messages of *kind* about *entity* from the machine *source* to *target*."""
        inbox, way = self.nodes[target].inbox, self.network.way(kind, entity, size_bytes, source, target)
        flow = RecordedFlow(self.journal, source, target, self.clock, kind, entity, size_bytes, way, inbox, deliver)
        self._flows.append(flow)
        self.noted(flow, source)
        return flow

    def finish(self) -> None:
        """Let all flows, which are wired to their ends, note what never comes."""
        super().finish()
        for flow in self._flows:
            flow.note_misses()


class RecordedFlow(Flow):
    """A flow that notes every message."""

    def __init__(
        self,
        journal: Journal,
        source: int,
        target: int,
        clock: Clock,
        kind: int,
        entity: int,
        size_bytes: int,
        links: Sequence[Carrier],
        inbox: Inbox,
        deliver: Callable[[Message], None],
    ) -> None:
        super().__init__(clock, kind, entity, size_bytes, links, inbox, self._deliver)
        self.journal = journal
        self.entity = entity
        self.ends = (source, target)
        self.receive = deliver

    def put(self, message: Message) -> None:
        """Send *message*, and note it."""
        request, now = message.request.id, self.clock.now
        message.row = self.journal.sent(request, self.kind, self.entity, *self.ends, message.size_bytes, now)
        super().put(message)

    def note_misses(self) -> None:
        """From now on note every message that will never come."""
        miss = self.miss

        def noted(message: Message) -> None:
            self.journal.missed(message.row)
            miss(message)

        self.miss = noted

    def _deliver(self, message: Message) -> None:
        self.journal.delivered(message.row, self.clock.now)
        self.receive(message)
