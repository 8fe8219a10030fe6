"""A channel that carries one transmission after another: of one link, or of all links of a medium."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ddnnsim.deployment import Channel

from .agenda import DELIVERY, NEVER, Agenda, Place
from .spells import Span
from .wires import Luck, Wire


@dataclass(eq=False)
class Transmission:
    wire: Wire
    payload: int
    luck: Luck
    hop: dict[str, Any]
    place: dict[str, int]
    """Of its delivery, beside the instant and the class."""
    keeps_going: bool
    arrives: Callable[[], None]
    is_lost: Callable[[], None]
    start_ns: int | float = 0
    end_ns: int | float = 0
    arrival_ns: int | float = 0
    entered: Place | None = None
    cut_ns: int | None = None
    """When it was lost with its link."""

    @property
    def size(self) -> int:
        return self.payload + self.wire.headers(self.payload)

    @property
    def span(self) -> Span:
        """Return from when to when it was under way."""
        return (self.start_ns, self.end_ns if self.cut_ns is None else max(self.start_ns, self.cut_ns))


class Lane:
    def __init__(self, channel: Channel | None, agenda: Agenda) -> None:
        self.channel = channel
        self.agenda = agenda
        self.queue_max = 0
        self.carried: list[Transmission] = []
        """In the order of coming."""

    def waiting(self, now: int) -> list[Transmission]:
        """Return those that wait; what starts now does not."""
        return [t for t in self.carried if t.cut_ns is None and t.start_ns > now]

    def serving(self, now: int) -> list[Transmission]:
        return [t for t in self.carried if t.cut_ns is None and t.start_ns <= now < t.end_ns]

    def has_room(self, now: int, size: int) -> bool:
        if self.channel is None or self._free_ns(self.carried) <= now:
            return True
        waiting = self.waiting(now)
        messages, most = self.channel.limit_messages, self.channel.limit_bytes
        bytes_ = sum(t.size for t in waiting)
        return (messages is None or len(waiting) < messages) and (most is None or bytes_ + size <= most)

    def carry(self, transmission: Transmission) -> None:
        self.carried.append(transmission)
        self._plan(len(self.carried) - 1)
        self.queue_max = max(self.queue_max, len(self.waiting(self.agenda.now)))

    def fails(self, wire: Wire) -> None:
        """Lose what has not been sent whole on *wire*; what waits for others moves up."""
        now = self.agenda.now
        for t in self.carried:
            if t.wire is wire and t.cut_ns is None and t.end_ns > now:
                self.agenda.strike(t.entered)
                if t.start_ns > now:
                    t.hop["start_ns"] = None
                t.hop["end_ns"] = None
                t.cut_ns = now
                self.agenda.enter(now, DELIVERY, **t.place, act=t.is_lost, keeps_going=t.keeps_going)
        for i, t in enumerate(self.carried):
            if t.cut_ns is None and t.start_ns > now:
                self._plan(i)

    def _free_ns(self, before: list[Transmission]) -> int | float:
        return max((t.end_ns if t.cut_ns is None else t.cut_ns for t in before), default=0)

    def _plan(self, i: int) -> None:
        """Settle when the i-th is transmitted and arrives, as far as one knows now."""
        t, before = self.carried[i], self.carried[:i]
        self.agenda.strike(t.entered)
        free = max(self.agenda.now, self._free_ns(before))
        t.start_ns = t.wire.ready_ns(free)
        t.end_ns = t.wire.transmitted_ns(t.start_ns, t.payload, t.luck.attempts)
        t.hop.update(start_ns=t.start_ns, end_ns=t.end_ns)
        if t.end_ns == NEVER:
            return
        last = max(
            (x.arrival_ns for x in before if x.wire is t.wire and x.cut_ns is None and not x.luck.lost), default=0
        )
        t.arrival_ns = max(last, t.end_ns + t.wire.delay.at(t.end_ns) + t.luck.jitter_ns)
        act = t.is_lost if t.luck.lost else t.arrives
        t.entered = self.agenda.enter(t.arrival_ns, DELIVERY, **t.place, act=act, keeps_going=t.keeps_going)
