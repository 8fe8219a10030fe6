"""What came out of the points of an axis: a row for each, and a curve through them."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.resilience.points import Point
from ddnnsim.statistics import mean_interval

if TYPE_CHECKING:
    import pandas as pd

    from ddnnsim.metrics import Summary
    from ddnnsim.results import Result

QUANTITIES = (
    "accuracy_of_requests", "accuracy", "availability", "latency_mean_ms", "latency_p95_ms",
    "bytes_per_sample_per_device",
)  # fmt: skip
"""What a curve is of."""


class Outcome(NamedTuple):
    """What one point came to: a row of the table."""

    axis: str
    x: float
    label: str
    failed: str
    population: int
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


def outcome(axis: str, point: Point, result: Result) -> Outcome:
    """Return what *point* of *axis* came to in *result*."""
    summary = result.summary
    return Outcome(
        axis=axis,
        x=point.x,
        label=point.label,
        failed=" ".join(point.failed),
        population=point.population,
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
    """Return for each place of *points* and quantity the `mean` over its points, and how they spread, `low` to `high`.

    `spread` is `range`, from the least to the greatest, where all points of a place are there, and else `interval`:
    that of Student for the mean of all, with a confidence of 95 %, where so many are drawn of a finite number. NaN,
    where there is no such number: points without it are left out of the mean.
    """
    import pandas as pd

    rows: list[dict[str, object]] = []
    for (axis, x, label), group in points.groupby(["axis", "x", _place(points)], sort=False, dropna=False):
        population = int(group["population"].iloc[0])
        place = {"axis": axis, "x": x, "label": label, "points": len(group), "population": population}
        for quantity in QUANTITIES:
            values = group[quantity].dropna().tolist()
            rows.append(place | {"quantity": quantity} | _spread(values, population, len(group)))
    return pd.DataFrame(rows)


def _place(points: pd.DataFrame) -> pd.Series[str]:
    """Return what each of *points* is called together with those of its place: how many failed, else its label."""
    return points["label"].where(points["axis"] != "number", points["x"].map("{:g}".format)).rename("label")


def _spread(values: list[float], population: int, points: int) -> dict[str, object]:
    if not values:
        return {"mean": nan, "low": nan, "high": nan, "spread": ""}
    if points == population:
        return {"mean": mean_interval(values).mean, "low": min(values), "high": max(values), "spread": "range"}
    told = mean_interval(values, population=population)  # none is drawn twice
    if told.low is None or told.high is None:
        return {"mean": told.mean, "low": nan, "high": nan, "spread": ""}
    return {"mean": told.mean, "low": told.low, "high": told.high, "spread": "interval"}


def _latency_ms(summary: Summary) -> dict[str, float | None]:
    told = {"latency_mean_ms": summary.latency.mean_s, "latency_p95_ms": summary.latency.p95_s}
    return {name: None if seconds is None else seconds * 1e3 for name, seconds in told.items()}
