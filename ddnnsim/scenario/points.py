"""The points of a sweep: each is a scenario of its own, checked like any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from pydantic import ValidationError

from ddnnsim.errors import Fault

from .axes import SWEEP, Setting, axes
from .defaults import with_defaults
from .document import Document, Keys, Place, Raw
from .loading import NOTHING, Check, Faults, Source, raise_any, read_source, resolve, unshared
from .making import Make, unmade
from .overrides import Change, changes_of, keys_of
from .schema import Scenario
from .sweep import Sweep
from .sweeps import sweep_findings

_ALONE = (SWEEP, "run.replications", "run.precision")
"""What a scenario has that asks for many runs, and a point has not."""


class Point(NamedTuple):
    """One setting of a scenario."""

    number: int
    """From 0."""
    label: str
    """Of its item in a list; empty where there is none."""
    values: Mapping[str, Raw]
    """By path that any point sets, as the file has them; where neither it nor a default says anything, None."""
    scenario: Scenario
    """Without a sweep and without replications."""


def load_points(
    source: Source,
    overrides: Mapping[str, object] = NOTHING,
    settings: Sequence[str] = (),
    checks: Sequence[Check] = (),
    make: Make = unmade,
) -> tuple[Scenario, tuple[Point, ...], dict[str, Raw]]:
    """Return the scenario in *source* as `load_scenario` does, and its points: one where it sweeps nothing.

    With them comes what *source* says with all changes, from which the same points can be loaded again: of a scenario
    that is resolved they cannot, for there is no longer the graph whose seed they may set.
    A ScenarioError lists all faults of all points, each with the number of the first point that has it.
    """
    document = read_source(source)
    changes, faults = changes_of(overrides, settings)
    whole = _copy(document)
    scenario = resolve(whole, changes, checks, faults, make)
    points: list[Point] = []
    if _is_sound(whole.data):
        faults |= _without_effect(whole.data, changes)
        points += _points(document, whole, changes, checks, faults, make)
    raise_any(faults)
    assert scenario is not None, "nothing is wrong with it"
    return scenario, tuple(points), whole.data


def _copy(document: Document) -> Document:
    return Document(unshared(document.data), dict(document.keys), dict(document.values))


def _is_sound(data: dict[str, Any]) -> bool:
    """Return whether what *data* say of a sweep can be trusted."""
    try:
        Sweep.model_validate({} if data.get(SWEEP) is None else data[SWEEP])
    except ValidationError:
        return False
    return not any(sweep_findings(with_defaults(data)))


def _without_effect(data: dict[str, Any], changes: Sequence[Change]) -> Faults:
    """Return the faults of those of *changes* that every point undoes."""
    undone = [
        set.intersection(*({setting.path for setting in choice.settings} for choice in axis)) for axis in axes(data)
    ]
    faults = {}
    for change in changes:
        for path in sorted(set().union(*undone)):
            if f"{change.path}.".startswith(f"{path}."):
                what = f"the sweep sets {path!r} of every point"
                instead = f"write e.g. 'sweep.grid.{path}=[...]', or 'sweep=null' for no sweep"
                faults[change.place] = [Fault(change.place.label, what, instead)]
    return faults


def _points(
    document: Document,
    whole: Document,
    changes: Sequence[Change],
    checks: Sequence[Check],
    faults: Faults,
    make: Make,
) -> Iterator[Point]:
    """Yield the sound points of *document*; *whole* is it with *changes*, and what is wrong is added to *faults*."""
    paths = {path: keys_of(whole.data, path, path) for path in _paths(whole.data)}
    said = {path: _at(whole.data, keys) for path, keys in paths.items()}
    alone = [Change(Place((0, 0), path), path, None) for path in _ALONE]
    told = {(place, fault) for place, of_place in faults.items() for fault in of_place}
    for number, choices in enumerate(product(*axes(whole.data))):
        settings = [setting for choice in choices for setting in choice.settings]
        here = [_change(whole, setting) for setting in settings]
        wrong: Faults = {}
        scenario = resolve(_copy(document), [*changes, *here, *alone], checks, wrong, make)
        if scenario is not None:
            values = said | {setting.path: setting.value for setting in settings}
            if unsaid := [path for path, value in values.items() if value is None]:
                by_default = scenario.model_dump(by_alias=True)
                values |= {path: _at(by_default, paths[path]) for path in unsaid}
            yield Point(number, "".join(choice.label for choice in choices), values, scenario)
        for place, fault in ((place, fault) for place, of_place in wrong.items() for fault in of_place):
            if (place, fault) not in told:
                told.add((place, fault))
                first = fault._replace(what=f"{fault.what} (in point {number})")
                faults.setdefault(place, []).append(first)


def _change(whole: Document, setting: Setting) -> Change:
    """Return *setting* as a change that was given where *whole* has it."""
    path = setting.keys[: setting.keys.index(setting.path) + 1]
    return Change(whole.value_place(setting.keys), setting.path, setting.value, whole.key_place(path))


def _paths(data: dict[str, Any]) -> list[str]:
    """Return the paths that points set, in the order of the axes."""
    settings = (setting for axis in axes(data) for choice in axis for setting in choice.settings)
    return list(dict.fromkeys(setting.path for setting in settings))


def _at(data: Raw, keys: Keys) -> Raw:
    """Return what *data* say at *keys*; None where they say nothing."""
    for key in keys:
        within = isinstance(data, list | tuple) and isinstance(key, int) and key < len(data)
        data = data[key] if within else data.get(key) if isinstance(data, Mapping) else None
    return [*data] if isinstance(data, tuple) else data
