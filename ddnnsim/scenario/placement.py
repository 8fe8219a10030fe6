"""Where a scenario puts what the tiers of its nodes do not tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from .part import Part
from .topology import NAME
from .units import QuantityError
from .wording import given

NAME_SCHEMA = {"type": "string"}


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
        WithJsonSchema({"anyOf": [NAME_SCHEMA, {"type": "array", "items": NAME_SCHEMA, "minItems": 1}]}),
    ] = Field(description="A group of nodes, or a list of device nodes.", examples=["camera"])
    edge: str = Field(description="The edge node that the features of these devices go to.", examples=["edge1"])


class Placement(Part):
    """Which sections are on which nodes, where the tiers do not say it."""

    groups: Mapping[str, Group] = Field(
        default={},
        description="By name, the devices of an edge; with a single edge all devices are its own. Their order counts.",
        json_schema_extra={"propertyNames": {"pattern": NAME}},
    )
