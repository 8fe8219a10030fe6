"""Faults: what goes wrong, with whom, and when; consequences that follow from others."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

from .drawn import Drawn, DrawnDuration, Mean
from .part import Names, Part, not_required
from .quantities import Duration, Share
from .topology import NAME

Work = Literal["lose", "resume"]
NONE = DrawnDuration("constant", (0,))


class Crash(Part):
    """Nodes are down."""

    victims: Names = Field(alias="crash", description="Nodes that are down: nodes, groups, members or regions.")
    work: Work = Field("lose", alias="on_crash", description="What becomes of their jobs and of what they hold.")


class Outage(Part):
    """Links are down."""

    victims: Names = Field(
        alias="outage",
        description="Links that are down: links (all members, both directions), 'a<>b' (both directions), 'a>b' (one), "
        "or regions (all links with an end there).",
    )
    work: Work = Field("lose", alias="on_outage", description="What becomes of what they hold.")


class Partition(Part):
    """Links between some nodes and all others are down."""

    victims: Names = Field(alias="partition", description="The nodes of one side: nodes, groups, members or regions.")
    work: Work = Field("lose", alias="on_outage", description="What becomes of what the links between them hold.")


class Slowdown(Part):
    """Nodes are slow."""

    victims: Names = Field(alias="slow", description="Nodes that are slow: nodes, groups, members or regions.")
    speed: Share = Field(description="Their speed as a share of the usual one.")


class Degradation(Part):
    """Links are worse than they are."""

    victims: Names = Field(
        alias="degrade",
        description="Links that are worse: links (all members, both directions), 'a<>b' (both directions), 'a>b' "
        "(one), or regions (all links with an end there).",
    )
    rate: Share = Field(1.0, description="Their rate as a share of the usual one.")
    delay_ns: Duration = Field(0, alias="delay", description="More delay.")
    loss: Share = Field(0.0, description="What they lose beyond the usual.")


class Misreading(Part):
    """Sensors show something else than there is to see."""

    victims: Names = Field(alias="sensor", description="Devices that see wrongly: devices, groups, members or regions.")
    kind: Literal["blank", "noisy", "stuck"] = Field(
        description="What they show: nothing, what there is under noise, or what they saw last."
    )
    level: Share | None = Field(
        None, description="Of noise: its standard deviation, where black is 0 and white 1.", examples=[0.2]
    )


Effect = Crash | Outage | Partition | Slowdown | Degradation | Misreading


class _Spells(Part):
    """What all faults have."""

    name: str = Field(pattern=NAME, max_length=100, description="Names it in results; by kind and victim unless given.")
    each: bool = Field(
        False, description="Whether every victim has spells of its own; else all are hit by the same at once."
    )
    chance: Share = Field(1.0, description="Probability that a spell hits a victim.")


def _when(schema: dict[str, Any]) -> None:
    """Let the JSON Schema ask for one of the ways to say when."""
    not_required("name")(schema)
    schema["dependentRequired"] = {"at": ["for"], "every": ["for"], "mtbf": ["mttr"], "mttr": ["mtbf"]}


class OwnSpells(_Spells):
    """A fault in spells of its own: one, at given times, again and again, or drawn."""

    model_config = ConfigDict(json_schema_extra=_when)

    from_ns: Duration | None = Field(None, alias="from", description="When it begins; the start unless given.")
    until_ns: Duration | None = Field(None, alias="until", description="When it ends, or the last spell has begun.")
    at_ns: Annotated[tuple[Duration, ...], Field(min_length=1, strict=False)] | None = Field(
        None, alias="at", description="Times at which spells begin.", examples=["[60 s, 120 s]"]
    )
    every_ns: Duration | None = Field(None, alias="every", description="After so long a spell begins again.")
    length_ns: Duration | None = Field(
        None, alias="for", description="How long each spell `at` times or `every` lasts."
    )
    mtbf: Mean | None = Field(
        None, description="How long there is none: a mean of exponential draws, or a distribution."
    )
    mttr: Mean | None = Field(None, description="How long each lasts: a mean of exponential draws, or a distribution.")
    then: Annotated[tuple[AnyConsequence, ...], Field(strict=False)] = Field(
        (), description="What follows from each spell."
    )


class Following(_Spells):
    """A fault that follows from each spell of another one."""

    model_config = ConfigDict(json_schema_extra=not_required("name"))

    after: Drawn = Field(NONE, description="How long after the beginning of the cause's spell it begins.")
    length: Drawn | None = Field(
        None, alias="for", description="How long it lasts; unless given until the end of the cause's spell."
    )
    then: Annotated[tuple[AnyConsequence, ...], Field(strict=False)] = Field(
        (), description="What follows from each spell."
    )


class CrashFault(OwnSpells, Crash):
    """Nodes that crash."""


class OutageFault(OwnSpells, Outage):
    """Links that fail."""


class PartitionFault(OwnSpells, Partition):
    """A network that falls apart."""


class SlowFault(OwnSpells, Slowdown):
    """Nodes that become slow."""


class DegradeFault(OwnSpells, Degradation):
    """Links that become worse."""


class SensorFault(OwnSpells, Misreading):
    """Sensors that see wrongly."""


class CrashConsequence(Following, Crash):
    """Nodes that crash in consequence."""


class OutageConsequence(Following, Outage):
    """Links that fail in consequence."""


class PartitionConsequence(Following, Partition):
    """A network that falls apart in consequence."""


class SlowConsequence(Following, Slowdown):
    """Nodes that become slow in consequence."""


class DegradeConsequence(Following, Degradation):
    """Links that become worse in consequence."""


class SensorConsequence(Following, Misreading):
    """Sensors that see wrongly in consequence."""


KINDS: dict[str, type[Effect]] = {
    "crash": Crash, "outage": Outage, "partition": Partition, "slow": Slowdown, "degrade": Degradation,
    "sensor": Misreading,
}  # fmt: skip
"""By the word that names the victims."""


def kind_of(value: object) -> str:
    """Return the word that names the victims of a fault, raw or read; crash where there is none."""
    if isinstance(value, dict):
        return next((kind for kind in KINDS if value.get(kind) is not None), "crash")
    return next((kind for kind, effect in KINDS.items() if isinstance(value, effect)), "crash")


def _tag(value: object) -> str:
    """Return the kind as a word that no file has as a key."""
    return kind_of(value).capitalize()


def _by_tag(ending: str) -> dict[str, Any]:
    """Return what tells in the JSON Schema which of the parts with names of this *ending* a fault is."""
    tags = [kind.capitalize() for kind in KINDS]
    return {"discriminator": {"mapping": {tag: f"#/$defs/{tag}{ending}" for tag in tags}}}


AnyFault = Annotated[
    Annotated[CrashFault, Tag("Crash")]
    | Annotated[OutageFault, Tag("Outage")]
    | Annotated[PartitionFault, Tag("Partition")]
    | Annotated[SlowFault, Tag("Slow")]
    | Annotated[DegradeFault, Tag("Degrade")]
    | Annotated[SensorFault, Tag("Sensor")],
    Discriminator(_tag),
    Field(json_schema_extra=_by_tag("Fault")),
]
AnyConsequence = Annotated[
    Annotated[CrashConsequence, Tag("Crash")]
    | Annotated[OutageConsequence, Tag("Outage")]
    | Annotated[PartitionConsequence, Tag("Partition")]
    | Annotated[SlowConsequence, Tag("Slow")]
    | Annotated[DegradeConsequence, Tag("Degrade")]
    | Annotated[SensorConsequence, Tag("Sensor")],
    Discriminator(_tag),
    Field(json_schema_extra=_by_tag("Consequence")),
]
for _model in (
    CrashFault, OutageFault, PartitionFault, SlowFault, DegradeFault, SensorFault,
    CrashConsequence, OutageConsequence, PartitionConsequence, SlowConsequence, DegradeConsequence, SensorConsequence,
):  # fmt: skip
    _model.model_rebuild()
