"""Who decides at an exit, in the place of its threshold alone: a policy with its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from .part import Part
from .units import Duration, Share

_HUNDRED_MS = 100_000_000


class _AtExit(Part):
    """What all policies have."""

    exit: str = Field(description="Whose decisions: an exit that is not the last; of groups each has its own.")


class FixedPolicy(_AtExit):
    """The rule of the exit, as without a policy."""

    use: Literal["fixed"] = Field(description="The rule of the exit.")
    threshold: Share | None = Field(None, description="In the place of that of the exit.")


class FollowLoadPolicy(_AtExit):
    """The fewer go up the longer the queues are, the least confident first."""

    use: Literal["follow_load"] = Field(description="The threshold follows the load.")
    queue_target_ns: Duration = Field(
        _HUNDRED_MS,
        ge=1,
        alias="queue_target",
        description="The wait for the uplink up to which all that are not confident go up; from twice that none do.",
    )
    jobs_target: int | None = Field(
        None, ge=1, description="The same of jobs that wait on the exit's node; of no account unless given."
    )


class MeetDeadlinePolicy(_AtExit):
    """What is not confident goes up if its answer can still be in time."""

    use: Literal["meet_deadline"] = Field(description="Escalate only if the workload's deadline can still be met.")
    margin_ns: Duration = Field(
        0, alias="margin", description="How much earlier than the deadline the answer is to be expected."
    )


class MostUsefulPolicy(_AtExit):
    """Of what is not confident a few views go up."""

    use: Literal["most_useful"] = Field(description="Send up only the views whose own summaries are most certain.")
    views: int = Field(ge=1, description="How many.")


class OwnPolicy(_AtExit):
    """A policy of the user's own."""

    use: str = Field(
        pattern=r"^.+:[A-Za-z_]\w*$",
        description="What makes the policy: file.py:name, from the scenario's folder, or pkg.mod:name.",
        examples=["policies.py:Cautious"],
    )
    arguments: Mapping[str, str | bool | int | float] = Field(default={}, description="Passed on to it by name.")


BUILT_IN = ("fixed", "follow_load", "meet_deadline", "most_useful")


def _kind_of_policy(value: object) -> str | None:
    """Return which kind of policy *value*, raw or read, is; None for a name that is none."""
    use = value.get("use") if isinstance(value, dict) else getattr(value, "use", None)
    if use in BUILT_IN:
        return str(use)
    return "own" if isinstance(use, str) and ":" in use else None


AnyPolicy = Annotated[
    Annotated[FixedPolicy, Tag("fixed")]
    | Annotated[FollowLoadPolicy, Tag("follow_load")]
    | Annotated[MeetDeadlinePolicy, Tag("meet_deadline")]
    | Annotated[MostUsefulPolicy, Tag("most_useful")]
    | Annotated[OwnPolicy, Tag("own")],
    Discriminator(_kind_of_policy),
]
POLICIES: dict[str, Any] = {
    "mapping": {
        "fixed": "#/$defs/FixedPolicy",
        "follow_load": "#/$defs/FollowLoadPolicy",
        "meet_deadline": "#/$defs/MeetDeadlinePolicy",
        "most_useful": "#/$defs/MostUsefulPolicy",
        "own": "#/$defs/OwnPolicy",
    }
}
