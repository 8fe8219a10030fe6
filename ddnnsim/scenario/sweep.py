"""What a scenario says of many runs of itself: with which settings, and how often each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from .part import Part
from .quantities import Share
from .ranges import Range

MOST_REPLICATIONS = 10_000
LABEL = "label"
"""What an item of a list is called; all its other keys are paths."""
_PATHS = {"propertyNames": {"pattern": r"^[^.]+(\.[^.]+)*$"}, "minProperties": 1}


def _shape(value: object) -> str:
    """Return what *value* is as a word that no file has as a key."""
    return "Range" if isinstance(value, Mapping | Range) else "Values"


Values = Annotated[
    Annotated[tuple[Any, ...], Field(min_length=1, strict=False), Tag("Values")] | Annotated[Range, Tag("Range")],
    Discriminator(_shape),
    Field(json_schema_extra={"discriminator": {"mapping": {"Range": "#/$defs/Range"}}}),
]
"""As a file could have them in their place, one by one or as a range."""
ByPath = Annotated[Mapping[str, Values], Field(json_schema_extra=_PATHS)]


class Sweep(Part):
    """Settings that a scenario is run with, beside what the rest of it says."""

    grid: ByPath | None = Field(
        None, description="By path, values that are run each with each of the others.", examples=["{run.seed: [1, 2]}"]
    )
    zip: ByPath | None = Field(None, description="By path, values of which the i-th ones go together.")
    list: Annotated[tuple[Mapping[str, Any], ...], Field(min_length=1, strict=False)] | None = Field(
        None,
        description="Settings that are written out: values by path, and perhaps a label.",
        examples=["[{label: fast, topology.links.wan.rate: 1 Gbit/s}]"],
    )


class Precision(Part):
    """How often a point is run: until a mean is known well enough."""

    of: str = Field(
        description="The number whose mean it is, by its path in summary.json.", examples=["latency.mean_s"]
    )
    within: Share = Field(description="The most that half of its 95 % interval may be, as a share of the mean.")
    least: int = Field(5, ge=3, le=MOST_REPLICATIONS, description="Replications to begin with; better 10.")
    most: int = Field(100, ge=3, le=MOST_REPLICATIONS, description="Replications at most.")
