"""Faults, as an engine needs to know them: what goes wrong, with whom, and when. In integers and ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ddnnsim.distribution import Distribution


@dataclass(frozen=True, slots=True)
class Given:
    """Spells at given times."""

    spells: tuple[tuple[int, int | None], ...]
    """From and until, in ns, in order; None: it lasts."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """Spells that come again and again."""

    first_ns: int
    period_ns: int
    length_ns: int
    until_ns: int | None
    """No spell begins from here on; None: there is no end."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Spells between times without, both drawn."""

    from_ns: int
    up: Distribution
    """How long none is in force."""
    down: Distribution
    """How long one is."""
    until_ns: int | None
    """No spell begins from here on; None: there is no end."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """Spells that follow from those of another fault."""

    cause: int
    """The fault, one of those before."""
    after: Distribution
    """How long after the beginning of the cause's spell it begins."""
    length: Distribution | None
    """None: it lasts until the end of the cause's spell."""


@dataclass(frozen=True, slots=True)
class Crash:
    """Machines are down."""

    work: Literal["lose", "resume"]
    """What becomes of what they do, and hold to be sent."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Links are down."""

    work: Literal["lose", "resume"]
    """What becomes of what they hold."""


@dataclass(frozen=True, slots=True)
class Slowdown:
    """Machines are slow."""

    speed_ppb: int
    """Their speed in parts of 10^9 of the usual one."""


@dataclass(frozen=True, slots=True)
class Degradation:
    """Links are worse than they are."""

    rate_ppb: int
    """Their rate in parts of 10^9."""
    delay_ns: int
    """More delay."""
    loss: float
    """Probability that a transmission fails, beside the link's own."""


@dataclass(frozen=True, slots=True)
class Misreading:
    """Sensors show something else than there is to see."""

    kind: Literal["blank", "noisy", "stuck"]
    level: float
    """Of noise: its standard deviation, where a view has values from 0 to 1; else 0."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with its victims, in spells."""

    name: str
    """Names its streams."""
    effect: Crash | Outage | Slowdown | Degradation | Misreading
    spells: Given | Periodic | Drawn | Consequence
    machines: tuple[int, ...] = ()
    """Victims of a crash or of slowness, ascending; of a misreading those whose sections sense."""
    links: tuple[int, ...] = ()
    """Victims of an outage or of degradation, ascending."""
    chance: float = 1.0
    """Probability that a spell hits a victim."""
