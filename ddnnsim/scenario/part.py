"""What all parts of a scenario's schema are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema

from .units import QuantityError
from .wording import given

Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
STRICT = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _read_names(value: object) -> tuple[str, ...]:
    """Return one name, or several, as a file gives them."""
    names = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else ()
    if not names or not all(isinstance(name, str) for name in names):
        wrong = next((name for name in names if not isinstance(name, str)), value)
        what = "an empty list" if value in ([], ()) else f"{given(wrong)} is not a name"
        raise QuantityError(what, "write a name, or a list such as [camera1, camera2]")
    return names


_NAMES_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
Names = Annotated[
    tuple[str, ...],
    PlainValidator(_read_names),
    PlainSerializer(lambda names: names[0] if len(names) == 1 else list(names)),
    WithJsonSchema(_NAMES_SCHEMA | {"examples": ["camera1", "[camera1, camera2]"]}),
]
"""One name or several."""


class Part(BaseModel):
    """A part of a scenario: frozen, without unknown keys, and without coercion."""

    model_config = STRICT


def not_required(*names: str) -> Callable[[dict[str, Any]], None]:
    """Return a change of a JSON Schema: a file may leave out *names*, which loading fills in."""

    def relax(schema: dict[str, Any]) -> None:
        schema["required"] = [name for name in schema.get("required", []) if name not in names]
        if not schema["required"]:
            del schema["required"]

    return relax
