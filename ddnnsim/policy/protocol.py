"""What a policy sees, and what it can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from ddnnsim.oracle import confident

NS_PER_S = 1_000_000_000


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
    """By section (its node's name) whose summary is there, with a view behind it, in their order, the normalised
    entropy of what the exit would say of that summary alone; worked out when it is looked at."""
    features_bytes: Mapping[str, int]
    """By section of the exit, in their order, the bytes of its features."""
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

    @property
    def uncertainty(self) -> float:
        """Return how unsure the exit is by its rule: 0 is certain."""
        return {"entropy": self.entropy, "probability": 1 - self.top, "margin": 1 - self.margin}[self.rule]

    def confident(self, threshold: float | None = None) -> bool:
        """Tell whether the exit leaves by its rule at *threshold*, or its own where that is None."""
        return confident(self, self.rule, self.threshold if threshold is None else threshold)

    def sending_ns(self, size_bytes: int) -> float:
        """Return how long *size_bytes* take at the measured rate; 0 where nothing has been measured."""
        return 0.0 if self.rate_bps is None else 8 * size_bytes * NS_PER_S / self.rate_bps


class Exits(NamedTuple):
    """Answer here."""


class Escalates(NamedTuple):
    """Have features sent up."""

    sections: frozenset[str] | None = None
    """By name of their nodes, those that are told, one at least; None: all."""


Verdict = Exits | Escalates
EXIT, ESCALATE = Exits(), Escalates()


class Policy(Protocol):
    """What decides at one exit, through one run; it may remember what it saw."""

    def decide(self, seen: Observation) -> Verdict:
        """Return what the exit is to do with the request at hand."""
        ...
