"""How a request stands, where gathers may be closed before all is there and nodes may forget."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ddnnsim.oracle import Decision
    from ddnnsim.sim.deadline import Deadline
    from ddnnsim.sim.exit import Exit


class Said(NamedTuple):
    """What an exit has decided, if it has not lost it since."""

    at_ns: int
    exit: Exit
    views: int
    seen: int
    """The id of the set *views*."""
    decision: Decision
    life: int
    """Of its node."""


class Standing:
    """Bit masks by entity, and more that is known of one request."""

    __slots__ = (
        "absent",
        "closed",
        "complete",
        "deadlines",
        "failed",
        "lives",
        "ordered",
        "overdue",
        "said",
        "settled",
        "vain",
    )

    def __init__(self, closed: int, settled: int, absent: int) -> None:
        self.absent = absent
        """Who has nothing of it, from the beginning."""
        self.closed = closed
        """Gathers that wait for nothing any more."""
        self.settled = settled
        """Exits that have decided, or never will."""
        self.overdue = 0
        """Gathers that a deadline has closed."""
        self.vain = 0
        """Those of them that had no view, and exits that decide nothing for that reason."""
        self.complete = 0
        """Sections that have computed."""
        self.failed = absent
        """Sections that never will."""
        self.ordered = 0
        """Sections that are to send their features as soon as they have computed."""
        self.lives: dict[int, int] = {}
        """By entity, the life of its node in which it has gathered, or computed."""
        self.deadlines: dict[int, Deadline] = {}
        """By entity, that of its gather, which is open."""
        self.said: list[Said] = []
        """What exits have decided, in the order of happening."""
