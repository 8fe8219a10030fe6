"""A direction of a link: what it draws, what it costs in time, what it counts, and whether it is down."""

from __future__ import annotations

from typing import NamedTuple

from ddnnsim.deployment import Link

from .agenda import NEVER
from .conditions import Conditions
from .courses import first_ns, reached_ns, up
from .draws import Stream
from .spells import Span, Spell

KINDS = ("summary", "features", "raw", "control", "heartbeat", "reply")


class Luck(NamedTuple):
    """What is drawn for one message."""

    attempts: int
    lost: bool
    jitter_ns: int


class Wire:
    def __init__(self, number: int, link: Link, between: str, seed: int, conditions: Conditions) -> None:
        self.number = number
        self.link = link
        self.rate = conditions.rate(number)
        self.delay = conditions.delay(number)
        self._conditions = conditions
        self._held = conditions.held(number)
        self._loss, self._burst, self._jitter = (
            Stream(seed, f"{what}/{between}") for what in ("loss", "burst", "jitter")
        )
        self._bad: bool | None = None
        self.holds: list[Spell] = []
        """The spells in which it is down now."""
        self.work = ""
        """What becomes of what it is given, when it is down."""
        self.down: list[Span] = []
        """From when to when it was down."""
        self.messages = 0
        self.bytes = dict.fromkeys(KINDS, 0)
        self.header_bytes = self.resent_bytes = 0
        self.lost = self.dropped = self.dropped_bytes = 0
        self.busy: list[Span] = []
        """From when to when it has transfers, under fair sharing."""
        self.sent: list[tuple[int, int, int]] = []
        """Start, end and bytes of these transfers, once they are over."""

    @property
    def loses(self) -> bool:
        """Whether it is down, and loses what it is given."""
        return bool(self.holds) and self.work == "lose"

    # sizes and times

    def headers(self, payload: int) -> int:
        """Return the bytes of the headers of *payload* bytes: of ceil(payload / mtu) packets."""
        return self._packets(payload) * self.link.header_bytes

    def _packets(self, payload: int) -> int:
        return 0 if payload == 0 else 1 if self.link.mtu_bytes is None else up(payload, self.link.mtu_bytes)

    def ready_ns(self, at_ns: int | float) -> int | float:
        """Return the first instant from *at_ns* on at which a transmission can start."""
        if at_ns == NEVER:
            return NEVER
        return first_ns(lambda at: not self._held(at), self._conditions.next_change, at_ns)

    def transmitted_ns(self, start_ns: int | float, payload: int, attempts: int) -> int | float:
        """Return the end of *attempts* transmissions of *payload* bytes and headers, one after another."""
        size, overhead = payload + self.headers(payload), self._packets(payload) * self.link.overhead_ns
        at = start_ns
        for _ in range(attempts):
            at = self.ready_ns(at)
            if at != NEVER:
                at = reached_ns(self.rate, at, 8 * size * 10**9)
            if at != NEVER:
                at += overhead
        return at

    # draws and accounts

    def accept(self, kind: str, payload: int, headers: int, now: int) -> Luck:
        """Take the next message: draw what becomes of it, and count it."""
        luck = self._luck(now)
        self.messages += 1
        self.bytes[kind] += payload
        self.header_bytes += headers
        self.resent_bytes += (luck.attempts - 1) * (payload + headers)
        return luck

    def _luck(self, now: int) -> Luck:
        jitter = 0 if self.link.jitter is None else self._jitter.duration_ns(self.link.jitter)
        u, v = self._loss.uniform(), self._burst.uniform()
        p = self._conditions.loss(self.number, self._loss_of_its_own(v), now)
        attempts = 1
        while attempts < self.link.attempts and u < p**attempts:
            attempts += 1
        return Luck(attempts, u < p**self.link.attempts, jitter)

    def _loss_of_its_own(self, v: float) -> float:
        loss = self.link.loss
        if loss is None:
            return 0.0
        if self._bad is None:
            self._bad = v < loss.to_bad / (loss.to_bad + loss.to_good)
        elif self._bad:
            self._bad = not v < loss.to_good
        else:
            self._bad = v < loss.to_bad
        return loss.bad if self._bad else loss.good

    def drop(self, payload: int) -> None:
        self.dropped += 1
        self.dropped_bytes += payload
