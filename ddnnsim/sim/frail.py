"""A FIFO link that fails at times: its spells are known, so it is still arithmetic, and one event a message."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.sim.channel import Channel, Transmission
from ddnnsim.sim.fifo import FifoLink
from ddnnsim.sim.rules import NEVER
from ddnnsim.sim.shaped import Shape
from ddnnsim.trace import DELIVERED, GONE

if TYPE_CHECKING:
    from ddnnsim.deployment import Channel as ChannelPlan
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.shaped import Load


class Parcel(NamedTuple):
    """A message that a link has accepted, with what it has drawn."""

    link: FrailLink
    message: Message
    key: int
    load: Load
    attempts: int
    lost: bool
    late_ns: int


class FrailChannel(Channel):
    """A channel of links that fail."""

    def __init__(self, plan: ChannelPlan) -> None:
        super().__init__(plan)
        self.endless: list[tuple[Parcel, int]] = []
        """What will never end, unless what is before it is lost, and when it starts; in its order."""

    def is_freed_by_failure(self, at_ns: int, link: int) -> bool:
        """Tell whether the channel is free at *at_ns* because *link* or a later one fails, and not one before it."""
        for transmission in reversed(self._ahead):
            if transmission.end_ns != NEVER:  # what never ends is behind what does
                if transmission.end_ns != at_ns:
                    break
                if transmission.fails and transmission.link >= link:  # what is behind it starts when that is known
                    return True
        return False

    def fail(self, now_ns: int, link: FrailLink) -> None:
        """Let all that *link* has in the channel be lost, and what waits behind it move up."""
        self._pass(now_ns)
        started_until_ns = now_ns - self.is_freed_by_failure(now_ns, link.number)
        lost = [parcel for parcel in self.endless if parcel[0].link is link]
        left = [parcel for parcel in self.endless if parcel[0].link is not link]
        moves_up = bool(lost) and lost[0] == self.endless[0]
        ahead = (t for t in self._ahead if t.link != link.number)
        self._ahead = deque(t for t in ahead if not (moves_up and t.end_ns == NEVER and not t.fails))
        self._ahead_bytes = sum(t.size_bytes for t in self._ahead)
        self.free_ns = max((t.end_ns for t in self._ahead if not t.never_starts), default=now_ns)
        self.endless = [] if moves_up else left
        for parcel, start_ns in lost:
            link.lose_endless(parcel, start_ns, start_ns <= started_until_ns)
        for parcel, _ in left if moves_up else ():
            parcel.link.send(parcel)


class FrailLink(FifoLink):
    """A link that loses what it has when it fails, or lets it wait; and the same of the channel that it shares.

    What would never end is lost with its link all the same, but that is not known before.
    """

    def __init__(self, shape: Shape, channel: FrailChannel) -> None:
        super().__init__(shape, channel)
        assert shape.frailty is not None
        self.channel: FrailChannel = channel
        self._wear = shape.frailty.wear
        self._hold = shape.frailty.wear.still
        self._downtime = shape.frailty.downtime
        self._downtime.when_lost.append(self._fail)

    def carry(self, message: Message) -> None:
        """Queue *message*, or drop it; what becomes of it happens at the other end."""
        load, channel = self.load(message.size_bytes), self.channel
        now = self.clock.now
        key = message.request.key + message.flow.key + self.key
        if self._downtime.loses or (channel.limited and not channel.has_place(now, load.size_bytes)):
            self.drop(message, key)
            return
        fortune, late_ns = next(self.fortunes), next(self.jitter)
        if load.attempt_ns is not None:
            start = max(now, channel.free_ns)
            end = start + fortune.attempts * load.attempt_ns
            if self._wear.quiet(now, end + 1):  # then it is a link like others
                self._go(message, key, load, fortune, start, end, self._arrival_ns(end, late_ns))
                return
        self.count(message, load.header_bytes, (fortune.attempts - 1) * load.size_bytes)
        self.send(Parcel(self, message, key, load, *fortune, late_ns))
        self.sent(fortune.attempts * load.size_bytes)

    def send(self, parcel: Parcel) -> None:
        """Let *parcel* take its turn in the channel."""
        now = self.clock.now
        start = self._hold.free_ns(max(now, self.channel.free_ns))
        end = self._uneven_end_ns(start, parcel.load, parcel.attempts)
        if end == NEVER:
            self._occupy(parcel, start, end)
            self.channel.endless.append((parcel, start))
            self.note(parcel.message, start, end, NEVER, parcel.attempts, DELIVERED)
            return
        too_late = self.channel.is_freed_by_failure(start, self.number)
        failure = self._hold.next_loss(now + (self.failed_ns == now), max(end, start + too_late))
        if failure == NEVER:
            self._occupy(parcel, start, end)
            self._deliver(parcel, start, end)
        elif start + too_late <= failure:
            self._occupy(parcel, start, failure, fails=True)
            self._lose(parcel, start, failure)
        else:
            self._occupy(parcel, NEVER, NEVER, fails=True)
            self._lose(parcel, NEVER, failure)

    def down_ns(self, end_ns: int) -> int:
        """Return how long it has been down at *end_ns*."""
        return self._hold.held_ns(end_ns)

    def lose_endless(self, parcel: Parcel, start_ns: int, started: bool) -> None:
        """Lose *parcel*, which would never have ended, now that the link has failed; its turn was to be at *start_ns*.

        *started* where it has come.
        """
        now = self.clock.now
        self._sent_ns += (now if started else start_ns) - NEVER
        self._lose(parcel, start_ns if started else NEVER, now)

    def _occupy(self, parcel: Parcel, start_ns: int, end_ns: int, fails: bool = False) -> None:
        self.channel.occupy(self.clock.now, Transmission(self.number, start_ns, end_ns, parcel.load.size_bytes, fails))
        self._sent_ns += end_ns - start_ns

    def _deliver(self, parcel: Parcel, start_ns: int, end_ns: int) -> None:
        arrival = self._uneven_arrival_ns(end_ns, parcel.late_ns)
        self.note(parcel.message, start_ns, end_ns, arrival, parcel.attempts, GONE if parcel.lost else DELIVERED)
        if not parcel.lost:
            self._last_ns = arrival
        parcel.message.hop += 1
        happens = self._losses if parcel.lost else self._arrivals
        self.clock.arrange(parcel.message, happens, parcel.key, arrival - self.clock.now)

    def _lose(self, parcel: Parcel, start_ns: int, failure_ns: int) -> None:
        """Lose *parcel* with the link, at *failure_ns*."""
        self.note(parcel.message, start_ns, NEVER, failure_ns, parcel.attempts, GONE)
        self.clock.arrange(parcel.message, self._losses, parcel.key, failure_ns - self.clock.now)

    def _fail(self) -> None:
        self.failed_ns = self.clock.now
        self.channel.fail(self.clock.now, self)
