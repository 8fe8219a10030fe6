"""Policies: who decides whether an exit answers, by what a real node could see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Observation:
    """What a node has at the decision of one of its exits. No label, and nothing of the future."""

    exit: str
    """The name of the exit."""
    now_ns: int
    captured_ns: int
    """When the request was captured."""
    rule: Literal["entropy", "probability", "margin"]
    threshold: float
    entropy: float
    """Normalised entropy of what the exit would answer: 0 is certain, 1 is uniform."""
    top: float
    """Its highest probability."""
    margin: float
    """Its highest less its second probability."""
    entropies: Mapping[str, float]
    """By section whose summary is there (its node's name), the normalised entropy of that summary alone."""
    features_bytes: Mapping[str, int]
    """By section of the exit, the bytes of its features."""
    waiting: int
    """Jobs that wait on the exit's node."""
    serving: int
    """Jobs in service there; that of this decision is done."""
    backlog_bytes: int
    """What the uplink has been given and has not sent whole, headers included; 0 where there is no uplink."""
    rate_bps: float | None
    """Measured over the last transmissions of the uplink; None before the first."""
    slack_ns: int | None
    """Until the workload's deadline, below 0 when it is over; None: there is none."""
    escalation_ns: int
    """The least time from here to an answer of the next exit (or its reply), as planned: alone in the system."""


class Exits(NamedTuple):
    """Answer here."""


class Escalates(NamedTuple):
    """Have features sent up."""

    sections: frozenset[str] | None = None
    """By name of their nodes, those that are told; None: all."""


Verdict = Exits | Escalates


class Policy(Protocol):
    """What decides at one exit, through one run; it may remember what it saw."""

    def decide(self, seen: Observation) -> Verdict:
        """Return what the exit is to do with the request at hand."""
        ...
