"""What is known of a request, and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ddnnsim.oracle import Decision, Reading

from .agenda import Place

Key = tuple[str, int]
"""Of a gather: of a `section`, of an `exit`, or of verdicts at the `judge` of exits."""


@dataclass(eq=False)
class Gather:
    key: Key
    expected: frozenset[int]
    there: dict[int, int] = field(default_factory=dict)
    """What has come of whom: the views behind it, none where it never comes; of a verdict whether it is yes."""
    closed: bool = False
    expired: bool = False
    """Whether a deadline closed it."""
    heard: set[int] = field(default_factory=set)
    """Of whom it has what has come."""
    forgotten: set[int] = field(default_factory=set)
    """Of whom something had come that was lost with the node."""

    @property
    def views(self) -> int:
        mask = 0
        for views in self.there.values():
            mask |= views
        return mask


class Decided(NamedTuple):
    """What an exit has decided, and could fall back to."""

    at_ns: int
    exit: int
    decision: Decision
    row: dict[str, Any]
    machine: int
    life: int


@dataclass(eq=False)
class Request:
    number: int
    sample: int
    expects: frozenset[int]
    """The sections that have a view of it, or have something from such a section."""
    row: dict[str, Any]
    gathers: dict[Key, Gather] = field(default_factory=dict)
    deadlines: dict[Key, Place] = field(default_factory=dict)
    """Those that are to come, by the gather that they close."""
    sites: dict[int, int] = field(default_factory=dict)
    """By entity that could be here or there, which of the places it is at."""
    views: dict[int, int] = field(default_factory=dict)
    """By section, the set of the views that are behind its scores, as a mask."""
    readings: dict[int, Reading] = field(default_factory=dict)
    """By view that was captured, what its sensor shows."""
    behind: dict[int, int] = field(default_factory=dict)
    """By exit, those on which it decides."""
    complete: set[int] = field(default_factory=set)
    """Sections whose job is complete."""
    failed: set[int] = field(default_factory=set)
    """Sections that will never be."""
    ordered: set[int] = field(default_factory=set)
    """Sections that were told to escalate before they were complete."""
    features: set[int] = field(default_factory=set)
    """Sections that have features to send."""
    asked: dict[int, frozenset[int]] = field(default_factory=dict)
    """By exit that is to escalate, the sections that it wants to be told."""
    decided: dict[int, Decided] = field(default_factory=dict)
    """By exit."""
    undecided: set[int] = field(default_factory=set)
    """Exits that decide nothing."""
    too_late: set[int] = field(default_factory=set)
    """Exits that a deadline left without views, or their section."""
    claims: list[tuple[int, Decision, dict[str, Any]]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.row["answered_ns"] is None and self.row["fate"] != "lost"

    def is_pending(self, section: int) -> bool:
        """Whether the job of *section* may still be complete."""
        return section not in self.complete and section not in self.failed
