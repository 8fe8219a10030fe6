"""Policies: who decides at an exit, in the place of its rule and threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from .configuration import EXITS
from .document import Raw
from .part import STRICT, Part

Parameter = str | bool | int | float


def _with_parameters(schema: dict[str, Any]) -> None:
    """Let the JSON Schema know that a policy has parameters of its own."""
    schema["additionalProperties"] = {"type": ["string", "boolean", "number"]}


class PolicyChoice(Part):
    """A policy at one exit; keys that are none of these are its parameters."""

    model_config = ConfigDict(**STRICT | {"extra": "allow", "json_schema_extra": _with_parameters})
    __pydantic_extra__: dict[str, Parameter]

    use: str = Field(
        pattern=r"^([a-z_]+|.+:[A-Za-z_]\w*)$",
        description="A built-in policy, or one's own: file.py:Name, from the scenario's folder, or pkg.mod:Name.",
        examples=["follow_load"],
    )
    exit: str = Field(description="The exit where it decides, not the last.", examples=[EXITS[0]])

    @property
    def parameters(self) -> dict[str, Parameter]:
        """Return what the policy is made with, by name."""
        return dict(self.__pydantic_extra__)


_CHOICE_SCHEMA = PolicyChoice.model_json_schema()
Policies = Annotated[
    tuple[PolicyChoice, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, Mapping) else value),
    PlainSerializer(lambda choices: [_written(choice) for choice in choices]),
    WithJsonSchema({"anyOf": [_CHOICE_SCHEMA, {"type": "array", "items": _CHOICE_SCHEMA}]}),
    Field(strict=False),
]
"""One for each exit that has any."""


def _written(choice: PolicyChoice) -> Raw:
    return choice.model_dump(by_alias=True, exclude_none=True)
