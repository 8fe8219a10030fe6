"""When requests come, what of a scene is in one, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import (
    AliasChoices,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    Tag,
    WithJsonSchema,
    model_serializer,
    model_validator,
)

from .drawn import Drawn
from .part import Part
from .quantities import Duration, Frequency
from .units import DURATION, FREQUENCY, QuantityError, format_frequency, parse_frequency


class _Workload(Part):
    """What all kinds of arrivals have."""

    arrivals: str
    requests: int | None = Field(
        None,
        ge=1,
        le=10**9,
        description="How many; unless given one pass over the test split, or all that a file of times makes.",
    )
    order: Literal["recorded", "shuffled"] = Field(
        "recorded", description="Samples in the order of the test split, or shuffled in each pass."
    )
    reply_to: str | None = Field(None, description="The node that answers are sent to; none unless given.")
    deadline_ns: Duration | None = Field(
        None, alias="deadline", description="What the latency of an answer should not exceed; measured, and no more."
    )


def _said_of(value: object) -> str:
    """Return of whom a phase is told."""
    return "each" if isinstance(value, Mapping) else "all"


Phase = Annotated[
    Annotated[Duration, Tag("all")] | Annotated[Mapping[str, Duration], Tag("each")], Discriminator(_said_of)
]
"""ns, of all devices or by device."""

_WINDOW: dict[str, Any] = {
    "if": {"required": ["capture"], "properties": {"capture": {"const": "window"}}},
    "then": {"required": ["window"]},
    "else": {"properties": {"window": {"type": "null"}}},
}
"""A window is there exactly where captures are put together by it."""


class _Scenes(_Workload):
    """Arrivals of scenes, which devices capture."""

    model_config = ConfigDict(json_schema_extra=_WINDOW)

    capture: Literal["joint", "each", "window"] = Field(
        "joint",
        description="What is a request: a scene with the views of all devices; each capture of a device, at times of "
        "its own; or the views of a scene within a `window`.",
    )
    window_ns: Duration | None = Field(
        None, alias="window", description="How long after the first capture of a request another one belongs to it."
    )
    phase_ns: Phase = Field(
        0, alias="phase", description="How much later devices capture: a time for all, or by device; 0 unless given."
    )
    jitter: Drawn | None = Field(None, description="What each capture of a device is late beyond its phase.")


class Poisson(_Scenes):
    """Scenes at random, independent times."""

    arrivals: Literal["poisson"] = Field(description="Random, independent times.")
    rate: Frequency = Field(description="Scenes per second, on average.")


class Bursts(_Scenes):
    """Scenes at random, independent times while their source is on."""

    arrivals: Literal["bursts"] = Field(description="Random, independent times, while the source is on.")
    rate: Frequency = Field(description="Scenes per second, on average, while the source is on.")
    on: Drawn = Field(description="How long the source is on, each time; it is on at the start.")
    off: Drawn = Field(description="How long the source is off, each time.")


class FromFile(_Scenes):
    """Scenes at the times that a file tells."""

    arrivals: Literal["file"] = Field(description="Times from a file.")
    path: str = Field(
        min_length=1,
        description="A CSV file with a column time_s, and with `capture: each` perhaps a column device; "
        "relative to the scenario's folder.",
    )


class Closed(_Workload):
    """Users who think, ask, wait for the answer, and think again; all devices capture at once."""

    arrivals: Literal["closed"] = Field(description="Users who ask again when they have an answer and have thought.")
    users: int = Field(ge=1, le=1_000_000, description="How many.")
    think: Drawn = Field(description="How long a user thinks before each request.")
    capture: ClassVar[Literal["joint"]] = "joint"


class _Every(NamedTuple):
    """What a file gave as the time between two requests."""

    value: object


def _pace(value: object) -> Fraction:
    """Return requests per second, exactly, from a frequency or from the time between two requests."""
    if not isinstance(value, _Every):
        return parse_frequency(value)
    every_ns = DURATION.read(value.value)
    if every_ns == 0:
        raise QuantityError(f"{value.value!r} is no time between requests", "write e.g. '100 ms'")
    return Fraction(10**9, every_ns)


def _either_rate_or_every(schema: dict[str, Any]) -> None:
    """Let the JSON Schema of periodic arrivals ask for one of `rate` and `every`."""
    every = dict(DURATION.schema, description="Time between two scenes.", examples=["100 ms"])
    schema["properties"]["every"] = every
    schema["required"].remove("rate")
    schema["oneOf"] = [{"required": ["rate"]}, {"required": ["every"]}]
    schema.update(_WINDOW)


class Periodic(_Scenes):
    """Scenes at equal distances; `every: 100 ms` in a file is a rate of exactly 10 per second."""

    model_config = ConfigDict(json_schema_extra=_either_rate_or_every)

    arrivals: Literal["periodic"] = Field(description="Equal distances.")
    rate: Annotated[Fraction, PlainValidator(_pace), PlainSerializer(str), WithJsonSchema(FREQUENCY.schema)] = Field(
        validation_alias=AliasChoices("rate", "every"), description="Scenes per second; or give `every`."
    )

    @model_validator(mode="before")
    @classmethod
    def _mark_every(cls, data: object) -> object:
        """Tell a time between requests from a frequency: both become `rate`."""
        return data | {"every": _Every(data["every"])} if isinstance(data, dict) and "every" in data else data

    @model_serializer(mode="wrap")
    def _shortest_pace(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write a whole number of nanoseconds as `every`, else the frequency."""
        every_ns = 10**9 / self.rate
        whole = every_ns.denominator == 1
        pace = {"every": DURATION.text(int(every_ns))} if whole else {"rate": format_frequency(self.rate)}
        rest = {key: value for key, value in serialize(self).items() if key != "rate"}
        return {"arrivals": rest.pop("arrivals"), **pace, **rest}


Scenes = Poisson | Periodic | Bursts | FromFile
"""What has scenes that come whatever becomes of the requests."""
Workload = Annotated[Poisson | Periodic | Bursts | FromFile | Closed, Field(discriminator="arrivals")]
