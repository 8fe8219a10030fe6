"""A direction of a link: what it draws, what it costs in time, what it counts; and the queue before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ddnnsim.deployment import Channel, Link

from .agenda import NEVER
from .courses import sent_ns, up, value_at
from .draws import Stream

KINDS = ("summary", "features", "raw", "control", "heartbeat", "reply")


class Luck(NamedTuple):
    """What is drawn for one message."""

    attempts: int
    lost: bool
    jitter_ns: int


class Wire:
    def __init__(self, number: int, link: Link, between: str, seed: int) -> None:
        self.number = number
        self.link = link
        self._loss, self._burst, self._jitter = (
            Stream(seed, f"{what}/{between}") for what in ("loss", "burst", "jitter")
        )
        self._bad: bool | None = None
        self.last_arrival_ns = 0
        self.messages = 0
        self.bytes = dict.fromkeys(KINDS, 0)
        self.header_bytes = self.resent_bytes = 0
        self.lost = self.dropped = self.dropped_bytes = 0
        self.busy: list[tuple[int | float, int | float]] = []
        """From when to when it transmits a message."""

    # sizes and times

    def headers(self, payload: int) -> int:
        """Return the bytes of the headers of *payload* bytes: of ceil(payload / mtu) packets."""
        return self._packets(payload) * self.link.header_bytes

    def _packets(self, payload: int) -> int:
        return 0 if payload == 0 else 1 if self.link.mtu_bytes is None else up(payload, self.link.mtu_bytes)

    def delay_ns(self, at_ns: int) -> int:
        return value_at(self.link.delays, self.link.delay_ns, at_ns)

    def rate_bps(self, at_ns: int) -> int:
        return value_at(self.link.rates, self.link.rate_bps, at_ns)

    def transmitted_ns(self, start_ns: int | float, payload: int, attempts: int) -> int | float:
        """Return the end of *attempts* transmissions of *payload* bytes and headers, one after another."""
        size, overhead = payload + self.headers(payload), self._packets(payload) * self.link.overhead_ns
        at = start_ns
        for _ in range(attempts):
            if at != NEVER:
                at = sent_ns(self.link.rates, self.link.rate_bps, at, size)
            if at != NEVER:
                at += overhead
        return at

    # draws and accounts

    def accept(self, kind: str, payload: int, headers: int) -> Luck:
        """Take the next message: draw what becomes of it, and count it."""
        luck = self._luck()
        self.messages += 1
        self.bytes[kind] += payload
        self.header_bytes += headers
        self.resent_bytes += (luck.attempts - 1) * (payload + headers)
        return luck

    def _luck(self) -> Luck:
        jitter = 0 if self.link.jitter is None else self._jitter.duration_ns(self.link.jitter)
        loss = self.link.loss
        if loss is None:
            return Luck(1, False, jitter)
        u, v = self._loss.uniform(), self._burst.uniform()
        if self._bad is None:
            self._bad = v < loss.to_bad / (loss.to_bad + loss.to_good)
        elif self._bad:
            self._bad = not v < loss.to_good
        else:
            self._bad = v < loss.to_bad
        p = loss.bad if self._bad else loss.good
        attempts = 1
        while attempts < self.link.attempts and u < p**attempts:
            attempts += 1
        return Luck(attempts, u < p**self.link.attempts, jitter)

    def drop(self, payload: int) -> None:
        self.dropped += 1
        self.dropped_bytes += payload


@dataclass
class Queue:
    """A channel that carries one transmission after another: of one link, or of all links of a medium."""

    channel: Channel | None
    queue_max: int = 0
    _carried: list[tuple[int | float, int | float, int]] = field(default_factory=list)
    """(start, end, bytes), in the order of coming."""

    def _waiting(self, now: int) -> list[int]:
        """Return the bytes of each that waits; what starts now does not."""
        return [size for start, _, size in self._carried if start > now]

    def _free_ns(self) -> int | float:
        return self._carried[-1][1] if self._carried else 0

    def has_room(self, now: int, size: int) -> bool:
        if self.channel is None or self._free_ns() <= now:
            return True
        waiting = self._waiting(now)
        messages, most = self.channel.limit_messages, self.channel.limit_bytes
        return (messages is None or len(waiting) < messages) and (most is None or sum(waiting) + size <= most)

    def start_ns(self, now: int) -> int | float:
        return max(now, self._free_ns())

    def carry(self, now: int, start: int | float, end: int | float, size: int) -> None:
        self._carried.append((start, end, size))
        self.queue_max = max(self.queue_max, len(self._waiting(now)))
