"""The network that keeps every hop on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ddnnsim.deployment import Channel as ChannelPlan
from ddnnsim.sim.channel import Channel
from ddnnsim.sim.fair import Stretch
from ddnnsim.sim.fifo import FifoLink
from ddnnsim.sim.frail import FrailChannel, FrailLink
from ddnnsim.sim.frail_fair import FrailFairLink, FrailStretch
from ddnnsim.sim.link import Link, PlainLink
from ddnnsim.sim.network import Network
from ddnnsim.sim.rules import NEVER
from ddnnsim.trace import DELIVERED, DROPPED, GONE

if TYPE_CHECKING:
    from ddnnsim.deployment import Link as LinkPlan
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.fair import FairLink, Transfer
    from ddnnsim.sim.fluid import Fluid
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.journal import Journal
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.power import Meter
    from ddnnsim.sim.shaped import Shape
    from ddnnsim.sim.stage import Stage


class RecordedNetwork(Network):
    """A network of links that write a journal."""

    def __init__(
        self, journal: Journal, stage: Stage, inboxes: Sequence[Inbox], meters: Sequence[Meter | None]
    ) -> None:
        self.journal = journal
        super().__init__(stage, inboxes, meters)

    def plain_link(self, number: int, plan: LinkPlan) -> Link:
        """Return the link *number*, which has a rate, a delay, and nothing else."""
        return RecordedPlainLink(self.journal, self.clock, number, plan, self.inboxes[plan.target])

    def lossy_link(self, shape: Shape) -> Link:
        """Return the link of *shape*, which is plain but for its losses: as one of any shape."""
        return self.fifo_link(shape, Channel(ChannelPlan()))

    def brittle_link(self, shape: Shape) -> Link:
        """Return the link of *shape*, which fails at times: as one of any shape."""
        return self.frail_link(shape, FrailChannel(ChannelPlan()))

    def fifo_link(self, shape: Shape, channel: Channel) -> Link:
        """Return the link of *shape*, which takes turns in *channel*."""
        return RecordedFifoLink(self.journal, shape, channel)

    def frail_link(self, shape: Shape, channel: FrailChannel) -> Link:
        """Return the link of *shape*, which may fail, and takes turns in *channel*."""
        return RecordedFrailLink(self.journal, shape, channel)

    def frail_fair_link(self, shape: Shape, channel: int) -> FairLink:
        """Return the link of *shape*, of *channel*, which is fair, where the link may fail."""
        return RecordedFrailFairLink(self.journal, shape, channel)

    def stretch(self, links: Sequence[FairLink], fluid: Fluid) -> Stretch:
        """Return *links*, which follow one another, as what *fluid* flows through."""
        return RecordedStretch(self.journal, self.clock, links, fluid)

    def frail_stretch(self, links: Sequence[FairLink], fluid: Fluid) -> Stretch:
        """Return *links*, of which some may fail, as above."""
        return RecordedFrailStretch(self.journal, self.clock, links, fluid)


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

    def __init__(self, journal: Journal, shape: Shape, channel: Channel) -> None:
        super().__init__(shape, channel)
        self.journal = journal

    def note(self, message: Message, start_ns: int, end_ns: int, known_ns: int, attempts: int, outcome: int) -> None:
        """Note when *message*, handed over now, starts, ends, and has its *outcome* known."""
        note_hop(self.journal, self.number, message, (self.clock.now, start_ns, end_ns, known_ns), attempts, outcome)


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


class RecordedFrailLink(RecordedFifoLink, FrailLink):
    """A link that may fail, and notes every hop: again where what would never have ended is lost, or moves up."""

    channel: FrailChannel

    def __init__(self, journal: Journal, shape: Shape, channel: FrailChannel) -> None:
        super().__init__(journal, shape, channel)
        self._endless: dict[Message, int] = {}  # their rows

    def note(self, message: Message, start_ns: int, end_ns: int, known_ns: int, attempts: int, outcome: int) -> None:
        """Note when *message*, handed over now or before, starts, ends, and has its *outcome* known."""
        if message in self._endless:
            self.journal.carried_on(self._endless[message], start_ns, end_ns, known_ns, outcome)
        else:
            super().note(message, start_ns, end_ns, known_ns, attempts, outcome)
            if known_ns == NEVER:
                self._endless[message] = self.journal.hops - 1


class RecordedFrailFairLink(FrailFairLink):
    """A fair link that may fail, and notes what it drops."""

    def __init__(self, journal: Journal, shape: Shape, channel: int) -> None:
        super().__init__(shape, channel)
        self.journal = journal

    def note(self, message: Message, start_ns: int, end_ns: int, known_ns: int, attempts: int, outcome: int) -> None:
        """Note when *message*, handed over now, starts, ends, and has its *outcome* known."""
        note_hop(self.journal, self.number, message, (self.clock.now, start_ns, end_ns, known_ns), attempts, outcome)


class RecordedFrailStretch(RecordedStretch, FrailStretch):
    """A stretch that may fail, and notes a hop on each of its links."""

    def note_failed(self, transfer: Transfer) -> None:
        """Note that *transfer* is lost now, with one of its links."""
        for row in self._rows.pop(transfer):
            self.journal.carried_on(row, self.journal.start_ns(row), NEVER, self.clock.now, GONE)


def note_hop(
    journal: Journal, link: int, message: Message, times: tuple[int, int, int, int], attempts: int, outcome: int
) -> None:
    """Note when *message*, handed to *link*, was queued, starts, ends and has its *outcome* known: *times*."""
    whole = message.whole.row
    journal.carried(whole, message.number, link, *times, attempts, outcome)
    if outcome == DROPPED and message.whole is message:
        journal.dropped(whole)
