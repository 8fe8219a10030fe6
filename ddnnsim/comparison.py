"""Two results side by side: what their scenarios differ in, and what came out of them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.curves import Runs, by_point, open_runs
from ddnnsim.errors import UserError
from ddnnsim.experiment import load
from ddnnsim.scenario.settings import settings_of
from ddnnsim.statistics import Estimate, Paired, paired, unpaired

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
    points = {place: (places[0][place], places[1][place]) for place in both}
    by_name = [_numbers(name, runs, points) for name in names]
    numbers = tuple(number for of_place in zip(*by_name, strict=True) for number in of_place)
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


def _numbers(path: str, runs: Sequence[Runs], both: Mapping[Place, tuple[int, int]]) -> Iterator[Number]:
    """Yield the number at *path* of the two *runs* at each place that is in *both*, where it is such points of them."""
    of_first, of_second = (by_point(of_runs, path) for of_runs in runs)
    for place, points in both.items():
        first, second = of_first[points[0]], of_second[points[1]]
        values = [of_runs.replications(path, point) for of_runs, point in zip(runs, points, strict=True)]
        yield Number(place, path, first, second, *_differences(first, second, *values))


def _differences(
    first: Estimate | None, second: Estimate | None, of_first: pd.Series[float], of_second: pd.Series[float]
) -> tuple[Paired | None, Estimate | None]:
    """Return how much more the second is, from values by seed: of pairs, and, where they are too few, of all values.

    There is no interval where one of the two has none.
    """
    if first is None or second is None:
        return None, None
    common = [seed for seed in of_first.index if seed in of_second.index]
    pairs = paired(of_first[common].tolist(), of_second[common].tolist()) if common else None
    apart = unpaired(of_first.tolist(), of_second.tolist()) if len(common) < LEAST_PAIRS else None
    if first.half_width is None or second.half_width is None:
        pairs = pairs and Paired(replace(pairs.difference, low=None, high=None), pairs.correlation, None)
        apart = apart and replace(apart, low=None, high=None)
    return pairs, apart


def _settings(
    first: Path, second: Path, of_first: Mapping[str, str], of_second: Mapping[str, str]
) -> Iterator[Setting]:
    """Yield the settings in which two results differ, in the order of the first one's scenario."""
    one, other = (
        settings_of(load(path / "scenario.yaml")) | dict(chosen)
        for path, chosen in ((first, of_first), (second, of_second))
    )
    for path in dict.fromkeys([*one, *other]):
        if one.get(path) != other.get(path):
            yield Setting(path, one.get(path), other.get(path))
