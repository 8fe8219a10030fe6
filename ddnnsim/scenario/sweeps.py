"""What the settings of a sweep must be, one with the other and with the rest of a file."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import suppress
from math import prod
from typing import Any

from ddnnsim.errors import ScenarioError

from .amounts import comparable
from .axes import SWEEP, Axis, Choice, axes, columns, items
from .defaults import section
from .document import Keys
from .finding import Finding
from .overrides import keys_of
from .sweep import LABEL, Precision
from .units import QuantityError, parse_share
from .wording import given

MOST_POINTS = 10_000
_KEPT = {
    "name": "all points have one name",
    "sweep": "a sweep has no sweeps in it",
    "run": "of 'run' name one key, e.g. 'run.seed'",
    "run.replications": "all points have as many",
    "run.precision": "all points have the same",
}
"""Paths that no point may set, nor anything below them but below `run`, and why."""


def sweep_findings(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with the sweep of *data*, and with how often its points are run."""
    yield from _how_often(section(data, "run"))
    sweep = data.get(SWEEP)
    if not isinstance(sweep, dict):
        return
    if all(part is None for part in sweep.values()):
        yield Finding((SWEEP,), "nothing is swept", "write e.g. 'grid: {run.seed: [1, 2, 3]}', or leave it out")
    yield from _paths(data, sweep)
    yield from _rows(sweep)
    yield from _labels(sweep)
    found = axes(data)
    for axis in found:
        yield from _alike(axis)
    count = prod(map(len, found))
    if count > MOST_POINTS:
        yield Finding((SWEEP,), f"{count:,} points", f"write at most {MOST_POINTS:,}", at_key=True)


def _how_often(run: dict[str, Any]) -> Iterator[Finding]:
    """Yield what contradicts itself in what *run* says of replications."""
    if run.get("precision") is not None and run.get("replications") is not None:
        what = "'precision' and 'replications' both say how often a point is run"
        yield Finding(("run", "precision"), what, "keep one", at_key=True)
    said = section(run, "precision")
    least, most = (said.get(key, Precision.model_fields[key].default) for key in ("least", "most"))
    if isinstance(least, int) and isinstance(most, int) and least > most:
        key = "least" if "least" in said else "most"
        yield Finding(("run", "precision", key), f"at least {least} and at most {most}", "write no more for 'least'")
    with suppress(QuantityError):
        if "within" in said and parse_share(said["within"]) == 0:
            what = f"{given(said['within'])} of the mean is never reached"
            yield Finding(("run", "precision", "within"), what, "write e.g. '5 %'")


def _paths(data: dict[str, Any], sweep: dict[str, Any]) -> Iterator[Finding]:
    """Yield paths that lead nowhere or that no point may set, and those that are, or are in, another one."""
    known: list[tuple[str, Keys]] = []
    for place in _places(sweep):
        path = str(place[-1])
        if why := _why_kept(path):
            yield Finding(place, f"a point cannot set {path!r}", why, at_key=True)
            continue
        try:
            keys = keys_of(data, path, path)
        except ScenarioError as error:
            yield from (Finding(place, fault.what, fault.instead, at_key=True) for fault in error.faults)
            continue
        for other, taken in known:
            length = min(len(keys), len(taken))
            if keys[:length] == taken[:length]:
                what = f"{other!r} is swept, too" if keys != taken else f"{other!r} is swept already"
                yield Finding(place, what, "a value has one path: keep one of them", at_key=True)
                break
        known.append((path, keys))


def _why_kept(path: str) -> str | None:
    """Return why no point may set *path*, if none may."""
    if not all(part.strip() for part in path.split(".")):
        return "write e.g. 'exits.local.threshold'"
    holders = [word for word in _KEPT if path == word or (path.startswith(f"{word}.") and word != "run")]
    return _KEPT[holders[0]] if holders else None


def _places(sweep: dict[str, Any]) -> list[Keys]:
    """Return where *sweep* has paths, each of the list once."""
    parts = [(SWEEP, part, path) for part in ("grid", "zip") for path in section(sweep, part)]
    listed = {setting.path: setting.keys for item in reversed(items(sweep)) for setting in reversed(item.settings)}
    return [*parts, *reversed(listed.values())]


def _rows(sweep: dict[str, Any]) -> Iterator[Finding]:
    """Yield values of a zip that are not as many as those of its first path."""
    sizes = [(path, len(axis)) for path, axis in columns(sweep, "zip") if axis]
    for path, size in sizes[1:]:
        if size != sizes[0][1]:
            what = f"{_counted(size)}, and {sizes[0][0]!r} has {sizes[0][1]}"
            yield Finding((SWEEP, "zip", path), what, "the i-th values go together: write as many")


def _labels(sweep: dict[str, Any]) -> Iterator[Finding]:
    """Yield labels that are no text, and those that an item before has."""
    said = sweep.get("list")
    taken: set[str] = set()
    for index, item in enumerate(said if isinstance(said, list) else ()):
        label = section(item).get(LABEL, "")
        if not isinstance(label, str):
            yield Finding(
                (SWEEP, "list", index, LABEL), f"{given(label)} is not text", "write a word, or put it in quotes"
            )
        elif label and label in taken:
            yield Finding((SWEEP, "list", index, LABEL), f"{label!r} is the label of another item", "write another one")
        else:
            taken.add(label)


def _alike(axis: Axis) -> Iterator[Finding]:
    """Yield choices of *axis* that come to the same as one before."""
    taken: dict[Hashable, Choice] = {}
    for choice in axis:
        told = frozenset((setting.path, comparable(setting.value)) for setting in choice.settings)
        if told in taken:
            yield _same(choice, taken[told])
        taken.setdefault(told, choice)


def _same(choice: Choice, before: Choice) -> Finding:
    """Return the finding that *choice* comes to the same as one *before*."""
    if not choice.settings:
        return Finding((SWEEP, "list"), "two items set nothing", "keep one")
    one, other = choice.settings[0], before.settings[0]
    if one.keys[1] == "list":
        return Finding(one.keys[:3], "it comes to the same as an item before", "keep one")
    if one.keys == other.keys:
        return Finding(one.keys, f"two values come to {given(one.value)}", "write fewer steps, or a wider range")
    what = f"{given(one.value)} comes to the same as {given(other.value)} before"
    return Finding(one.keys, what, "keep one")


def _counted(size: int) -> str:
    return "1 value" if size == 1 else f"{size} values"
