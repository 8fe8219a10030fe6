"""Changes to a scenario from the command line or from Python: the same schema, the same units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ddnnsim.errors import Fault, ScenarioError

from .configuration import configuration_of
from .defaults import cameras, section
from .document import Document, Keys, Place, Raw, dotted, parse_document, plain_data
from .wording import did_you_mean, given

_NAMED = {
    ("topology", "nodes"): "node",
    ("topology", "links"): "link",
    ("exits",): "exit",
    ("model", "levels"): "level",
    ("placement", "groups"): "group",
}
"""Maps whose keys are names that the file gives: a name that it does not give is a slip."""
_RIVALS = {
    ("workload", "every"): "rate", ("workload", "rate"): "every",
    ("run", "replications"): "precision", ("run", "precision"): "replications",
    ("topology", "links", "*", "trace"): "rate", ("topology", "links", "*", "rate"): "trace",
}  # fmt: skip
"""Two words for one thing: to set one is to drop the other. A star is any name."""
_OF_PATHS: dict[tuple[str, ...], int] = {("sweep", "grid"): 2, ("sweep", "zip"): 2, ("sweep", "list"): 3}
"""How deep the keys are paths."""
AFTER_FILE = 2**31
"""The first part of the order of an override's place: its faults come after all of the file's."""


class Change(NamedTuple):
    """A value for a path, and where it was given."""

    place: Place
    path: str
    value: object
    path_place: Place | None = None
    """Where the path was given, if not with its value."""


def parse_override(text: str) -> tuple[str, Any]:
    """Return the path and the value of *text*, such as 'topology.links.wan.rate=10 Mbit/s'.

    The value is YAML like in a file. A ScenarioError for text that is no override.
    """
    path, equals, written = text.partition("=")
    label = setting_label(text)
    if not equals or not all(part.strip() for part in path.split(".")):
        example = "write e.g. 'exits.local.threshold=0.5'"
        raise ScenarioError([Fault(label, "is not of the form a.b=value", example)])
    try:
        document = parse_document(written if written.strip() else "~", label)
    except ScenarioError as error:
        raise ScenarioError([Fault(label, f.what, f.instead) for f in error.faults]) from None
    return path.strip(), document.data


def setting_label(text: str) -> str:
    """Return how faults call the command-line override *text*."""
    return f"--set {text.encode(errors='replace').decode()}"  # a shell may pass bytes that are no text


def _override(document: Document, change: Change) -> None:
    """Make *change* in *document*. A ScenarioError for a path that leads nowhere."""
    place = change.place
    keys = keys_of(document.data, change.path, place.label)
    plain = _plain(change.value, keys, place.label)
    at = document.data
    for depth, key in enumerate(keys[:-1], start=1):
        if isinstance(at, dict) and at.get(key) is None:
            at[key] = {}
            document.keys[keys[:depth]] = document.values[keys[:depth]] = place
        at = at[key]
    at[keys[-1]] = plain
    for places in (document.keys, document.values):
        for old in [old for old in places if old[: len(keys)] == keys]:
            del places[old]
    document.keys[keys], document.values[keys] = change.path_place or place, place


def changes_of(
    overrides: Mapping[str, object], settings: Sequence[str]
) -> tuple[list[Change], dict[Place, list[Fault]]]:
    """Return all overrides, by path and as text, in this order, and the faults of those that are none."""
    faults: dict[Place, list[Fault]] = {}
    changes = [
        Change(Place((AFTER_FILE, rank), path), path, value) for rank, (path, value) in enumerate(overrides.items())
    ]
    for rank, text in enumerate(settings, start=len(overrides)):
        place = Place((AFTER_FILE, rank), setting_label(text))
        try:
            changes.append(Change(place, *parse_override(text)))
        except ScenarioError as error:
            faults[place] = list(error.faults)
    return changes, faults


def change_all(document: Document, changes: Sequence[Change], faults: dict[Place, list[Fault]]) -> None:
    """Make *changes* in *document*; add those that lead nowhere to *faults*."""
    paths = [change.path for change in changes]
    _drop_rivals(document, paths)
    _free_count(document, paths)
    for change in changes:
        try:
            _override(document, change)
        except ScenarioError as error:
            faults.setdefault(change.place, []).extend(error.faults)


def _drop_rivals(document: Document, paths: list[str]) -> None:
    """Remove from *document* what one of *paths* says in another word (`every` and `rate`)."""
    for path in paths:
        *holder, key = path.split(".")
        pattern = ("topology", "links", "*", key) if holder[:2] == ["topology", "links"] else (*holder, key)
        if pattern in _RIVALS and len(pattern) == len(holder) + 1:
            section(document.data, *holder).pop(_RIVALS[pattern], None)


def _free_count(document: Document, paths: list[str]) -> None:
    """Let the only device entry follow the cameras, if one of *paths* sets those and none sets its count.

    A resolved scenario tells the count too: one equal to the cameras of before is dropped, for loading to fill in.
    """
    nodes = section(document.data, "topology", "nodes")
    devices = [name for name, node in nodes.items() if section(node).get("tier") == "device"]
    configuration = configuration_of(document.data)
    cameras_set = any(path in ("data", "data.views") or path.startswith("data.cameras") for path in paths)
    if not cameras_set or len(devices) != 1 or configuration is None or configuration.devices == "one":
        return
    parts = ("topology", "nodes", devices[0], "count")
    told = any(dotted(parts[:depth]) in paths for depth in range(1, len(parts) + 1))
    used = cameras(document.data)
    if not told and used is not None and nodes[devices[0]].get("count") == len(used):
        nodes[devices[0]].pop("count", None)


def _plain(value: object, keys: Keys, label: str) -> Raw:
    """Return *value* as plain data; a ScenarioError for what cannot stand in a scenario."""
    try:
        return plain_data(value, keys)
    except ScenarioError as error:
        raise ScenarioError([Fault(label, f.what, f.instead) for f in error.faults]) from None


def _may_be_made(data: Raw, keys: list[str | int]) -> bool:
    """Return whether names at *keys* of *data* may be those that a graph makes."""
    return keys[:1] == ["topology"] and "graph" in section(data, "topology")


def keys_of(data: Raw, path: str, label: str) -> Keys:
    """Return *path* as keys of *data* that exist or may be created.

    A ScenarioError, at *label*, where it leads nowhere.
    """
    at = data
    keys: list[str | int] = []
    parts = _parts(path)
    for depth, part in enumerate(parts):
        last = depth == len(parts) - 1
        if isinstance(at, list):
            if not part.isdecimal() or int(part) >= len(at):
                what = f"{dotted(keys)!r} is a list of {len(at)}, and has no item {part!r}"
                raise ScenarioError([Fault(label, what, "items count from 0")])
            keys.append(int(part))
            at = at[int(part)]
            continue
        if not isinstance(at, dict) and at is not None:
            what = f"{dotted(keys)!r} is {given(at)} and has no {part!r} in it"
            raise ScenarioError([Fault(label, what)])
        noun = None if _may_be_made(data, keys) else _NAMED.get(tuple(map(str, keys)))
        if noun and not last and part not in (at or {}):
            raise ScenarioError([Fault(label, f"unknown {noun} {part!r}", did_you_mean(part, list(at or {})))])
        keys.append(part)
        at = (at or {}).get(part)
    return tuple(keys)


def _parts(path: str) -> list[str]:
    """Return the keys of *path*; one that is a path itself, as a sweep has them, is not cut."""
    parts = path.split(".")
    depth = _OF_PATHS.get(tuple(parts[:2]), len(parts))
    return parts[:depth] + ([".".join(parts[depth:])] if len(parts) > depth else [])
