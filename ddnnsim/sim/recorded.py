"""The parts of a simulation that keeps every message, hop, job and decision on record.

They do what the others do, and note it in a journal; so a run without one pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ddnnsim.sim import accounts
from ddnnsim.sim.fair import Stretch
from ddnnsim.sim.fifo import FifoLink
from ddnnsim.sim.link import Link, PlainLink
from ddnnsim.sim.message import Flow
from ddnnsim.sim.rules import NEVER
from ddnnsim.sim.simulation import Simulation
from ddnnsim.trace import DELIVERED, DROPPED, GONE

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.deployment import Link as LinkPlan
    from ddnnsim.oracle import Oracle
    from ddnnsim.sim.channel import Channel
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.fair import FairLink, Transfer
    from ddnnsim.sim.fluid import Fluid
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.journal import Journal
    from ddnnsim.sim.message import Carrier, Message
    from ddnnsim.sim.power import Meter
    from ddnnsim.sim.processor import Processor
    from ddnnsim.trace import Trace


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

    def plain_link(self, number: int, plan: LinkPlan) -> Link:
        """Return the link *number*, which has a rate, a delay, and nothing else."""
        return RecordedPlainLink(self.journal, self.clock, number, plan, self.nodes[plan.target].inbox)

    def fifo_link(self, number: int, plan: LinkPlan, channel: Channel) -> Link:
        """Return the link *number*, which takes turns in *channel*."""
        return RecordedFifoLink(self.journal, *self.shape(number, plan), channel)

    def stretch(self, links: Sequence[FairLink], fluid: Fluid) -> Stretch:
        """Return *links*, which follow one another, as what *fluid* flows through."""
        return RecordedStretch(self.journal, self.clock, links, fluid)

    def plain_processor(self, node: int, inbox: Inbox) -> Processor:
        """Return the processor of *node*, which needs to be no more than plain."""
        return self.station(node, inbox, None)

    def flow(
        self, kind: int, entity: int, size_bytes: int, source: int, target: int, deliver: Callable[[Message], None]
    ) -> Flow:
        """Return the flow of messages of *kind* about *entity* from the machine *source* to *target*."""
        inbox, way = self.nodes[target].inbox, self.way(kind, entity, size_bytes, source, target)
        flow = RecordedFlow(self.journal, source, target, self.clock, kind, entity, size_bytes, way, inbox, deliver)
        self._flows.append(flow)
        return flow

    def run(self) -> Trace:
        """Run to the end, and say of which sections and exits the journal tells."""
        trace = super().run()
        sections, exits = accounts.section_columns(self.deployment), accounts.exit_columns(self.deployment)
        return trace.with_tables(sections=sections, exits=exits)


class RecordedPlainLink(PlainLink):
    """A plain link that notes every hop."""

    def __init__(self, journal: Journal, clock: Clock, number: int, plan: LinkPlan, inbox: Inbox) -> None:
        super().__init__(clock, number, plan, inbox)
        self.journal = journal

    def carry(self, message: Message) -> None:
        """Queue *message*, and note when it is sent and when it will arrive."""
        now = self.clock.now
        start = max(self.free_ns, now)
        super().carry(message)
        end, whole = self.free_ns, message.whole.row
        arrival = end + self.delay_ns
        self.journal.carried(whole, message.number, self.number, now, start, end, arrival, 1, DELIVERED)


class RecordedFifoLink(FifoLink):
    """A link of any shape that notes every hop."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        number: int,
        plan: LinkPlan,
        inbox: Inbox,
        seed: int,
        sender: Meter | None,
        receiver: Meter | None,
        channel: Channel,
    ) -> None:
        super().__init__(clock, number, plan, inbox, seed, sender, receiver, channel)
        self.journal = journal

    def note(self, message: Message, start_ns: int, end_ns: int, known_ns: int, attempts: int, outcome: int) -> None:
        """Note when *message*, handed over now, starts, ends, and has its *outcome* known."""
        whole, number = message.whole.row, message.number
        times = (self.clock.now, start_ns, end_ns, known_ns)
        self.journal.carried(whole, number, self.number, *times, attempts, outcome)
        if outcome == DROPPED and message.whole is message:
            self.journal.dropped(whole)


class RecordedStretch(Stretch):
    """A stretch that notes a hop on each of its links."""

    def __init__(self, journal: Journal, clock: Clock, links: Sequence[FairLink], fluid: Fluid) -> None:
        super().__init__(clock, links, fluid)
        self.journal = journal
        self._rows: dict[Transfer, list[int]] = {}

    def transfer(self, message: Message) -> Transfer:
        """Return *message* as a transfer, and note that it starts."""
        transfer = super().transfer(message)
        now, outcome = self.clock.now, DELIVERED if transfer.loser is None else GONE
        whole, number = message.whole.row, message.number
        self._rows[transfer] = [
            self.journal.carried(whole, number, link.number, now, now, NEVER, NEVER, 1, outcome) for link in self.links
        ]
        return transfer

    def note(self, transfer: Transfer, arrivals_ns: Sequence[int]) -> None:
        """Note that *transfer* has been sent, and when it will be at the end of each link."""
        if transfer.loser is not None:  # which is known at the end of them all
            arrivals_ns = [arrivals_ns[-1]] * len(arrivals_ns)
        for row, arrival_ns in zip(self._rows.pop(transfer), arrivals_ns, strict=True):
            self.journal.sent_fairly(row, self.clock.now, arrival_ns)


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
