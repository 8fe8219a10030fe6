"""A FIFO channel: what the transmissions of one or several links occupy, one at a time."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from ddnnsim.deployment import Channel as ChannelPlan
from ddnnsim.sim.rules import NEVER


class Transmission(NamedTuple):
    """A message in the channel, all attempts together."""

    link: int
    start_ns: int
    """NEVER: it waits until it is lost, or for ever."""
    end_ns: int
    size_bytes: int
    """With headers, once."""
    fails: bool = False
    """Whether it is lost with its link: it is there until that is known, whatever the time."""

    @property
    def never_starts(self) -> bool:
        """Return whether it is lost before its turn comes."""
        return self.start_ns == NEVER and self.fails


class Channel:
    """A queue that knows when each of its transmissions will start and end."""

    def __init__(self, plan: ChannelPlan) -> None:
        self.limit_messages = plan.limit_messages
        self.limit_bytes = plan.limit_bytes
        self.limited = plan.limit_messages is not None or plan.limit_bytes is not None
        self.free_ns = 0
        self.queue_max = 0
        """The most that have waited for some time."""
        self._ahead: deque[Transmission] = deque()  # those that have not ended: the first is under way, or next
        self._ahead_bytes = 0

    def has_place(self, now_ns: int, size_bytes: int) -> bool:
        """Tell whether a message of *size_bytes*, with headers, is accepted at *now_ns*."""
        self._pass(now_ns)
        ahead = self._ahead
        if not ahead:
            return True
        started = ahead[0].start_ns <= now_ns
        if self.limit_messages is not None and len(ahead) - started >= self.limit_messages:
            return False
        waiting_bytes = self._ahead_bytes - (ahead[0].size_bytes if started else 0)
        return self.limit_bytes is None or waiting_bytes + size_bytes <= self.limit_bytes

    def occupy(self, now_ns: int, transmission: Transmission) -> None:
        """Queue *transmission*, which starts as soon as the channel is free, and for which there is a place."""
        ahead = self._ahead
        if ahead:
            self._pass(now_ns)
        if not transmission.never_starts:
            self.free_ns = transmission.end_ns
        ahead.append(transmission)
        self._ahead_bytes += transmission.size_bytes
        waiting = len(ahead) - (ahead[0].start_ns <= now_ns)
        if waiting > self.queue_max:
            self.queue_max = waiting

    def ahead_ns(self, link: int, now_ns: int) -> int:
        """Return how long transmissions of *link* will still take from *now_ns* on."""
        return sum(t.end_ns - max(t.start_ns, now_ns) for t in self._ahead if t.link == link and t.end_ns > now_ns)

    def waiting(self, link: int, now_ns: int) -> int:
        """Return how many messages of *link* wait, when all of *now_ns* has happened."""
        return sum(t.link == link and t.start_ns > now_ns for t in self._ahead)

    def serving(self, link: int, now_ns: int) -> int:
        """Return how many messages of *link* are being sent, when all of *now_ns* has happened."""
        return sum(t.link == link and t.start_ns <= now_ns < t.end_ns for t in self._ahead)

    def _pass(self, now_ns: int) -> None:
        """Let go of what has ended."""
        ahead = self._ahead
        while ahead and ahead[0].end_ns <= now_ns and not ahead[0].fails:
            self._ahead_bytes -= ahead.popleft().size_bytes
