"""Durations that may be drawn: a constant, or a distribution by the name of its family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import fsum
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from .document import Raw
from .units import DURATION, SHARE_SCHEMA, QuantityError, parse_share
from .wording import did_you_mean, given

_LEAST_SHAPE, _LARGEST_SHAPE = 0.1, 1000  # beyond, floats have no room for means and draws
Family = Literal["constant", "uniform", "exponential", "normal", "lognormal", "gamma", "weibull", "pareto", "mixture"]


class DrawnDuration(NamedTuple):
    """A duration, or how it is drawn; `ddnnsim.durations` makes a distribution of it."""

    family: Family
    parameters: tuple[int | float, ...]
    """In the order of `ddnnsim.distribution`: durations are integers, in ns; shapes and shares are floats."""


def parse_drawn(value: object) -> DrawnDuration:
    """Return a duration such as '5 ms', or a distribution such as {exponential: 5 ms}; else a QuantityError."""
    if not isinstance(value, Mapping):
        return DrawnDuration("constant", (DURATION.read(value),))
    if len(value) != 1:
        what = f"a distribution has one family, not {len(value)}"
        raise QuantityError(what, "write e.g. {exponential: 5 ms}")
    ((family, said),) = value.items()
    if family not in _READERS:
        raise QuantityError(f"unknown distribution {given(family)}", did_you_mean(family, _READERS))
    return DrawnDuration(family, _READERS[family](said, family))


def format_drawn(drawn: DrawnDuration) -> Raw:
    """Return *drawn* as a file has it: the exact inverse of `parse_drawn`."""
    family, p = drawn
    match family:
        case "constant":
            return DURATION.text(int(p[0]))
        case "exponential":
            return {family: DURATION.text(int(p[0]))}
        case "uniform" | "normal" | "lognormal" | "gamma":
            return {family: [DURATION.text(int(duration)) for duration in p]}
        case "weibull" | "pareto":
            return {family: {_FIRST[family]: DURATION.text(int(p[0])), "shape": p[1]}}
        case "mixture":
            pairs = zip(p[::2], p[1::2], strict=True)
            return {family: [[DURATION.text(int(duration)), share] for duration, share in pairs]}


def _positive(value: object, noun: str) -> int:
    """Return a duration above 0."""
    if duration_ns := DURATION.read(value):
        return duration_ns
    raise QuantityError(f"{given(value)} is no {noun}", f"write a longer time, e.g. '{DURATION.example}'")


def _mean(value: object, family: str) -> tuple[int, ...]:
    return (_positive(value, f"mean of {family} draws"),)


def _pair(value: object, family: str, meaning: str) -> tuple[object, object]:
    """Return the two things in a list."""
    if isinstance(value, list | tuple) and len(value) == 2:
        return value[0], value[1]
    raise QuantityError(f"{given(value)} is not the {meaning} of {family} draws", f"write e.g. {_EXAMPLES[family]}")


def _bounds(value: object, family: str) -> tuple[int, ...]:
    least, greatest = map(DURATION.read, _pair(value, family, "least and the greatest"))
    if least <= greatest:
        return least, greatest
    what = f"the least of {family} draws, {DURATION.text(least)}, is more than the greatest"
    raise QuantityError(what, f"write [{DURATION.text(greatest)}, {DURATION.text(least)}]")


def _moments(value: object, family: str) -> tuple[int, ...]:
    mean, deviation = _pair(value, family, "mean and the standard deviation")
    return _positive(mean, f"mean of {family} draws"), _positive(deviation, f"deviation of {family} draws")


def _shaped(value: object, family: str) -> tuple[int | float, ...]:
    first = _FIRST[family]
    if not isinstance(value, Mapping) or set(value) != {first, "shape"}:
        what = f"{given(value)} is not the {first} and the shape of {family} draws"
        raise QuantityError(what, f"write e.g. {_EXAMPLES[family]}")
    shape = value["shape"]
    number = isinstance(shape, int | float) and not isinstance(shape, bool)
    if not number or not _LEAST_SHAPE <= shape <= _LARGEST_SHAPE:
        instead = f"write a number from {_LEAST_SHAPE} to {_LARGEST_SHAPE}, e.g. 1.5"
        raise QuantityError(f"{given(shape)} is not the shape of {family} draws", instead)
    return _positive(value[first], f"{first} of {family} draws"), float(shape)


def _mixed(value: object, family: str) -> tuple[int | float, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise QuantityError(f"{given(value)} is not a mixture of durations", f"write e.g. {_EXAMPLES[family]}")
    pairs = [_pair(item, family, "duration and its share") for item in value]
    durations, shares = ([DURATION.read(d) for d, _ in pairs], [parse_share(s) for _, s in pairs])
    if abs(fsum(shares) - 1) > 1e-9:
        raise QuantityError(f"the shares of a mixture add up to {fsum(shares):g}", f"write e.g. {_EXAMPLES[family]}")
    return tuple(part for pair in zip(durations, shares, strict=True) for part in pair)


_FIRST = {"weibull": "scale", "pareto": "least"}
_EXAMPLES = {
    "exponential": "{exponential: 5 ms}",
    "uniform": "{uniform: [0 ms, 5 ms]}",
    "normal": "{normal: [5 ms, 1 ms]}",
    "lognormal": "{lognormal: [5 ms, 1 ms]}",
    "gamma": "{gamma: [5 ms, 1 ms]}",
    "weibull": "{weibull: {scale: 5 ms, shape: 1.5}}",
    "pareto": "{pareto: {least: 1 ms, shape: 2.5}}",
    "mixture": "{mixture: [[1 ms, 70 %], [9 ms, 30 %]]}",
}
_READERS: dict[str, Callable[[object, str], tuple[int | float, ...]]] = {
    "exponential": _mean, "uniform": _bounds, "normal": _moments, "lognormal": _moments, "gamma": _moments,
    "weibull": _shaped, "pareto": _shaped, "mixture": _mixed,
}  # fmt: skip


def _schema() -> dict[str, Any]:
    """Return the JSON Schema of what `parse_drawn` reads."""
    duration = {key: DURATION.schema[key] for key in ("type", "pattern")}
    two = {"type": "array", "items": duration, "minItems": 2, "maxItems": 2}
    shape = {"type": "number", "minimum": _LEAST_SHAPE, "maximum": _LARGEST_SHAPE}
    share = {"anyOf": SHARE_SCHEMA["anyOf"]}
    item = {"type": "array", "prefixItems": [duration, share], "items": False, "minItems": 2}
    said: dict[str, dict[str, Any]] = {"exponential": duration} | dict.fromkeys(
        ("uniform", "normal", "lognormal", "gamma"), two
    )
    for family, first in _FIRST.items():
        both = {first: duration, "shape": shape}
        said[family] = {"type": "object", "properties": both, "required": list(both), "additionalProperties": False}
    said["mixture"] = {"type": "array", "items": item, "minItems": 1}
    one = {"type": "object", "properties": said, "additionalProperties": False, "minProperties": 1, "maxProperties": 1}
    return {
        "anyOf": [duration, one],
        "description": "A duration, or a distribution of durations by its family.",
        "examples": ["5 ms", *_EXAMPLES.values()],
    }


DRAWN_SCHEMA = _schema()
Drawn = Annotated[
    DrawnDuration, PlainValidator(parse_drawn), PlainSerializer(format_drawn), WithJsonSchema(DRAWN_SCHEMA)
]
"""A duration, or how it is drawn."""


def _parse_mean(value: object) -> DrawnDuration:
    """Return the mean of exponential draws, or a distribution; never one that is always 0."""
    drawn = parse_drawn(value)
    durations = drawn.parameters[::2] if drawn.family == "mixture" else drawn.parameters
    if not any(durations):
        raise QuantityError("a time that is always 0", f"write a longer one, e.g. '{DURATION.example}'")
    return DrawnDuration("exponential", drawn.parameters) if drawn.family == "constant" else drawn


def _format_mean(drawn: DrawnDuration) -> Raw:
    """Return *drawn* as a file has it: the exact inverse of `_parse_mean`."""
    return DURATION.text(int(drawn.parameters[0])) if drawn.family == "exponential" else format_drawn(drawn)


_MEAN_SCHEMA = DRAWN_SCHEMA | {"description": "A mean of exponential draws, or a distribution of durations."}
Mean = Annotated[
    DrawnDuration, PlainValidator(_parse_mean), PlainSerializer(_format_mean), WithJsonSchema(_MEAN_SCHEMA)
]
"""A duration that is drawn; exponentially where only its mean is said."""
