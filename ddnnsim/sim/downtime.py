"""Downtime: when a node or a link fails and recovers, and who has to do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ddnnsim.sim.happening import Happening
from ddnnsim.sim.rules import NEVER

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.hold import Hold


class Change(Happening):
    """An instant at which a victim may fail or recover."""

    idle = True


class Downtime:
    """Follows a hold through the run; of all that will happen only what is next is arranged."""

    def __init__(self, clock: Clock, hold: Hold, recovery_key: int, failure_key: int) -> None:
        self.clock = clock
        self.hold = hold
        self.down = False
        """Whether the victim is, in the order of classes."""
        self.loses = False
        """Whether it is, and loses what it is given."""
        self.when_failed: list[Callable[[], None]] = []
        self.when_lost: list[Callable[[], None]] = []
        """Told when all that the victim has is lost: after those who are told that it has failed."""
        self.when_recovered: list[Callable[[], None]] = []
        self._recovery_key = recovery_key
        self._failure_key = failure_key
        self._await(hold.next_ns(-1))

    def _await(self, at_ns: int) -> None:
        if at_ns != NEVER:
            key = self._recovery_key
            self.clock.arrange(Change(self.clock), (self._recover,), key, at_ns - self.clock.now)

    def _recover(self, change: Change) -> None:
        now = self.clock.now
        if self.hold.recovers(now):
            self.down = self.loses = False
            _tell(self.when_recovered)
        if self.hold.fails(now) or self.hold.loses(now):
            self.clock.arrange(Change(self.clock), (self._fail,), self._failure_key, 0)
        self._await(self.hold.next_ns(now))

    def _fail(self, change: Change) -> None:
        now = self.clock.now
        if self.hold.fails(now):
            self.down, self.loses = True, self.hold.work(now) == "lose"
            _tell(self.when_failed)
        if self.hold.loses(now):
            _tell(self.when_lost)


def _tell(listeners: list[Callable[[], None]]) -> None:
    for told in listeners:
        told()
