"""What the points of a sweep came to, as a table for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan
from typing import TYPE_CHECKING, Any

from ddnnsim.report.tables import NONE, new_table

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
MOST_ROWS = 40


def sweep_report(name: str, points: pd.DataFrame, summary: pd.DataFrame) -> Iterator[RenderableType]:
    """Yield the table of the *points* of the sweep *name*, and what its *summary* says of each."""
    spread = "below a mean: half of its 95 % interval over replications; " if (summary["n"] > 1).any() else ""
    fixed = "; at ± 0.0 replications agree, which tells nothing of other samples" if _is_fixed(summary) else ""
    table = new_table(name, f"{spread}accuracy counts no answer as a wrong one{fixed}")
    said = _said(points)
    for column in said:
        table.add_column(column.rpartition(".")[2], no_wrap=True)
    shown = {number: told for number, told in COLUMNS.items() if number != WHOLE or _falls_short(summary)}
    for heading, _ in shown.values():
        table.add_column(heading, justify="right", no_wrap=True)
    told = {(row["point"], row["number"]): row for row in summary.to_dict("records")}
    for point in points.head(MOST_ROWS).to_dict("records"):
        cells = (_cell(told.get((point["point"], number)), factor) for number, (_, factor) in shown.items())
        table.add_row(*(NONE if point[column] is None else str(point[column]) for column in said), *cells)
    yield table
    if len(points) > MOST_ROWS:
        yield f"... and {len(points) - MOST_ROWS:,} more points, in summary.csv"


def _falls_short(summary: pd.DataFrame) -> bool:
    """Return whether requests are without an answer anywhere."""
    return bool((summary.loc[summary["number"] == WHOLE, "mean"] < 1).any())


def _is_fixed(summary: pd.DataFrame) -> bool:
    """Return whether accuracy comes out the same in all replications of a point: no interval of other samples."""
    repeated = summary[(summary["number"] == ACCURACY) & (summary["n"] > 1)]
    return bool((repeated["low"] == repeated["high"]).any())


def _said(points: pd.DataFrame) -> list[str]:
    """Return the columns of *points* that tell them apart: no value that goes with the label."""
    labels = points.groupby("label")
    labelled = len(labels) > 1
    values = [column for column in points.columns if column not in ("point", "label")]
    free = [column for column in values if not labelled or (labels[column].nunique(dropna=False) > 1).any()]
    return ["point", *free, *(["label"] if labelled else [])]


def _cell(row: Mapping[Any, Any] | None, factor: float) -> str:
    """Return the mean and, below it, how far its interval goes to both sides."""
    if row is None or isnan(row["mean"]):
        return NONE
    half = (row["high"] - row["low"]) / 2
    return f"{factor * row['mean']:,.1f}" + ("" if isnan(half) else f"\n± {factor * half:,.1f}")
