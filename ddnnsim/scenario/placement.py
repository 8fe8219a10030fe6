"""Where a scenario puts what the tiers of its nodes do not tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from .part import Names, Part
from .topology import NAME
from .units import QuantityError
from .wording import given

RULES = ("nearest", "most_compute", "central")
"""What a place may have most or least of, in the place of a node's name; `rules` follows them."""
_NAME_SCHEMA = {"type": "string"}
_LIST_SCHEMA = {"type": "array", "items": _NAME_SCHEMA, "minItems": 1}
PLACE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        _NAME_SCHEMA,
        {
            "type": "object",
            "properties": {rule: {"anyOf": [_NAME_SCHEMA, _LIST_SCHEMA]} for rule in RULES},
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        },
    ],
    "examples": ["edge1", "{nearest: [edge1, edge2]}"],
}
"""A node, or a rule and its candidates."""
Place = Annotated[str, WithJsonSchema(PLACE_SCHEMA)]


def _devices(value: object) -> str | tuple[str, ...]:
    """Return a name, or several."""
    if isinstance(value, str):
        return value
    names = tuple(value) if isinstance(value, list | tuple) else ()
    if not names or not all(isinstance(name, str) for name in names):
        wrong = next((name for name in names if not isinstance(name, str)), value)
        what = "an empty list" if value in ([], ()) else f"{given(wrong)} is not a node"
        raise QuantityError(what, "write a group of nodes, or a list such as [camera1, camera2]")
    return names


class Group(Part):
    """Devices that share an edge and, in configuration f, a local exit."""

    devices: Annotated[
        str | tuple[str, ...],
        PlainValidator(_devices),
        WithJsonSchema({"anyOf": [_NAME_SCHEMA, _LIST_SCHEMA]}),
    ] = Field(description="A group of nodes, or a list of device nodes.", examples=["camera"])
    edge: Place = Field(description="The edge node that the features of these devices go to, or a rule.")


def _candidates(value: object) -> tuple[str, ...] | dict[str, tuple[str, ...]]:
    """Return names, or names for each group."""
    if isinstance(value, Mapping):
        return {group: _listed_names(names) for group, names in value.items()}
    return _listed_names(value)


def _listed_names(value: object) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else ()
    if not names or not all(isinstance(name, str) for name in names):
        raise QuantityError(f"{given(value)} names no nodes", "write a list such as [gate1, gate2]")
    return names


def _written(names: tuple[str, ...] | dict[str, tuple[str, ...]]) -> list[str] | dict[str, list[str]]:
    return {group: list(of) for group, of in names.items()} if isinstance(names, dict) else list(names)


_CANDIDATES_SCHEMA = {"anyOf": [_NAME_SCHEMA, _LIST_SCHEMA]}
ExitCandidates = Annotated[
    tuple[str, ...] | dict[str, tuple[str, ...]],
    PlainValidator(_candidates),
    PlainSerializer(_written),
    WithJsonSchema(
        {"anyOf": [*_CANDIDATES_SCHEMA["anyOf"], {"type": "object", "additionalProperties": _CANDIDATES_SCHEMA}]}
    ),
]


class Candidates(Part):
    """By place, the nodes that are tried there."""

    groups: Mapping[str, Names] = Field({}, description="By group, for its edge.")
    edge: Names | None = Field(None, description="For the section of the edge, where there are no groups.")
    cloud: Names | None = Field(None, description="For the section of the cloud.")
    exits: Mapping[str, ExitCandidates] = Field(
        default={}, description="By exit, local or edge, for where it is; for the local exits of groups, by group."
    )


class Search(Part):
    """A search for the places with which the scenario does best."""

    minimise: Literal["latency_mean", "latency_p95", "bytes"] = Field(
        description="What is least: of latency its mean or 95th percentile, or the bytes that links carry."
    )
    requests: int = Field(200, ge=1, le=1_000_000, description="How many requests each placement is tried with.")
    of: Candidates = Field(description="Which places are searched for, and among which nodes.")


class Placement(Part):
    """Which sections are on which nodes, where the tiers do not say it."""

    groups: Mapping[str, Group] = Field(
        default={},
        description="By name, the devices of an edge; with a single edge all devices are its own. Their order counts.",
        json_schema_extra={"propertyNames": {"pattern": NAME}},
    )
    edge: Place | None = Field(None, description="The edge node, or a rule, where there are several and no groups.")
    cloud: Place | None = Field(None, description="The cloud node, or a rule, where there are several.")
    search: Search | None = Field(None, description="Which places a run searches for before it begins.")

    def placed(self) -> dict[str, list[str]]:
        """Return by tier the nodes on which its sections are said to be."""
        edges: list[str | None] = [group.edge for group in self.groups.values()]
        said = {"edge": edges or [self.edge], "cloud": [self.cloud]}
        return {tier: [name for name in names if name is not None] for tier, names in said.items()}
