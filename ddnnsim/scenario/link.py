"""Links: what a direction carries, how fast, how late, and what it loses."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema

from .direction import FOLD, SPREAD, Both, directed
from .drawn import DRAWN_SCHEMA, Drawn
from .loss import LOSS_SCHEMA, Loss
from .part import Part
from .presets import PRESETS
from .quantities import Duration, PausingRate, PositiveSize, Rate, Size
from .units import DURATION, PAUSING_RATE, RATE, SIZE, QuantityError
from .wording import given

MAX_ATTEMPTS = 1000
_WORDS = ("description", "examples")


class Trace(Part):
    """A file that tells the rate over time."""

    file: str = Field(min_length=1, description="Its path, relative to the scenario's folder.")
    cyclic: bool = Field(False, description="Whether it starts again at its end; else the last rate stays.")


class Queue(NamedTuple):
    """What waits at most: one of the two is None."""

    messages: int | None
    size_bytes: int | None


def _read_queue(value: object) -> Queue:
    """Return a limit in messages, or in bytes."""
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise QuantityError(f"{value} is negative", "write how many messages may wait, e.g. 10")
        return Queue(value, None)
    if isinstance(value, str):
        return Queue(None, SIZE.read(value))
    raise QuantityError(f"{given(value)} is not a limit of a queue", "write e.g. '64 KiB', or 10 for as many messages")


def _write_queue(queue: Queue) -> int | str | None:
    return queue.messages if queue.size_bytes is None else SIZE.text(queue.size_bytes)


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in _WORDS}


_TRACE_SCHEMA = Trace.model_json_schema() | {"examples": ["{file: lte.csv, cyclic: true}"]}
_QUEUE_SCHEMA = {"anyOf": [{"type": "integer", "minimum": 0}, _bare(SIZE.schema)], "examples": ["64 KiB", 10]}


class RatePair(Both[Rate]):
    """A data rate for each direction; a class with a name of its own can be pickled."""


class PausingRatePair(Both[PausingRate]):
    """A data rate, perhaps 0, for each direction."""


class DelayPair(Both[Duration]):
    """A delay for each direction."""


class JitterPair(Both[Drawn]):
    """A drawn duration for each direction."""


class LossPair(Both[Loss]):
    """A loss for each direction."""


class TracePair(Both[Trace]):
    """A trace for each direction."""


Rates = Annotated[RatePair, SPREAD, FOLD, WithJsonSchema(directed(RATE.schema))]
PausingRates = Annotated[PausingRatePair, SPREAD, FOLD, WithJsonSchema(directed(PAUSING_RATE.schema))]
Delays = Annotated[DelayPair, SPREAD, FOLD, WithJsonSchema(directed(DURATION.schema))]
Jitters = Annotated[JitterPair, SPREAD, FOLD, WithJsonSchema(directed(DRAWN_SCHEMA))]
Losses = Annotated[LossPair, SPREAD, FOLD, WithJsonSchema(directed(LOSS_SCHEMA))]
Traces = Annotated[TracePair, SPREAD, FOLD, WithJsonSchema(directed(_TRACE_SCHEMA))]
QueueLimit = Annotated[Queue, PlainValidator(_read_queue), PlainSerializer(_write_queue), WithJsonSchema(_QUEUE_SCHEMA)]


class Step(Part):
    """A change of a link at an instant; what it does not say stays."""

    at_ns: Duration = Field(alias="at", description="When, from the start of the run, or of its repetition.")
    rates: PausingRates | None = Field(None, alias="rate", description="The rate from then on; 0 sends nothing.")
    delays: Delays | None = Field(None, alias="delay", description="The delay from then on.")


def _needs_a_rate(schema: dict[str, Any]) -> None:
    """Let the JSON Schema know presets, and ask for one of the ways to give a rate."""
    words = "A kind of link, whose values hold where no others are given."
    schema["properties"]["preset"] = {"enum": list(PRESETS), "description": words}
    schema["anyOf"] = [{"required": [key]} for key in ("rate", "trace", "preset")]


class Link(Part):
    """A link, both directions; from a group, one for each member."""

    model_config = ConfigDict(json_schema_extra=_needs_a_rate)

    source: str = Field(alias="from", description="A node, a group, or a member such as camera3.")
    target: str = Field(alias="to", description="A node, a group, or a member such as camera3.")
    rates: Rates | None = Field(None, alias="rate", description="Data rate; {up, down}: from `from` to `to`, and back.")
    trace: Traces | None = Field(None, description="In the place of `rate`: a file that tells it over time.")
    delays: Delays = Field(
        DelayPair(up="0 ms", down="0 ms"), alias="delay", description="Propagation, after the last bit is sent."
    )
    steps: Annotated[tuple[Step, ...], Field(min_length=1, strict=False)] | None = Field(
        None,
        description="Changes of rate and delay, at ascending times after 0.",
        examples=["[{at: 10 s, rate: 1 Mbit/s}]"],
    )
    repeat_ns: Duration | None = Field(None, alias="repeat", description="After so long the steps start again.")
    jitter: Jitters | None = Field(None, description="What a message may be late beyond the delay.")
    loss: Losses | None = Field(None, description="What is lost of the transmissions.")
    attempts: int = Field(1, ge=1, le=MAX_ATTEMPTS, description="Most transmissions of a message.")
    queue: QueueLimit | None = Field(
        None, description="What may wait, as a size or a number of messages; anything unless given."
    )
    mtu_bytes: PositiveSize | None = Field(None, alias="mtu", description="Most payload in a packet; any unless given.")
    header_bytes: Size = Field(0, alias="header", description="Of each packet.")
    overhead_ns: Duration = Field(
        0, alias="overhead", description="How long each packet occupies the channel beyond its bits."
    )
    medium: Literal["dedicated", "shared"] = Field(
        "dedicated", description="Whether all members and both directions of the link are one half-duplex channel."
    )
    sharing: Literal["fifo", "fair"] = Field(
        "fifo", description="One transmission at a time, or all at once in fair shares."
    )
