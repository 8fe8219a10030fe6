"""What runs say of a number, the same in every table: no interval of a quantile for which a run is too short."""

from __future__ import annotations

import json
from math import isnan, sqrt
from pathlib import Path

import pandas as pd
import pytest
from many import NUMBERS

import ddnnsim
from ddnnsim.comparison import compare
from ddnnsim.curves import curve, open_runs
from ddnnsim.report.manuscript import as_csv, manuscript
from ddnnsim.scenario.sweep import Precision
from ddnnsim.statistics import mean_interval
from ddnnsim.sweeps.estimates import estimate, refusal
from ddnnsim.sweeps.reach import Reach, more_runs, reach

P95, P50 = "latency.p95_s", "latency.p50_s"
T_2 = 0.95 * sqrt(2 / (1 - 0.95**2))
"""What |t| exceeds with 5 % for two degrees."""


def run(value: float | None, local: int, cloud: int = 0) -> dict[str, float | None]:
    """Return the numbers of a run that has the same *value* for all quantiles."""
    return {
        **dict.fromkeys((P50, P95, "latency.p99_s", "latency.mean_s", "exits.local.latency.p95_s"), value),
        "exits.local.answers": local,
        "exits.cloud.answers": cloud,
        "circumstances.with_faults.latency.p95_s": value,
        "circumstances.with_faults.requests": 400,
        "circumstances.with_faults.availability": local / 400,
    }


def interval(path: str, *runs: dict[str, float | None]) -> tuple[float, float, float] | tuple[float, int]:
    """Return low, mean and high; where there is no interval, mean and n."""
    told = estimate(path, runs)
    assert told is not None
    return (told.mean, told.n) if told.low is None or told.high is None else (told.low, told.mean, told.high)


def test_a_quantile_has_an_interval_where_all_its_runs_are_long_enough() -> None:
    half = T_2 * sqrt(7 / 3)  # of 1, 2 and 6
    whole = pytest.approx((3 - half, 3.0, 3 + half))
    enough = [run(1.0, 150, 50), run(2.0, 200), run(6.0, 0, 300)]
    short = [*enough[:2], run(6.0, 199)]
    assert interval(P95, *enough) == whole
    assert interval(P95, *short) == (3.0, 3), "199 answers in one of them"
    assert interval(P50, *short) == whole
    assert interval("latency.mean_s", *short) == whole
    assert interval("latency.p99_s", *enough) == (3.0, 3)
    assert interval("latency.p99_s", *(run(value, 1000) for value in (1.0, 2.0, 6.0))) == whole


def test_a_quantile_of_an_exit_or_under_faults_is_of_the_answers_there() -> None:
    runs = [run(1.0, 200), run(2.0, 199, 900)]
    assert interval("exits.local.latency.p95_s", runs[0], runs[0]) == (1, 1, 1)
    assert interval("exits.local.latency.p95_s", *runs) == (1.5, 2)
    assert interval("circumstances.with_faults.latency.p95_s", runs[0], runs[0]) == (1, 1, 1)
    assert interval("circumstances.with_faults.latency.p95_s", *runs) == (1.5, 2)


def test_runs_without_the_number_are_left_out() -> None:
    assert estimate(P95, [run(None, 0), run(float("nan"), 0)]) is None
    assert estimate(P95, [run(None, 0), run(1.0, 200), run(2.0, 200)]) == mean_interval([1.0, 2.0])
    assert interval(P95, run(1.0, 200)) == (1.0, 1)
    assert refusal(P95, [run(1.0, 200), run(None, 0)]) is None
    assert (
        str(refusal(P95, [run(1.0, 3)]))
        == "a run of 3 answers says nothing of the quantile 0.95; it takes at least 200"
    )


def asked(of: str, **others: object) -> Precision:
    return Precision.model_validate({"of": of, "within": 0.1, "least": 3, **others})


def test_a_precision_of_runs_that_are_too_short_ends_with_the_least() -> None:
    short = [run(value, 150) for value in (1.0, 2.0, 6.0)]
    assert more_runs(asked(P95), short[:2]) == 1
    assert more_runs(asked(P95), short) == 0
    assert more_runs(asked(P50), short) == 3
    why = "a run of 150 answers says nothing of the quantile 0.95; it takes at least 200"
    assert reach(asked(P95), short) == Reach(3, False, 3.0, None, why)


def test_how_near_a_point_came() -> None:
    half = T_2 * 0.1 / sqrt(3)
    told = reach(asked(P95, within=0.3), [run(value, 200) for value in (0.9, 1.0, 1.1)])
    assert told == (3, True, pytest.approx(1.0), pytest.approx(half), None)
    told = reach(asked(P95, most=3), [run(value, 200) for value in (0.9, 1.0, 1.1)])
    assert told == (3, False, pytest.approx(1.0), pytest.approx(half), "3 replications are the most")
    assert reach(asked(P95), [run(None, 0), run(2.0, 200), {}])[3:] == (None, "one run alone has the number")
    assert reach(asked(P95), [run(None, 0)] * 3) == Reach(0, False, None, None, "no run has the number")


# -- all tables, and a sweep with a precision --------------------------------------------------


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> ddnnsim.ResultSet:
    """Return two points whose runs have 60 answers each: three for a median, and not for a p95."""
    out = tmp_path_factory.mktemp("known")
    link = "links.gateway>cloud.utilisation"
    changes = {
        "workload.requests": 60,
        "run.warmup": "auto",
        "run.precision": {"of": link, "within": "1 %", "least": 3, "most": 4},
    }
    return ddnnsim.sweep(
        NUMBERS, {"topology.links.wan.rate": ["100 kbit/s", "1 Mbit/s"]}, out=out, workers=1, **changes
    )


def test_no_table_has_an_interval_of_a_quantile_of_short_runs(known: ddnnsim.ResultSet) -> None:
    summary = pd.read_csv(known.path / "summary.csv").set_index(["point", "number"])
    runs = open_runs([known.path])
    lines = curve(runs, "topology.links.wan.rate", [], [P95, P50, "exits.cloud.latency.p95_s"]).table
    for point in (0, 1):
        for table in (
            summary.loc[point],
            lines[lines["topology.links.wan.rate"] == (1e5, 1e6)[point]].set_index("number"),
        ):
            assert table.loc[P95, "n"] == table.loc[P50, "n"] >= 3
            assert table.loc[P95, "mean"] > table.loc[P50, "mean"]
            assert isnan(table.loc[P95, "low"])
            assert isnan(table.loc[P95, "high"])
            assert table.loc[P50, "low"] < table.loc[P50, "mean"] < table.loc[P50, "high"]
            assert isnan(table.loc["exits.cloud.latency.p95_s", "low"])
    *_, last = (row.split(",") for row in as_csv(manuscript(runs, [P95, P50])).splitlines())
    assert [bool(cell) for cell in last] == [True, True, False, False, True, *[True] * 4]  # mean, low, high, n of each


def test_a_comparison_has_no_interval_of_a_quantile_of_short_runs(known: ddnnsim.ResultSet) -> None:
    rate = "topology.links.wan.rate"
    told = compare(known.path, known.path, [P95, P50], {rate: "100 kbit/s"}, {rate: "1 Mbit/s"})
    for number, has in zip(told.numbers, (False, True), strict=True):
        assert number.first is not None
        assert number.second is not None
        assert number.difference is not None
        assert number.difference.difference.n >= 3
        for of in (number.first, number.second, number.difference.difference):
            assert (of.half_width is not None) == has


def test_the_manifest_says_which_points_are_known_well_enough(known: ddnnsim.ResultSet) -> None:
    link = "links.gateway>cloud.utilisation"
    manifest = json.loads((known.path / "manifest.json").read_text())
    told = manifest["precision"]
    assert (told["of"], told["within"]) == (link, 0.01)
    rows = known.summary[known.summary["number"] == link].to_dict("records")
    assert [row["point"] for row in rows] == [0, 1], "though it is the number of a link"
    assert link in pd.read_csv(known.path / "results.csv")
    assert link in open_runs([known.path]).numbers
    for row, point in zip(rows, told["points"], strict=True):
        half = (row["high"] - row["low"]) / 2
        assert point == {
            "point": row["point"], "n": row["n"], "reached": half <= 0.01 * row["mean"],
            "mean": pytest.approx(row["mean"]), "half_width": pytest.approx(half),
            "why": None if point["reached"] else "4 replications are the most",
        }  # fmt: skip
    assert not all(point["reached"] for point in told["points"])


def test_whether_the_warm_up_was_found_is_a_number_of_each_run(known: ddnnsim.ResultSet) -> None:
    table = known.to_pandas()
    assert set(table["warmup.enough"]) == {0}, "sixty latencies are twelve means, and it takes twenty"
    summary = known.summary.set_index(["point", "number"])
    assert summary.loc[(0, "warmup.enough"), "mean"] == 0


def test_the_command_names_what_was_not_reached_and_runs_that_are_too_short(tmp_path: Path, ddnnsim) -> None:
    (tmp_path / "s.yaml").write_text(NUMBERS.read_text().replace("requests: 2000", "requests: 60"))
    words = (
        "--workers",
        "1",
        "--set",
        "run.warmup=auto",
        "--set",
        "run.precision={of: latency.p95_s, within: 5 %, least: 3}",
    )
    done = ddnnsim("run", "s.yaml", *words)
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert "In 3 of 3 runs the warm-up was not found: they are too short" in text
    assert "latency.p95_s within 5 % was not reached at 1 of 1 points:" in text
    assert "point 0: n = 3; a run of 60 answers says nothing of the quantile 0.95; it takes at least 200" in text
    told = json.loads(ddnnsim("run", "s.yaml", "--json", *words).stdout)["precision"]
    assert [(point["n"], point["reached"], point["half_width"]) for point in told["points"]] == [(3, False, None)]
