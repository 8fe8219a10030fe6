"""What a scenario says of pictures: their shape, what they may show, and the tiles that they are cut into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from .units import QuantityError

MAX_SIDE = 4096
"""Most pixels of a picture's side."""
LEAST_TILE = 4
"""Fewest pixels of a tile's side."""


def _is_side(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_SIDE


def _parse_picture_shape(value: object) -> tuple[int, int]:
    """Return height and width."""
    if isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_side, value)):
        return value[0], value[1]
    raise QuantityError(f"{value!r} is not the shape of a picture", "write height and width, e.g. [28, 28]")


def _parse_view_shape(value: object) -> tuple[int, int, int]:
    """Return channels, height and width."""
    if isinstance(value, list | tuple) and len(value) == 3 and value[0] in (1, 3) and all(map(_is_side, value)):
        return value[0], value[1], value[2]
    instead = "write channels, 1 or 3, height and width, e.g. [3, 32, 32]"
    raise QuantityError(f"{value!r} is not the shape of a view", instead)


def _parse_class_names(value: object) -> tuple[str, ...]:
    """Return two names or more, no two of them equal."""
    if isinstance(value, list | tuple) and all(isinstance(name, str) and name for name in value):
        if len(set(value)) == len(value) >= 2:
            return tuple(value)
        raise QuantityError(f"{list(value)!r} are not two different names or more", "write e.g. [cat, dog]")
    raise QuantityError(f"{value!r} is not a list of names", "write e.g. [cat, dog]; '0' in quotes")


def _listed(parse: Callable[[object], Any], schema: dict[str, Any]) -> tuple[object, ...]:
    """Return what pydantic needs to read a list by *parse*, write it, and describe it by *schema*."""
    return PlainValidator(parse), PlainSerializer(list), WithJsonSchema({"type": "array"} | schema)


_SIDE = {"type": "integer", "minimum": 1, "maximum": MAX_SIDE}
_NAMES = {"items": {"type": "string", "minLength": 1}, "minItems": 2, "uniqueItems": True, "examples": [["cat", "dog"]]}
_SIDES = {"items": _SIDE, "minItems": 2, "maxItems": 2, "examples": [[28, 28]]}
_SHAPE = {
    "prefixItems": [{"enum": [1, 3]}, _SIDE, _SIDE], "minItems": 3, "maxItems": 3, "examples": [[3, 32, 32]],
}  # fmt: skip

PictureShape = Annotated[tuple[int, int], *_listed(_parse_picture_shape, _SIDES)]
"""Height and width, in pixels."""
ViewShape = Annotated[tuple[int, int, int], *_listed(_parse_view_shape, _SHAPE)]
"""Channels, height and width."""
ClassNames = Annotated[tuple[str, ...], *_listed(_parse_class_names, _NAMES)]
"""What the labels 0, 1, ... stand for."""


class Grid(NamedTuple):
    """How a picture is cut into tiles."""

    rows: int
    columns: int


def grid(views: int) -> Grid:
    """Return the grid of *views* tiles that is nearest to a square and not taller than wide: 6 are 2 by 3."""
    rows = max(rows for rows in range(1, views + 1) if views % rows == 0 and rows * rows <= views)
    return Grid(rows, views // rows)


def tile(height: int, width: int, views: int) -> tuple[int, int]:
    """Return height and width of one of *views* tiles; what is left over at the bottom and on the right is not seen.

    Raise QuantityError where a tile would be next to nothing.
    """
    rows, columns = grid(views)
    high, wide = height // rows, width // columns
    if min(high, wide) < LEAST_TILE:
        what = f"{views} views of a picture of {height}x{width} are {rows} by {columns} tiles of {high}x{wide}"
        raise QuantityError(what, f"choose a number whose tiles have at least {LEAST_TILE}x{LEAST_TILE} pixels")
    return high, wide
