"""When requests come, and how many."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AliasChoices,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
    model_validator,
)

from .part import Part
from .units import (
    DURATION,
    FREQUENCY,
    Duration,
    Frequency,
    QuantityError,
    format_duration,
    format_frequency,
    parse_duration,
    parse_frequency,
)


class _Workload(Part):
    """What both kinds of arrivals have."""

    arrivals: str
    rate: Frequency
    """Requests per second, exactly."""
    requests: int | None = Field(
        None, ge=1, le=10**9, description="How many; one pass over the test split unless given."
    )
    order: Literal["recorded", "shuffled"] = Field(
        "recorded", description="Samples in the order of the test split, or shuffled in each pass."
    )
    reply_to: str | None = Field(None, description="The node that answers are sent to; none unless given.")


class Poisson(_Workload):
    """Requests at random, independent times."""

    arrivals: Literal["poisson"] = Field(description="Random, independent times.")
    rate: Frequency = Field(description="Requests per second, on average.")


class _Every(NamedTuple):
    """What a file gave as the time between two requests."""

    value: object


def _pace(value: object) -> Fraction:
    """Return requests per second, exactly, from a frequency or from the time between two requests."""
    if not isinstance(value, _Every):
        return parse_frequency(value)
    every_ns = parse_duration(value.value)
    if every_ns == 0:
        raise QuantityError(f"{value.value!r} is no time between requests", "write e.g. '100 ms'")
    return Fraction(10**9, every_ns)


def _either_rate_or_every(schema: dict[str, Any]) -> None:
    """Let the JSON Schema of periodic arrivals ask for one of `rate` and `every`."""
    every = dict(DURATION.schema, description="Time between two requests.", examples=["100 ms"])
    schema["properties"]["every"] = every
    schema["required"].remove("rate")
    schema["oneOf"] = [{"required": ["rate"]}, {"required": ["every"]}]


class Periodic(_Workload):
    """Requests at equal distances; `every: 100 ms` in a file is a rate of exactly 10 per second."""

    model_config = ConfigDict(json_schema_extra=_either_rate_or_every)

    arrivals: Literal["periodic"] = Field(description="Equal distances.")
    rate: Annotated[Fraction, PlainValidator(_pace), PlainSerializer(str), WithJsonSchema(FREQUENCY.schema)] = Field(
        validation_alias=AliasChoices("rate", "every"), description="Requests per second; or give `every`."
    )
    phase_ns: Duration = Field(0, alias="phase", description="Time of the first request.")

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
        pace = {"every": format_duration(int(every_ns))} if whole else {"rate": format_frequency(self.rate)}
        rest = {key: value for key, value in serialize(self).items() if key != "rate"}
        return {"arrivals": rest.pop("arrivals"), **pace, **rest}


Workload = Annotated[Poisson | Periodic, Field(discriminator="arrivals")]
