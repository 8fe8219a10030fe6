"""Deadlines: how long the gathers of an exit wait for what they expect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.request import Request


class Deadline(Happening):
    """The instant at which a gather waits no longer."""

    def __init__(self, request: Request, gather: Expiring) -> None:
        self.request = request
        self.gather = gather


@runtime_checkable
class Expiring(Protocol):
    """A gather, wherever it is for each request."""

    entity: int
    bit: int

    def expire(self, request: Request) -> None:
        """Wait no longer: a deadline has come."""


class Term(NamedTuple):
    """How long some gathers wait, from an instant that they have in common."""

    gathers: Sequence[Expiring]
    after_ns: int


class Deadlines:
    """All deadlines of a run."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.since_capture: list[Term] = []
        self._key = rules.key(rules.TIMEOUT, kind=1)

    def begin(self, request: Request) -> None:
        """Let those since the capture of *request*, which is now, come."""
        for term in self.since_capture:
            self.set(term, request)

    def set(self, term: Term, request: Request) -> None:
        """Let the open gathers of *term* have their deadline, which begins now, unless *request* is over."""
        if request.over:
            return
        standing = request.standing
        for gather in term.gathers:
            if not standing.closed & gather.bit and gather.entity not in standing.deadlines:
                deadline = standing.deadlines[gather.entity] = Deadline(request, gather)
                key = request.key + self._key + rules.entity_key(gather.entity)
                self.clock.arrange(deadline, (_expire,), key, term.after_ns)

    def release(self, request: Request) -> None:
        """Let the deadlines of *request*, which is over, not come."""
        deadlines = request.standing.deadlines
        self.clock.withdraw(*deadlines.values())
        deadlines.clear()


def _expire(deadline: Deadline) -> None:
    del deadline.request.standing.deadlines[deadline.gather.entity]
    deadline.gather.expire(deadline.request)
