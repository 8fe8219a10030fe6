"""Values that may differ by direction: one for both in a file, or {up: ..., down: ...}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar

from pydantic import BeforeValidator, SerializerFunctionWrapHandler, WrapSerializer

from .document import Raw
from .part import Part

T = TypeVar("T")
Direction = Literal["up", "down"]
"""Up is from the `from` of a link to its `to`."""
_DIRECTIONS = ("up", "down")


class Both(Part, Generic[T]):
    """A value for each direction."""

    up: T
    down: T

    def of(self, direction: Direction) -> T:
        """Return the value of *direction*."""
        return self.up if direction == "up" else self.down


def is_directed(value: object) -> bool:
    """Return whether *value*, as a file has it, tells the directions apart."""
    return isinstance(value, Mapping) and not value.keys().isdisjoint(_DIRECTIONS)


def by_direction(value: Raw) -> list[Raw]:
    """Return what a file says in *value*: once if it is for both directions, else of each that it names."""
    return [value[way] for way in _DIRECTIONS if way in value] if is_directed(value) else [value]


def as_given(loc: Sequence[str | int], data: Raw) -> tuple[str | int, ...] | None:
    """Return the path *loc* of a resolved scenario as *data* have it: without directions that they do not tell apart.

    None for the second of two such directions: what is to say of it was said of the first.
    """
    at: Raw = data
    keys: list[str | int] = []
    for part in loc:
        if part in _DIRECTIONS and not is_directed(at):
            if part == _DIRECTIONS[1]:
                return None
            continue
        indexed = isinstance(at, list) and isinstance(part, int) and part < len(at)
        if indexed or (isinstance(at, dict) and part in at):
            at = at[part]
        keys.append(part)
    return tuple(keys)


def _spread(value: object) -> object:
    """Return *value* by direction."""
    return value if is_directed(value) else {"up": value, "down": value}


def _fold(both: Raw, serialize: SerializerFunctionWrapHandler) -> Raw:
    """Return one value where both are equal."""
    written = serialize(both)
    return written["up"] if written["up"] == written["down"] else written


SPREAD = BeforeValidator(_spread)
FOLD = WrapSerializer(_fold)


def directed(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of what may differ by direction, each value by *schema*."""
    words = {key: schema[key] for key in ("description", "examples") if key in schema}
    bare = {key: value for key, value in schema.items() if key not in words}
    both = {
        "type": "object",
        "properties": dict.fromkeys(_DIRECTIONS, bare | {"examples": words.get("examples", [])}),
        "required": list(_DIRECTIONS),
        "additionalProperties": False,
    }
    return {"anyOf": [bare, both]} | words
