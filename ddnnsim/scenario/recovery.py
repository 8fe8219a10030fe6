"""What is known of faults, and what is done about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, SerializerFunctionWrapHandler, Tag, model_serializer

from .document import Raw
from .part import Names, Part
from .quantities import Duration, Size
from .units import DURATION

MOST_SENDINGS = 1000


class Heartbeats(Part):
    """What tells nodes that others are alive."""

    period_ns: Duration = Field(alias="period", description="Time between two beats.", examples=["1 s"])
    timeout_ns: Duration = Field(
        alias="timeout", description="Silence after which a node is suspected.", examples=["3 s"]
    )
    size_bytes: Size = Field(16, alias="size", description="Of a beat.")


class Retries(Part):
    """How a message that is lost is sent again."""

    attempts: int = Field(ge=2, le=MOST_SENDINGS, description="Most times that it is sent.", examples=[3])
    backoff_ns: Duration = Field(
        alias="backoff", description="How long after the first loss it is sent again.", examples=["50 ms"]
    )
    factor: float = Field(1.0, ge=1, le=1000, description="By which each wait is longer than the one before.")


def _known_by(value: object) -> str:
    """Return of which kind a detector is."""
    return "beats" if isinstance(value, Mapping | Heartbeats) else "at once"


Detector = Annotated[
    Annotated[Literal["immediate"], Tag("at once")] | Annotated[Heartbeats, Tag("beats")], Discriminator(_known_by)
]


class Recovery(Part):
    """What is known of faults, and what is done about them."""

    detector: Detector = Field(
        "immediate", description="How nodes learn of faults: perfectly and at once, or by heartbeats."
    )
    fallback: Literal["drop", "best_effort"] = Field(
        "drop",
        description="What becomes of a request that nobody is left to answer: it is lost, or the exit that decided "
        "last answers.",
    )
    reroute: bool = Field(False, description="Whether routes avoid what is down.")
    delay_ns: Duration = Field(0, alias="delay", description="Until new routes and stand-ins are in force.")
    failover: Mapping[str, Names] = Field(
        default={}, description="By node, those that stand in for it when it is down, the first choice first."
    )
    retries: Retries | None = Field(None, description="How what is lost is sent again; it is not unless given.")
    cancel: bool = Field(False, description="Whether work for a request that is over is left undone.")


def _timed(value: Raw) -> Raw:
    """Return a deadline as a mapping; a time alone is one since the capture."""
    return value if isinstance(value, Mapping | ExitDeadline) else {"after": value}


class ExitDeadline(Part):
    """How long an exit waits for what it expects."""

    after_ns: Duration = Field(alias="after", description="How long.")
    since: Literal["capture", "first_view"] = Field(
        "capture", description="From when: the capture of the request, or the arrival of the first view."
    )

    @model_serializer(mode="wrap")
    def _shortest(self, serialize: SerializerFunctionWrapHandler) -> Raw:
        """Write a deadline since the capture as its time."""
        written: dict[str, Any] = serialize(self)
        return next(iter(written.values())) if self.since == "capture" else written


DEADLINE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {key: DURATION.schema[key] for key in ("type", "pattern")},
        {
            "type": "object",
            "properties": {"after": DURATION.schema, "since": {"enum": ["capture", "first_view"]}},
            "required": ["after"],
            "additionalProperties": False,
        },
    ],
    "examples": ["200 ms", "{after: 200 ms, since: first_view}"],
}
DeadlineOfExit = Annotated[ExitDeadline, BeforeValidator(_timed)]
