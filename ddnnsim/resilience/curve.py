"""What came out of the points of an axis: a row for each, and a curve through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.resilience.points import Point
from ddnnsim.statistics import Estimate, TooShortError, mean_interval, quantile_interval_of_runs

if TYPE_CHECKING:
    import pandas as pd

    from ddnnsim.metrics import Summary
    from ddnnsim.results import Result

QUANTITIES = (
    "accuracy_of_requests", "accuracy", "availability", "latency_mean_ms", "latency_p95_ms",
    "bytes_per_sample_per_device",
)  # fmt: skip
"""What a curve is of."""
QUANTILES = {"latency_p95_ms": 0.95}
"""Those that say nothing where a run has too few answers."""


class Outcome(NamedTuple):
    """What one point came to in one replication: a row of the table."""

    axis: str
    x: float
    label: str
    failed: str
    population: int
    replication: int
    seed: int
    created: int
    degraded: int
    accuracy_of_requests: float | None
    """Of all: none without an answer is right."""
    accuracy: float | None
    """Of the answers."""
    availability: float | None
    """The share of requests that are answered, degraded or not."""
    latency_mean_ms: float | None
    latency_p95_ms: float | None
    bytes_per_sample_per_device: float | None
    run: str
    """The folder of its result."""


def outcome(axis: str, point: Point, replication: int, result: Result) -> Outcome:
    """Return what *point* of *axis* came to in *result*, that of a *replication*."""
    summary = result.summary
    return Outcome(
        axis=axis,
        x=point.x,
        label=point.label,
        failed=" ".join(point.failed),
        population=point.population,
        replication=replication,
        seed=result.scenario.run.seed,
        created=summary.created,
        degraded=summary.fates["degraded"],
        accuracy_of_requests=summary.accuracy_of_requests,
        accuracy=summary.accuracy,
        availability=summary.availability,
        bytes_per_sample_per_device=summary.bytes.per_sample_per_device,
        run=result.path.name,
        **_latency_ms(summary),
    )


def table(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Return a row for each of *outcomes*; NaN where there is no number."""
    import pandas as pd

    return pd.DataFrame(outcomes, columns=Outcome._fields).astype({"x": float, **dict.fromkeys(QUANTITIES, float)})


def curve(points: pd.DataFrame) -> pd.DataFrame:
    """Return for each place of *points* and quantity the `mean` of `n` values, and how they spread, `low` to `high`.

    Where there are several points at a place, the values are theirs, means over replications: `spread` is `range`, from
    the least to the greatest, where all of them are there, and else `interval`: that of Student for the mean of all,
    with a confidence of 95 %, where so many are drawn of a finite number. Where there is one point, the values are
    those of its replications, and `interval` is that of Student for their mean. It is empty, and the ends are NaN,
    where there is one value, and where a run is too short for its quantile. What has no such number is left out of the
    mean, which is NaN where nothing has it.
    """
    import pandas as pd

    rows: list[dict[str, object]] = []
    for (axis, x, label), group in points.groupby(["axis", "x", _place(points)], sort=False, dropna=False):
        population, count = int(group["population"].iloc[0]), group["label"].nunique()
        place = {"axis": axis, "x": x, "label": label, "points": count, "population": population}
        for quantity in QUANTITIES:
            having = group[group[quantity].notna()]
            spread = _of_replications(having, quantity) if population == 1 else _of_points(having, quantity, group)
            rows.append(place | {"quantity": quantity} | spread)
    return pd.DataFrame(rows)


def _place(points: pd.DataFrame) -> pd.Series[str]:
    """Return what each of *points* is called together with those of its place: how many failed, else its label."""
    return points["label"].where(points["axis"] != "number", points["x"].map("{:g}".format)).rename("label")


def _of_replications(having: pd.DataFrame, quantity: str) -> dict[str, object]:
    """Return how *quantity* spreads over replications of one point, *having* it."""
    values = having[quantity].tolist()
    if not values:
        return _NOTHING
    told = mean_interval(values)
    if quantity in QUANTILES:
        q, answers = QUANTILES[quantity], (having["availability"] * having["created"]).round().astype(int)
        try:
            told = quantile_interval_of_runs(values, answers.tolist(), q)
        except TooShortError:
            told = replace(told, low=None, high=None)
    return _interval(told)


def _of_points(having: pd.DataFrame, quantity: str, group: pd.DataFrame) -> dict[str, object]:
    """Return how *quantity* spreads over the points of a place, *having* it; all of the place are in *group*."""
    values = having.groupby("label", sort=False)[quantity].mean().tolist()
    population, n = int(group["population"].iloc[0]), len(values)
    if not values:
        return _NOTHING
    if group["label"].nunique() == population:
        mean = mean_interval(values).mean
        return {"n": n, "mean": mean, "low": min(values), "high": max(values), "spread": "range"}
    return _interval(mean_interval(values, population=population))  # none is drawn twice


_NOTHING: dict[str, object] = {"n": 0, "mean": nan, "low": nan, "high": nan, "spread": ""}


def _interval(told: Estimate) -> dict[str, object]:
    if told.low is None or told.high is None:
        return {"n": told.n, "mean": told.mean, "low": nan, "high": nan, "spread": ""}
    return {"n": told.n, "mean": told.mean, "low": told.low, "high": told.high, "spread": "interval"}


def _latency_ms(summary: Summary) -> dict[str, float | None]:
    told = {"latency_mean_ms": summary.latency.mean_s, "latency_p95_ms": summary.latency.p95_s}
    return {name: None if seconds is None else seconds * 1e3 for name, seconds in told.items()}
