"""What a scenario comes to against what fails of it, as a table for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.report.tables import NONE, add_names, add_numbers, new_table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderableType


class Column(NamedTuple):
    """How one quantity is shown."""

    heading: str
    factor: float = 1.0


COLUMNS = {
    "accuracy_of_requests": Column("accuracy\n%", 100.0),
    "accuracy": Column("of\nanswers %", 100.0),
    "availability": Column("available\n%", 100.0),
    "latency_mean_ms": Column("mean\nms"),
    "latency_p95_ms": Column("p95\nms"),
    "bytes_per_sample_per_device": Column("bytes"),
}
"""By quantity."""
HEADINGS = {"device": "failed", "number": "failed", "mtbf": "mtbf", "deadline": "deadline", "loss": "loss"}
"""By axis."""


def failures_report(name: str, curve: pd.DataFrame) -> Iterator[RenderableType]:
    """Yield the table of *curve*, that of the scenario *name* against one axis."""
    axis = str(curve["axis"].iloc[0])
    table = new_table(
        f"{name} against {axis}", "; ".join(["accuracy counts no answer as a wrong one", *_spreads(curve)])
    )
    add_names(table, HEADINGS[axis])
    for column in COLUMNS.values():
        add_numbers(table, column.heading)
    for _, place in curve.groupby(["x", "label"], sort=False, dropna=False):
        rows = {str(row["quantity"]): row for row in place.to_dict("records")}
        cells = (_cell(column, **{key: rows[quantity][key] for key in _KEYS}) for quantity, column in COLUMNS.items())
        table.add_row(str(place["label"].iloc[0]), *cells)
    yield table


def _spreads(curve: pd.DataFrame) -> Iterator[str]:
    """Yield what stands below the means of *curve*."""
    intervals, sets = curve["spread"] == "interval", curve["population"] > 1
    if (curve["spread"] == "range").any():
        yield "below a mean: from the least to the greatest of all sets of so many nodes"
    if (intervals & sets).any():
        yield "below a mean: half of its 95 % interval, where sets of so many nodes are drawn"
    if (intervals & ~sets).any():
        n = curve.loc[intervals & ~sets, "n"]
        told = n.max() if n.min() == n.max() else f"{n.min()} to {n.max()}"
        yield f"below a mean: half of its 95 % interval over n = {told} replications"


_KEYS = ("mean", "low", "high", "spread")


def _cell(column: Column, mean: float, low: float, high: float, spread: str) -> str:
    """Return the mean and, below it, how what it is of spreads."""
    if isnan(mean):
        return NONE
    told = f"{column.factor * mean:,.1f}"
    if spread == "interval":
        return f"{told}\n± {column.factor * (high - low) / 2:,.1f}"
    return f"{told}\n{column.factor * low:,.1f}-{column.factor * high:,.1f}" if spread == "range" else told
