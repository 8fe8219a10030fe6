"""What the tables of a sweep show: values as the file has them, numbers as sure as they are, and none of them cut."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from math import nan

import pandas as pd
from rich.console import Console, RenderableType

from ddnnsim.report.sweep import sweep_report
from ddnnsim.sweeps.tables import point_table

BYTES, MEAN, P95 = "bytes.per_sample_per_device", "latency.mean_s", "latency.p95_s"
Told = tuple[int, float, float]
"""n, mean, and half of the interval; NaN: there is none."""


def points(*values: Mapping[str, object]) -> pd.DataFrame:
    return point_table([{"number": number, "label": "", "values": of} for number, of in enumerate(values)])


def summary(*told: Mapping[str, Told]) -> pd.DataFrame:
    """Return what each point came to: its numbers, and that of requests."""
    rows = [
        {"point": point, "number": path, "n": n, "mean": mean, "low": mean - half, "high": mean + half}
        for point, of in enumerate(told)
        for path, (n, mean, half) in {"created": (next(iter(of.values()))[0], 9.0, 0.0), **of}.items()
    ]
    return pd.DataFrame(rows)


def shown(parts: Iterable[RenderableType], width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    for part in parts:
        console.print(part)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) <= width
    return text


def test_values_are_as_the_file_has_them_where_some_points_leave_them_out() -> None:
    table = points({"topology.links.wan.queue": 5, "x": None}, {"topology.links.wan.queue": None, "x": 0.5})
    assert table.to_csv(index=False) == "point,label,topology.links.wan.queue,x\n0,,5,\n1,,,0.5\n"
    rows = shown(sweep_report("s", table, summary({MEAN: (1, 0.5, nan)}, {MEAN: (1, 0.5, nan)}), None)).splitlines()
    cells = [row.split()[:3] for row in rows if row.split()[-1:] == ["-"]]
    assert cells == [["0", "5", "-"], ["1", "-", "0.5"]]


def test_numbers_have_the_digits_that_their_intervals_leave() -> None:
    told = {MEAN: (4, 12.3456e-6, 0.5e-6), P95: (4, 3.00049e-5, nan), BYTES: (4, 1234.5, 0.0)}
    text = shown(sweep_report("s", points({}), summary(told), None))
    assert [line.split() for line in text.splitlines() if "0.0123" in line] == [
        ["0", "-", "0.0123", "0.03000", "1,234"]
    ]
    assert "± 0.0005" in text
    assert "n = 4; below a mean" in text


def test_how_many_runs_are_behind_a_mean_is_told_where_points_differ_in_it() -> None:
    table = points({"x": 1}, {"x": 2}, {"x": 3})
    text = shown(sweep_report("s", table, summary({MEAN: (7, 0.5, 0.1)}, {MEAN: (12, 0.5, 0.1)}), None))
    heading, *rows = [
        line.split() for line in text.splitlines() if line.split()[:1] in (["point"], ["0"], ["1"], ["2"])
    ]
    assert heading[:4] == ["point", "x", "n", "accuracy"]
    assert [row[2] for row in rows] == ["7", "12", "0"]
    assert "n = " not in text


def test_no_number_is_cut_in_a_narrow_terminal() -> None:
    paths = [f"topology.links.wan_number_{i}.some_setting_{i}" for i in range(9)]
    number = (5, 1234567.891, 1000.0)
    numbers = {
        "accuracy_of_requests": number,
        "availability": (5, 0.98765, 1e-5),
        MEAN: number,
        P95: number,
        BYTES: number,
    }
    for count in (1, 3, 9):
        table = points(*(dict.fromkeys(paths[:count], f"{rate} kbit/s") for rate in (100, 200)))
        text = shown(sweep_report("s", table, summary(numbers, numbers), None))
        for whole in ("123,460,000", "± 100,000", "98.7650", "± 0.0010", "1,234,600", "± 1,000", "point", "mean ms"):
            assert whole in text, text
        assert "…" not in text


def test_settings_of_one_name_are_told_apart() -> None:
    table = points(
        {"exits.local.threshold": 0.5, "exits.cloud.threshold": 1},
        {"exits.local.threshold": 0.7, "exits.cloud.threshold": 1},
    )
    text = shown(sweep_report("s", table, summary(*[{MEAN: (1, 1.0, nan)}] * 2), None))
    assert "local.threshold" in text
    assert "cloud.threshold" in text
