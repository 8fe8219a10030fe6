"""The parts of a simulation that keeps every message, hop, job and decision on record.

They do what the others do, and note it in a journal; so a run without one pays nothing for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ddnnsim.sim.message import Flow
from ddnnsim.sim.processor import Processor
from ddnnsim.sim.recorded_links import RecordedNetwork
from ddnnsim.sim.simulation import Simulation

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.oracle import Oracle
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.journal import Journal
    from ddnnsim.sim.message import Carrier, Message
    from ddnnsim.sim.network import Network
    from ddnnsim.sim.processor import Job, Work
    from ddnnsim.sim.request import Request


class RecordedSimulation(Simulation):
    """A simulation of parts that write a journal."""

    def __init__(
        self, deployment: Deployment, oracle: Oracle, journal: Journal, progress: Callable[[int, int], None]
    ) -> None:
        self.journal = journal
        self._flows: list[RecordedFlow] = []
        super().__init__(deployment, oracle, journal, progress)
        for flow in self._flows:  # wired to the end
            flow.note_misses()

    def links(self) -> Network:
        """Return the links between the nodes."""
        return RecordedNetwork(self.journal, self.clock, self.deployment, *self.ends())

    def processor(self, node: int, servers: int, inbox: Inbox) -> Processor:
        """Return the processor of *node*."""
        return RecordedProcessor(self.journal, node, len(self.deployment.sections), self.clock, servers, inbox)

    def flow(
        self, kind: int, entity: int, size_bytes: int, source: int, target: int, deliver: Callable[[Message], None]
    ) -> Flow:
        """Return the flow of messages of *kind* about *entity* from the machine *source* to *target*."""
        inbox, way = self.nodes[target].inbox, self.network.way(kind, entity, size_bytes, source, target)
        flow = RecordedFlow(self.journal, source, target, self.clock, kind, entity, size_bytes, way, inbox, deliver)
        self._flows.append(flow)
        return flow


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
        self.ends = (source, target)
        self.receive = deliver

    def put(self, message: Message) -> None:
        """Send *message*, and note it."""
        request, now = message.request.id, self.clock.now
        message.row = self.journal.sent(request, self.kind, *self.ends, message.size_bytes, now)
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


class RecordedProcessor(Processor):
    """A processor that notes every job."""

    def __init__(self, journal: Journal, node: int, sections: int, clock: Clock, servers: int, inbox: Inbox) -> None:
        super().__init__(clock, servers, inbox)
        self.journal = journal
        self.node = node
        self.sections = sections
        """How many there are: the entities above are exits."""
        self._waiting: deque[int] = deque()  # rows of jobs that have not started, first come, first served

    def submit(self, request: Request, work: Work) -> None:
        """Queue the job *work* for *request*, and note it."""
        entity, exit_ = work.entity, work.entity - self.sections
        section = entity if exit_ < 0 else None
        of_exit = exit_ if section is None else None
        self._waiting.append(self.journal.queued(request.id, section, of_exit, self.node, self.clock.now))
        super().submit(request, work)

    def _start(self, job: Job) -> None:
        now = self.clock.now
        self.journal.started(self._waiting.popleft(), now, now + job.work.service_ns)
        super()._start(job)
