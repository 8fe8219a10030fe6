"""What thresholds are chosen for, as text at the command line and as a value inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from ddnnsim.errors import UserError
from ddnnsim.scenario.units import DURATION, SIZE, QuantityError, parse_share
from ddnnsim.scenario.wording import did_you_mean

GoalKind = Literal["accuracy", "local-rate", "bytes", "latency", "loss"]


class Goal(NamedTuple):
    """What the thresholds are to reach.

    - `accuracy`: the best overall accuracy.
    - `local-rate`: the best accuracy with at least the share `limit` of samples leaving at the local exit.
    - `bytes`: the best accuracy within `limit` bytes per sample and device.
    - `latency`: the best accuracy within `limit` ns of mean latency.
    - `loss`: the most early exits at no more than `limit` (of one) below the best accuracy.
    """

    kind: GoalKind
    limit: float
    text: str
    """As it was asked for."""


def parse_goal(text: str) -> Goal:
    """Return the goal *text*: `accuracy`, `local-rate=0.6`, `bytes=80 B`, `latency=120 ms` or `loss=1 %`."""
    name, equals, limit = (part.strip() for part in text.partition("="))
    if name == "accuracy":
        if equals:
            raise UserError(f"goal {text!r}: accuracy has no limit; write 'accuracy', or e.g. 'loss=1 %'")
        return Goal("accuracy", 0.0, "accuracy")
    if name not in _LIMITS:
        raise UserError(f"goal {text!r}: unknown goal {name!r}; {did_you_mean(name, ('accuracy', *_LIMITS))}")
    kind, parse, example = _LIMITS[name]
    if not equals:
        raise UserError(f"goal {text!r}: {name} needs a limit; write e.g. '{name}={example}'")
    try:
        return Goal(kind, parse(limit), f"{name}={limit}")
    except QuantityError as error:
        raise UserError(f"goal {text!r}: {error}") from None


def _share(text: str) -> float:
    """Return the share *text*, a percentage or a bare number."""
    try:
        bare = float(text)
    except ValueError:
        return parse_share(text)
    return parse_share(bare)


_LIMITS: dict[str, tuple[GoalKind, Callable[[str], float], str]] = {
    "local-rate": ("local-rate", _share, "0.6"),
    "bytes": ("bytes", SIZE.read, "80 B"),
    "latency": ("latency", DURATION.read, "120 ms"),
    "loss": ("loss", _share, "1 %"),
}
"""By name, the goal, how its limit is read, and an example of one."""
