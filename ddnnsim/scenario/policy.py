"""Policies: who decides at an exit, in the place of its rule and threshold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    Tag,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import CoreSchema

from .configuration import EXITS
from .part import STRICT, Part
from .quantities import Duration, Share
from .units import QuantityError
from .wording import did_you_mean, given, listed


def _parameter(value: object) -> str | bool | int | float:
    """Return what may be a parameter."""
    if isinstance(value, str | bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    raise QuantityError(f"{given(value)} is no parameter", "write text, a number, true or false")


Parameter = Annotated[str | bool | int | float, PlainValidator(_parameter)]


class _Policy(Part):
    """What all policies have."""

    use: str
    exit: str = Field(description="The exit where it decides, not the last.", examples=[EXITS[0]])

    @property
    def parameters(self) -> dict[str, Parameter | None]:
        """Return what the policy is made with, by name."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in ("use", "exit")}


class FixedPolicy(_Policy):
    """The rule of the exit, as without a policy."""

    use: Literal["fixed"] = Field(description="The rule of the exit.")
    threshold: Share | None = Field(None, description="In the place of that of the exit.")


class FollowLoadPolicy(_Policy):
    """The fewer go up the longer the queues are, the least confident first."""

    use: Literal["follow_load"] = Field(description="The threshold follows the load.")
    queue_target_ns: Duration = Field(
        100_000_000,
        alias="queue_target",
        description="The wait for the uplink up to which all go up of which the exit is not confident; from twice "
        "that on none do.",
    )
    jobs_target: int | None = Field(
        None, ge=1, description="The same of jobs that wait on the exit's node; of no account unless given."
    )

    @field_validator("queue_target_ns")
    @classmethod
    def _some_time(cls, target_ns: int) -> int:
        """Refuse a target that no queue can be measured by."""
        if not target_ns:
            raise QuantityError("a wait of no time is no target", "write e.g. '100 ms'")
        return target_ns


class MeetDeadlinePolicy(_Policy):
    """What the exit is not confident of goes up if its answer can still be in time."""

    use: Literal["meet_deadline"] = Field(description="Up only if the workload's deadline can still be met.")
    margin_ns: Duration = Field(
        0, alias="margin", description="How much earlier than the deadline the answer is to be expected."
    )


class MostUsefulPolicy(_Policy):
    """Of what the exit is not confident of a few views go up."""

    use: Literal["most_useful"] = Field(description="The views alone whose own summaries are most certain go up.")
    views: int = Field(ge=1, description="How many, at most.", examples=[2])


BUILT_IN: tuple[str, ...] = ("fixed", "follow_load", "meet_deadline", "most_useful")


def _read_name(value: object) -> str:
    """Return the name of a policy of a user's own."""
    if isinstance(value, str) and re.fullmatch(r".+:[A-Za-z_]\w*", value):
        return value
    guess = did_you_mean(value, BUILT_IN) if isinstance(value, str) else ""
    instead = guess if guess.startswith("did") else f"write {listed(BUILT_IN)}, or one's own as 'file.py:Name'"
    raise QuantityError(f"{given(value)} is no policy", instead)


def _with_parameters(schema: dict[str, Any]) -> None:
    """Let the JSON Schema know that a policy has parameters of its own."""
    schema["additionalProperties"] = {"type": ["string", "boolean", "number"]}


class OwnPolicy(_Policy):
    """A policy of the user's own; keys that are none of these are its parameters."""

    model_config = ConfigDict(**STRICT | {"extra": "allow", "json_schema_extra": _with_parameters})
    __pydantic_extra__: dict[str, Parameter]

    use: Annotated[
        str, PlainValidator(_read_name), WithJsonSchema({"type": "string", "pattern": r"^.+:[A-Za-z_]\w*$"})
    ] = Field(
        description="What makes it: file.py:Name, from the scenario's folder, or pkg.mod:Name.",
        examples=["policies.py:Cautious"],
    )

    @property
    def parameters(self) -> dict[str, Parameter | None]:
        """Return what the policy is made with, by name."""
        return dict(self.__pydantic_extra__)


def _kind(value: object) -> str:
    """Return which kind of policy *value*, raw or read, is."""
    use = value.get("use") if isinstance(value, Mapping) else getattr(value, "use", None)
    return use if isinstance(use, str) and use in BUILT_IN else "own"


_KINDS = {
    "fixed": "FixedPolicy", "follow_load": "FollowLoadPolicy", "meet_deadline": "MeetDeadlinePolicy",
    "most_useful": "MostUsefulPolicy", "own": "OwnPolicy",
}  # fmt: skip
AnyPolicy = Annotated[
    Annotated[FixedPolicy, Tag("fixed")]
    | Annotated[FollowLoadPolicy, Tag("follow_load")]
    | Annotated[MeetDeadlinePolicy, Tag("meet_deadline")]
    | Annotated[MostUsefulPolicy, Tag("most_useful")]
    | Annotated[OwnPolicy, Tag("own")],
    Discriminator(_kind),
    Field(json_schema_extra={"discriminator": {"mapping": {kind: f"#/$defs/{of}" for kind, of in _KINDS.items()}}}),
]


class _OneOrMore:
    """Lets the JSON Schema know that a list of one may be written without being one."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        several = handler(core)
        return {"anyOf": [several["items"], several]}


Policies = Annotated[
    tuple[AnyPolicy, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, Mapping) else value),
    Field(strict=False),
    _OneOrMore(),
]
"""One for each exit that has any."""
