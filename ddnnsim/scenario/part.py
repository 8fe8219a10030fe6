"""What all parts of a scenario's schema are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
STRICT = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


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
