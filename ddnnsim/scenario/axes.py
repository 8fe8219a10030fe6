"""The axes of a sweep: for each the settings of which a point has one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from .document import Keys, Raw
from .ranges import Range
from .sweep import LABEL

SWEEP = "sweep"


class Setting(NamedTuple):
    """One value for one path, and where a file has it."""

    path: str
    value: Raw
    keys: Keys


class Choice(NamedTuple):
    """What a point takes of one axis: settings that go together."""

    label: str
    settings: tuple[Setting, ...]


Axis = tuple[Choice, ...]


def axes(data: Mapping[str, Any]) -> list[Axis]:
    """Return the axes that the sweep of *data* has; a part of another shape, which is a fault by itself, has none."""
    sweep = data.get(SWEEP)
    if not isinstance(sweep, dict):
        return []
    zipped = [axis for _, axis in columns(sweep, "zip")]
    together = [
        Choice("", tuple(setting for choice in row for setting in choice.settings))
        for row in zip(*zipped, strict=False)
    ]
    found = [*(axis for _, axis in columns(sweep, "grid")), tuple(together), items(sweep)]
    return [axis for axis in found if axis]


def columns(sweep: Mapping[str, Any], part: str) -> Iterator[tuple[str, Axis]]:
    """Yield each path of the *part* grid or zip of *sweep*, with its values, that are sound."""
    by_path = sweep.get(part)
    for path, said in by_path.items() if isinstance(by_path, dict) else ():
        keys = (SWEEP, part, path)
        yield path, tuple(Choice("", (Setting(path, value, at),)) for value, at in _values(said, keys))


def _values(said: Raw, keys: Keys) -> Iterator[tuple[Raw, Keys]]:
    """Yield each value that is *said* at *keys*, and where; those of a range are at the range."""
    if isinstance(said, list):
        for index, value in enumerate(said):
            yield value, (*keys, index)
    elif isinstance(said, dict):
        try:
            span = Range.model_validate(said)
        except ValidationError:
            return
        for value in span.values():
            yield value, keys


def items(sweep: Mapping[str, Any]) -> Axis:
    """Return the settings of the list of *sweep*, those that are mappings."""
    said = sweep.get("list")
    return tuple(
        Choice(
            item[LABEL] if isinstance(item.get(LABEL), str) else "",
            tuple(Setting(path, value, (SWEEP, "list", index, path)) for path, value in item.items() if path != LABEL),
        )
        for index, item in enumerate(said if isinstance(said, list) else ())
        if isinstance(item, dict)
    )


def given_values(data: Mapping[str, Any]) -> Iterator[tuple[Raw, Raw, str]]:
    """Yield each value that the sweep of *data*, of whatever shape, writes out: its holder, its key, and its path."""
    sweep = data.get(SWEEP)
    if not isinstance(sweep, dict):
        return
    for by_path in (sweep.get("grid"), sweep.get("zip")):
        for path, values in by_path.items() if isinstance(by_path, dict) else ():
            yield from ((values, index, path) for index in range(len(values) if isinstance(values, list) else 0))
    listed = sweep.get("list")
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict):
            yield from ((item, path, path) for path in item if path != LABEL)
