"""Nodes: machines, what they do in a second, hold and draw."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from .drawn import Drawn
from .part import Part
from .quantities import BinaryCompute, ByteEnergy, Compute, Duration, Energy, Power, Size
from .units import QuantityError
from .wording import given

MAX_COUNT = 10_000
MAX_BATCH = 10_000
Tier = Literal["device", "edge", "cloud", "gateway", "router"]
SpeedUps = tuple[tuple[int, Fraction], ...]


def _read_speed_up(value: object) -> SpeedUps:
    """Return sizes of batches with their speed-up, exactly, in ascending order."""
    if not isinstance(value, Mapping) or not value:
        raise QuantityError(f"{given(value)} is not a speed-up by size", "write e.g. {8: 4}")
    return tuple(sorted((_size(size), _speed_up(number)) for size, number in value.items()))


def _size(key: object) -> int:
    if not str(key).isascii() or not str(key).isdecimal() or not 2 <= len(str(key)) + 1 <= 6 or int(str(key)) < 2:
        raise QuantityError(f"{given(key)} is not the size of a batch", "write a number from 2, as in {8: 4}")
    return int(str(key))


def _speed_up(value: object) -> Fraction:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 1e-3 <= value <= 1e6:
        raise QuantityError(f"{given(value)} is not a speed-up", "write a number above 0, as in {8: 4}")
    return Fraction(repr(value))


def _write_speed_up(speed_up: SpeedUps) -> dict[str, int | float]:
    return {str(size): int(s) if s.denominator == 1 else float(s) for size, s in speed_up}


_SPEED_UP_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {"type": "number", "minimum": 1e-3, "maximum": 1e6},
    "propertyNames": {"pattern": "^[0-9]{1,5}$"},
    "minProperties": 1,
    "examples": ["{8: 4}"],
}


class Batch(Part):
    """How jobs of one section are done together."""

    limit: int = Field(alias="max", ge=1, le=MAX_BATCH, description="Most jobs in a batch.")
    wait_ns: Duration = Field(0, alias="wait", description="How long the first job waits for others.")
    speed_up: Annotated[
        SpeedUps | None,
        PlainValidator(_read_speed_up),
        PlainSerializer(_write_speed_up, when_used="unless-none"),
        WithJsonSchema(_SPEED_UP_SCHEMA),
    ] = Field(
        None,
        description="Jobs at once in the time of one, by size of batch; linear between sizes and from 1 at size 1, "
        "constant beyond the last; 1 unless given.",
    )


class PowerModel(Part):
    """What a machine draws."""

    idle_uw: Power = Field(0, alias="idle", description="Always.")
    compute_uw: Power = Field(0, alias="compute", description="On top of it, for each server that is busy.")
    send_fj_per_byte: ByteEnergy = Field(0, alias="send", description="For each byte handed to a link.")
    receive_fj_per_byte: ByteEnergy = Field(0, alias="receive", description="For each byte that arrives.")


class Node(Part):
    """A machine, or a group of equal machines: `camera` with count 6 is camera1 to camera6."""

    tier: Tier = Field(description="Where in the hierarchy it stands.")
    count: int | None = Field(
        None, ge=1, le=MAX_COUNT,
        description="Makes a group of so many; the only device entry has one for each view.",
    )  # fmt: skip
    compute_ops: Compute | None = Field(
        None, alias="compute", description="Speed of a processor; without it, work takes no time."
    )
    binary_ops: BinaryCompute | None = Field(
        None, alias="binary", description="Speed on binary operations; that of `compute` unless given."
    )
    service: Drawn | None = Field(
        None, description="How long the job of a section on it takes, whatever the section costs."
    )
    measured: float | None = Field(
        None, gt=0, description="The job of a section takes as long as on this host, so many times."
    )
    servers: int = Field(1, ge=1, le=1_000_000, description="Processors that share one queue.")
    queue_limit: int | None = Field(None, alias="queue", ge=0, description="Most jobs that wait; any unless given.")
    batch: Batch | None = Field(None, description="How jobs of a section are done together; one by one unless given.")
    memory_bytes: Size | None = Field(
        None,
        alias="memory",
        description="Room for the parameters of the sections on it and the features they hold; no limit unless given.",
    )
    power: PowerModel | None = Field(None, description="What it draws; not counted unless given.")
    battery_fj: Energy | None = Field(None, alias="battery", description="What there is at the start.")
