"""What the points of a sweep came to, as a table for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan
from typing import TYPE_CHECKING, Any

from ddnnsim.report.rounding import rounded
from ddnnsim.report.tables import NONE, add_names, add_numbers, new_table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType

ACCURACY = "accuracy_of_requests"
COLUMNS = {
    ACCURACY: ("accuracy %", 100.0),
    "availability": ("available %", 100.0),
    "latency.mean_s": ("mean ms", 1e3),
    "latency.p95_s": ("p95 ms", 1e3),
    "bytes.per_sample_per_device": ("bytes", 1.0),
}
"""By number, its heading and the unit that it is shown in."""
WHOLE = "availability"
"""The number that is shown only where it is not 1 at all points."""
RUNS, WARMED_UP = "created", "warmup.enough"
"""A number that every run has, and whether the end of its warm-up was found."""
MOST_ROWS = 40
MOST_SETTINGS = 3
"""More settings are in one column, or they would have no room."""


def sweep_report(
    name: str, points: pd.DataFrame, summary: pd.DataFrame, precision: Mapping[str, Any] | None
) -> Iterator[RenderableType]:
    """Yield the table of the *points* of the sweep *name*, what its *summary* says of each, and what to beware of.

    *precision* is how near they came to what was asked for, as the manifest has it.
    """
    runs = {row["point"]: row["n"] for row in summary[summary["number"] == RUNS].to_dict("records")}
    counts = {runs.get(point, 0) for point in points["point"]}
    table = new_table(name, _caption(summary, counts))
    add_numbers(table, "point")
    said = _said(points)
    together = len(said) > MOST_SETTINGS
    for heading in ["settings"] if together else said.values():
        add_names(table, heading)
    shown = {number: told for number, told in COLUMNS.items() if number != WHOLE or _falls_short(summary)}
    for heading in [*(["n"] if len(counts) > 1 else []), *(heading for heading, _ in shown.values())]:
        add_numbers(table, heading)
    told = {(row["point"], row["number"]): row for row in summary.to_dict("records")}
    for point in points.head(MOST_ROWS).to_dict("records"):
        number = point["point"]
        settings = {name: NONE if point[path] is None else str(point[path]) for path, name in said.items()}
        names = [", ".join(f"{key}={value}" for key, value in settings.items())] if together else settings.values()
        count = [f"{runs.get(number, 0):,}"] if len(counts) > 1 else []
        cells = (_cell(told.get((number, of)), factor) for of, (_, factor) in shown.items())
        table.add_row(str(number), *names, *count, *cells)
    yield table
    if len(points) > MOST_ROWS:
        yield f"... and {len(points) - MOST_ROWS:,} more points, in summary.csv"
    yield from _warnings(summary, precision)


def _caption(summary: pd.DataFrame, counts: set[int]) -> str:
    """Return what the numbers are, where points have so many runs."""
    several = max(counts, default=0) > 1
    runs = f"n = {max(counts)}; " if several and len(counts) == 1 else ""
    spread = "below a mean: half of its 95 % interval over replications; " if several else ""
    fixed = "; at ± 0 replications agree, which tells nothing of other samples" if _is_fixed(summary) else ""
    return f"{runs}{spread}accuracy counts no answer as a wrong one{fixed}"


def _warnings(summary: pd.DataFrame, precision: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield that runs are too short, and which points are not known as well as was asked for."""
    found = summary[(summary["number"] == WARMED_UP) & (summary["n"] > 0)]
    all_runs, short = found["n"].sum(), round((found["n"] * (1 - found["mean"])).sum())
    if short:
        yield f"In {short:,} of {all_runs:,} runs the warm-up was not found: they are too short"
    missed = [] if precision is None else [point for point in precision["points"] if not point["reached"]]
    if precision is not None and missed:
        wanted = f"{precision['of']} within {100 * precision['within']:g} %"
        yield f"{wanted} was not reached at {len(missed):,} of {len(precision['points']):,} points:"
        yield from (f"  point {point['point']}: {_how_far(point)}" for point in missed[:MOST_ROWS])
        if len(missed) > MOST_ROWS:
            yield f"  and {len(missed) - MOST_ROWS:,} more, in manifest.json"


def _how_far(point: Mapping[str, Any]) -> str:
    """Return how near *point* came, and why no nearer."""
    mean, half = point["mean"], point["half_width"]
    share = f"within {100 * half / abs(mean):.3g} %, " if half is not None and mean else ""
    return f"{share}n = {point['n']:,}; {point['why']}"


def _falls_short(summary: pd.DataFrame) -> bool:
    """Return whether requests are without an answer anywhere."""
    return bool((summary.loc[summary["number"] == WHOLE, "mean"] < 1).any())


def _is_fixed(summary: pd.DataFrame) -> bool:
    """Return whether accuracy comes out the same in all replications of a point: no interval of other samples."""
    repeated = summary[(summary["number"] == ACCURACY) & (summary["n"] > 1)]
    return bool((repeated["low"] == repeated["high"]).any())


def _said(points: pd.DataFrame) -> dict[str, str]:
    """Return the columns of *points* beside the number that tell them apart, and in short what they are called.

    No value that goes with the label is among them.
    """
    labels = points.groupby("label")
    labelled = len(labels) > 1
    values = [column for column in points.columns if column not in ("point", "label")]
    free = [column for column in values if not labelled or (labels[column].nunique(dropna=False) > 1).any()]
    paths = [*free, *(["label"] if labelled else [])]
    parts = 1
    while len({_end(path, parts) for path in paths}) < len(paths):
        parts += 1
    return {path: _end(path, parts) for path in paths}


def _end(path: str, parts: int) -> str:
    return ".".join(path.split(".")[-parts:])


def _cell(row: Mapping[Any, Any] | None, factor: float) -> str:
    """Return the mean and, below it, how far its interval goes to both sides."""
    if row is None or isnan(row["mean"]):
        return NONE
    told = rounded(factor * row["mean"], factor * (row["high"] - row["low"]) / 2)
    return told.mean if told.half is None else f"{told.mean}\n± {told.half}"
