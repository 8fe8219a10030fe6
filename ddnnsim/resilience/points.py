"""The points of an axis: what each changes of a scenario. Nothing runs here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import comb, nan
from typing import Any, NamedTuple

from ddnnsim.resilience.subsets import subsets
from ddnnsim.scenario import CONFIGURATIONS, Scenario
from ddnnsim.scenario.units import DURATION

NONE = "none"
"""What a point is called where nothing fails."""


class Point(NamedTuple):
    """One setting of a scenario on an axis."""

    x: float
    """Its place on the axis, in the unit of the axis; NaN where it has none."""
    label: str
    failed: tuple[str, ...]
    """Nodes that are down from the beginning to the end."""
    population: int
    """How many points there are at this place, were none left out."""
    overrides: Mapping[str, object]
    """What it changes of the scenario, by path."""


def device_points(nodes: Sequence[str], scenario: Scenario) -> list[Point]:
    """Return a point without a failure, and one for each of *nodes* that fails alone, from 1."""
    return [
        _without(scenario, (), 0, 1),
        *(_without(scenario, (node,), place, 1) for place, node in enumerate(nodes, start=1)),
    ]


def number_points(nodes: Sequence[str], sizes: Iterable[int], most: int, scenario: Scenario) -> list[Point]:
    """Return a point for each set of *nodes* of *sizes* that fails: all sets of a size, or *most* of them, drawn."""
    return [
        _without(scenario, failed, size, comb(len(nodes), size))
        for size in sizes
        for failed in subsets(nodes, size, most, scenario.run.seed)
    ]


def mtbf_points(means_ns: Iterable[int], scenario: Scenario, crashing: Sequence[str], mttr: str | None) -> list[Point]:
    """Return a point without random faults, and one for each mean time between failures.

    Where there are nodes *crashing*, each crashes by itself, and is down for a mean of *mttr*. Where there are none, it
    is the time between the spells of the scenario's random faults that is set, and their length, unless *mttr* is None.
    """
    faults = _faults(scenario)
    lasting = [fault for fault in faults if crashing or "mtbf" not in fault]
    points = [Point(nan, NONE, (), 1, {"faults": lasting})]
    for mean_ns in means_ns:
        mtbf = DURATION.text(mean_ns)
        if crashing:
            crash = {"crash": list(crashing), "mtbf": mtbf, "mttr": mttr, "each": True}
            changed = [*faults, crash]
        else:
            drawn = {"mtbf": mtbf} if mttr is None else {"mtbf": mtbf, "mttr": mttr}
            changed = [fault | drawn if "mtbf" in fault else fault for fault in faults]
        points.append(Point(mean_ns / 1e9, mtbf, (), 1, {"faults": changed}))
    return points


def deadline_points(deadlines_ns: Iterable[int], exits: Sequence[str], scenario: Scenario) -> list[Point]:
    """Return a point for each deadline, which all of *exits* have, counted from when each counted it before."""
    before = {name: scenario.model_dump(by_alias=True)["exits"][name].get("deadline") for name in exits}
    points = []
    for deadline_ns in deadlines_ns:
        label = DURATION.text(deadline_ns)
        changed = {
            f"exits.{name}.deadline": deadline | {"after": label} if isinstance(deadline, dict) else label
            for name, deadline in before.items()
        }
        points.append(Point(deadline_ns / 1e6, label, (), 1, changed))
    return points


def loss_points(losses: Iterable[float], links: Sequence[str], scenario: Scenario) -> list[Point]:
    """Return a point for each share that all of *links* lose beyond what they lose by themselves."""
    return [Point(loss, f"{100 * loss:.6g} %", (), 1, {"faults": _lossier(scenario, links, loss)}) for loss in losses]


def random_faults(scenario: Scenario) -> bool:
    """Return whether *scenario* has faults whose spells are drawn."""
    return any("mtbf" in fault for fault in _faults(scenario))


def gathering_exits(scenario: Scenario) -> list[str]:
    """Return the exits of *scenario* that wait for others: all but one on the only device."""
    alone = CONFIGURATIONS[scenario.configuration].devices == "one"
    return [name for name in scenario.exits if not (alone and name == "local")]


def _without(scenario: Scenario, failed: tuple[str, ...], x: float, population: int) -> Point:
    """Return the point at *x* at which the nodes *failed* never work."""
    crash = [{"crash": list(failed), "from": "0 ms"}] if failed else []
    return Point(x, " ".join(failed) or NONE, failed, population, {"faults": [*_faults(scenario), *crash]})


def _lossier(scenario: Scenario, links: Sequence[str], loss: float) -> list[dict[str, Any]]:
    worse = [{"degrade": list(links), "loss": loss}] if loss else []
    return [*_faults(scenario), *worse]


def _faults(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the faults of *scenario* as a file would have them."""
    return list(scenario.model_dump(by_alias=True, exclude_none=True).get("faults", ()))
