"""A gauge on a link: what the node before it can tell of it, and nothing that is still to be."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.sim.fair import FairLink
from ddnnsim.sim.fifo import FifoLink
from ddnnsim.sim.rules import NEVER, NS_PER_S
from ddnnsim.trace import GONE

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.link import Link
    from ddnnsim.sim.message import Message

MEASURED = 32
"""The last transmissions over which a rate is measured."""


class _Sending(NamedTuple):
    """Something that the link has been given."""

    size_bytes: int
    """With headers, once."""
    bits: int
    """With headers and repetitions."""
    start_ns: int
    end_ns: int
    fails: bool = False
    """Whether it ends with a failure of the link."""


class Gauge:
    """What a link has been given and has not sent whole yet, and how fast it has sent of late; here of no link."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._backlog_bytes = 0
        self._sent: deque[_Sending] = deque(maxlen=MEASURED)

    def backlog_bytes(self) -> int:
        """Return what the link has been given and has not sent whole by now, headers included."""
        self._pass()
        return self._backlog_bytes

    def rate_bps(self) -> float | None:
        """Return the rate over the last transmissions: their bits over the time in which any of them was sent.

        Transmissions that took no time, or had no bits, do not count. None before the first.
        """
        self._pass()
        busy_ns, until_ns = 0, 0
        for sending in sorted(self._sent, key=lambda sending: sending.start_ns):
            busy_ns += max(0, sending.end_ns - max(sending.start_ns, until_ns))
            until_ns = max(until_ns, sending.end_ns)
        return NS_PER_S * sum(sending.bits for sending in self._sent) / busy_ns if busy_ns else None

    def _pass(self) -> None:
        """Take note of what has been sent by now."""

    def _give(self, size_bytes: int) -> None:
        self._backlog_bytes += size_bytes

    def _end(self, sending: _Sending) -> None:
        self._backlog_bytes -= sending.size_bytes
        if sending.end_ns > sending.start_ns and sending.bits:
            self._sent.append(sending)


class FifoGauge(Gauge):
    """A gauge on a link that knows in advance when it will have sent what: the gauge looks no further than now."""

    def __init__(self, link: FifoLink) -> None:
        super().__init__(link.clock)
        self.link = link
        self._ahead: dict[Message, _Sending] = {}
        self._note = link.note
        link.note = self._given  # type: ignore[method-assign]  # so that others pay nothing for being gauged

    def _given(self, message: Message, start_ns: int, end_ns: int, known_ns: int, attempts: int, outcome: int) -> None:
        self._note(message, start_ns, end_ns, known_ns, attempts, outcome)
        if attempts:  # else it was dropped
            size_bytes = message.size_bytes + self.link.header_of(message.size_bytes)
            self._pass()
            if message not in self._ahead:  # else what was to be has become otherwise
                self._give(size_bytes)
            fails = outcome == GONE and end_ns == NEVER
            times = (known_ns, known_ns) if fails else (start_ns, end_ns)
            self._ahead[message] = _Sending(size_bytes, 8 * attempts * size_bytes, *times, fails)

    def _pass(self) -> None:
        ahead = self._ahead
        while ahead and self._is_over(sending := next(iter(ahead.values()))):
            del ahead[next(iter(ahead))]
            self._end(sending)

    def _is_over(self, sending: _Sending) -> bool:
        """Tell whether *sending* has ended by now: where the link fails now, if it has already failed."""
        now = self.clock.now
        return sending.end_ns < now or (sending.end_ns == now and (not sending.fails or self.link.failed_ns == now))


class FairGauge(Gauge):
    """A gauge on a link under fair sharing, which tells when something has been sent."""

    def __init__(self, link: FairLink) -> None:
        super().__init__(link.clock)
        self._joined = 0
        self._under_way: dict[Message, tuple[int, int, int]] = {}  # as the how many-th, how much, since when
        self._over: list[tuple[int, _Sending]] = []  # of one instant, with the numbers of their joining
        self._join, self._leave = link.join, link.leave
        link.join, link.leave = self._joins, self._leaves  # type: ignore[method-assign]  # as above
        link.forsake = self._forsakes  # type: ignore[method-assign]

    def _joins(self, message: Message, size_bytes: int) -> None:
        self._join(message, size_bytes)
        self._under_way[message] = self._joined, size_bytes, self.clock.now
        self._joined += 1
        self._give(size_bytes)

    def _leaves(self, message: Message) -> None:
        self._leave(message)
        number, size_bytes, start_ns = self._under_way.pop(message)
        if self._over and self._over[0][1].end_ns != self.clock.now:
            self._pass()
        self._over.append((number, _Sending(size_bytes, 8 * size_bytes, start_ns, self.clock.now)))

    def _pass(self) -> None:
        for _, sending in sorted(self._over):
            self._end(sending)
        self._over.clear()

    def _forsakes(self, message: Message) -> None:
        self._leave(message)
        _, size_bytes, _ = self._under_way.pop(message)
        self._give(-size_bytes)


def gauge_on(link: Link) -> Gauge:
    """Return a new gauge on *link*, which is of some shape; plain ones tell nobody what they are given."""
    if isinstance(link, FairLink):
        return FairGauge(link)
    assert isinstance(link, FifoLink)
    return FifoGauge(link)
