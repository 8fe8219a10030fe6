"""Two results side by side: what their scenarios differ in, and what came out of them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.curves import Runs, open_runs
from ddnnsim.errors import UserError
from ddnnsim.scenario import load_scenario
from ddnnsim.scenario.settings import settings_of
from ddnnsim.statistics import Estimate, Paired, mean_interval, paired, unpaired

if TYPE_CHECKING:
    import pandas as pd

LEAST_PAIRS = 2
"""With fewer runs of the same seed, a difference is one of independent replications."""
Place = tuple[tuple[str, str], ...]
"""Settings of a point, by path and as a file has them."""


class Setting(NamedTuple):
    """A setting in which scenarios differ."""

    path: str
    first: str | None
    """As a file would have it; None: there is no such."""
    second: str | None


class Number(NamedTuple):
    """A number of one point in both results."""

    place: Place
    """Settings of the point in which points differ; none where there is one point."""
    path: str
    first: Estimate | None
    """None: no run has it."""
    second: Estimate | None
    difference: Paired | None
    """Of replications with the same seed, the second less the first; None: there are none."""
    unpaired: Estimate | None
    """Of all replications, the second less the first; None: there are two pairs or more, or one has no replication."""

    @property
    def change(self) -> Estimate | None:
        """Return how much more the second is; None where one has no such number."""
        return self.unpaired or (None if self.difference is None else self.difference.difference)

    @property
    def pairs(self) -> int | None:
        """Return of how many pairs the change is; None where it is of independent replications, or there is none."""
        return None if self.unpaired or self.difference is None else self.difference.difference.n

    @property
    def differs(self) -> bool:
        """Return whether it is not the same in both."""
        return self.first != self.second


@dataclass(frozen=True)
class Comparison:
    """What two results differ in."""

    settings: tuple[Setting, ...]
    numbers: tuple[Number, ...]
    alone: tuple[tuple[Place, ...], tuple[Place, ...]]
    """Points that only the first has, and those that only the second has."""


def compare(
    first: Path,
    second: Path,
    of: Sequence[str] = (),
    only_first: Mapping[str, str] | None = None,
    only_second: Mapping[str, str] | None = None,
) -> Comparison:
    """Return what the results in the folders *first* and *second*, runs or sweeps, differ in.

    *of* names numbers by path; none: all that both have. *only_first* and *only_second* choose points by settings; so
    two points of one sweep are compared. Points are those of each other that agree in all other settings. Raises
    ResultError where there is no result, and UserError for an unknown name and where no point is in both.
    """
    chosen = only_first or {}, only_second or {}
    whole = [open_runs([path]) for path in (first, second)]
    runs = [of_runs.among(of_path) for of_runs, of_path in zip(whole, chosen, strict=True)]
    places = [
        _places(of_runs, before.told_by_label | set(of_path))
        for of_runs, before, of_path in zip(runs, whole, chosen, strict=True)
    ]
    both = [place for place in places[0] if place in places[1]]
    if not both:
        told = (f"{of_runs.name} has {_said(places_of)}" for of_runs, places_of in zip(runs, places, strict=True))
        raise UserError(f"no point is in both: {'; '.join(told)}; choose with --first and --second")
    names = of or [name for name in runs[0].numbers if name in runs[1].numbers]
    numbers = tuple(
        _number(place, name, *(of_runs.replications(name, at[place]) for of_runs, at in zip(runs, places, strict=True)))
        for place in both
        for name in names
    )
    alone = (
        tuple(place for place in places[0] if place not in both),
        tuple(place for place in places[1] if place not in both),
    )
    return Comparison(tuple(_settings(first, second, *chosen)), numbers, alone)


def _places(runs: Runs, beside: Container[str]) -> dict[Place, int]:
    """Return the points of *runs* by their settings *beside* these paths."""
    points = sorted(set(runs.jobs["point"].astype(int)))
    paths = sorted(path for path in runs.texts if path not in beside)
    return {tuple((path, runs.texts[path][point]) for path in paths): point for point in points}


def _said(places: Mapping[Place, int]) -> str:
    """Return the first of *places* in words, and how many more there are."""
    first = ", ".join(f"{path}={text}" for path, text in next(iter(places))) or "one point"
    return first if len(places) == 1 else f"{first} and {len(places) - 1} more"


def _number(place: Place, path: str, first: pd.Series[float], second: pd.Series[float]) -> Number:
    """Return the number at *path* of both, from values by seed."""
    common = [seed for seed in first.index if seed in second.index]
    difference = paired(first[common].tolist(), second[common].tolist()) if common else None
    one, other = (mean_interval(values.tolist()) if len(values) else None for values in (first, second))
    apart = len(common) < LEAST_PAIRS and min(len(first), len(second)) > 0
    return Number(place, path, one, other, difference, unpaired(first.tolist(), second.tolist()) if apart else None)


def _settings(
    first: Path, second: Path, of_first: Mapping[str, str], of_second: Mapping[str, str]
) -> Iterator[Setting]:
    """Yield the settings in which two results differ, in the order of the first one's scenario."""
    one, other = (
        settings_of(load_scenario(path / "scenario.yaml")) | dict(chosen)
        for path, chosen in ((first, of_first), (second, of_second))
    )
    for path in dict.fromkeys([*one, *other]):
        if one.get(path) != other.get(path):
            yield Setting(path, one.get(path), other.get(path))
