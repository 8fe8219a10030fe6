"""The tables of a sweep: its points, its jobs, what each came to, and what that says of each point."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ddnnsim.scenario import in_si
from ddnnsim.sweeps.estimates import Numbers, estimate
from ddnnsim.sweeps.rows import Row

if TYPE_CHECKING:
    import pandas as pd

Told = Mapping[str, Any]
"""A point or a job as a manifest has it."""


def point_table(points: Sequence[Told]) -> pd.DataFrame:
    """Return a row for each of *points*: number, label, and values by path as the file has them."""
    rows = ({"point": point["number"], **_said(point, _written)} for point in points)
    return _table(rows, ["point", "label"], dtype=object).astype({"point": int})


def job_table(jobs: Sequence[Told]) -> pd.DataFrame:
    """Return a row for each of *jobs*: point, replication, seed, and the folder of its run, or the error."""
    columns = ["point", "replication", "seed", "run", "error"]
    return _table(({name: job[name] for name in columns} for job in jobs), columns)


def tidy_table(points: Sequence[Told], rows: Sequence[Row]) -> pd.DataFrame:
    """Return a row for each of *rows* with the values of its point, quantities in SI units, and its numbers.

    NaN where there is no number.
    """
    said = {point["number"]: _said(point, in_si) for point in points}
    keys = ["point", "replication", "label"]
    table = _table(
        ({"point": row.point, "replication": row.replication, **said[row.point], **row.numbers} for row in rows), keys
    )
    numbers = dict.fromkeys(path for row in rows for path in row.numbers)
    return table.astype({path: float for path in numbers if table[path].dtype == object})


def estimate_table(rows: Iterable[Row]) -> pd.DataFrame:
    """Return a row for each point of *rows* and number: in how many runs there is one, and its mean with an interval.

    NaN where there is none.
    """
    by_point: dict[int, list[Numbers]] = {}
    for row in rows:
        by_point.setdefault(row.point, []).append(row.numbers)
    columns = ["point", "number", "n", "mean", "low", "high"]
    table = _table(
        (
            _estimate(point, path, runs)
            for point, runs in by_point.items()
            for path in dict.fromkeys(path for run in runs for path in run)
        ),
        columns,
    )
    return table.astype(dict.fromkeys(("mean", "low", "high"), float))


def _estimate(point: int, path: str, runs: Iterable[Numbers]) -> Told:
    told = estimate(path, runs)
    interval = {name: getattr(told, name, None) for name in ("mean", "low", "high")}
    return {"point": point, "number": path, "n": 0 if told is None else told.n, **interval}


def _said(point: Told, told: Callable[[Any], Any]) -> dict[str, Any]:
    """Return the label of *point* and its values by path as *told*; lists and mappings as JSON."""
    values = {
        path: json.dumps(value) if isinstance(value, dict | list) else told(value)
        for path, value in point["values"].items()
    }
    return {"label": point["label"], **values}


def _written(value: object) -> object:
    """Return *value* as a file has it."""
    return json.dumps(value) if isinstance(value, bool) else value


def _table(rows: Iterable[Told], columns: Sequence[str], dtype: type | None = None) -> pd.DataFrame:
    """Return *rows* as a table; one without rows has *columns*. Values of *dtype* object stay what they are."""
    import pandas as pd

    records = list(rows)
    return pd.DataFrame(records, dtype=dtype) if records else pd.DataFrame(columns=list(columns))
