"""What is known of faults, and what is done about them, as an engine needs to know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ddnnsim.distribution import Distribution


@dataclass(frozen=True, slots=True)
class Heartbeats:
    """What tells nodes that others are alive."""

    period_ns: int
    timeout_ns: int
    """Silence since the last arrival after which a node is suspected."""
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Retries:
    """How a message that is lost is sent again."""

    attempts: int
    """The most times that it is sent, from 2."""
    backoff_ns: int
    """From the first loss to the second sending."""
    factor: float
    """By which each wait is longer than the one before."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is known of faults, and what is done about them."""

    heartbeats: Heartbeats | None = None
    """None: all is known at once."""
    fallback: Literal["drop", "best_effort"] = "drop"
    reroute: bool = False
    delay_ns: int = 0
    """Until new routes, and stand-ins, are in force."""
    retries: Retries | None = None
    cancel: bool = False


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long an exit waits for what it expects."""

    after_ns: int
    since: Literal["capture", "first_view"]


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    """Who decides, in the place of the fixed rule, whether an exit answers."""

    path: str
    """`module:name` of a class, made with `parameters` for each run."""
    parameters: Mapping[str, Any]
    uplinks: Mapping[int, int] = field(default_factory=dict)
    """By machine where the exit can be, the link whose queue it sees there; not where there is none."""
    escalation_ns: int = 0
    """The least time that an escalation takes, alone in the system."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """A machine on which a section or exit can be, too, and how long its job takes there."""

    machine: int
    service_ns: int | None
    """Of its job, where it is not drawn; None for an exit that is part of its section's job."""
    service: Distribution | None = None
