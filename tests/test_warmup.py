"""What a warm-up leaves out, exact on a small run written by hand; and what one run says of its mean latency."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from test_series import NONE, REQUESTS, WRITTEN, a_trace

import ddnnsim
from ddnnsim.metrics import Latency, WarmUp, summarize
from ddnnsim.metrics.availability import Service
from ddnnsim.metrics.timeliness import Age, Timeliness
from ddnnsim.report import report
from ddnnsim.statistics import TooShortError, batch_means
from ddnnsim.trace import ANSWERED, LOST, Trace

ALL_HERE = {"local": 0.5, "cloud": 0.5}
NUMBERS = Path(__file__).parents[1] / "scenarios" / "numbers.yaml"


def test_what_is_left_after_nine_nanoseconds() -> None:
    """Left are the requests of 9, 10, 19 and 30, 30: their answers take 20, 12 and 5 ns; the run ends at 41."""
    told = summarize(WRITTEN, 0, ALL_HERE, deadline_ns=12, warmup=9)
    assert told.warmup == WarmUp(requests=2, until_s=9e-9, enough=True)
    assert (told.created, told.captured) == (5, 7)
    assert told.fates == {"answered": 1, "degraded": 2, "lost": 1, "unfinished": 1}
    assert {name: count for name, count in told.degraded.items() if count} == {"deadline": 1, "out_of_reach": 1}
    assert (told.availability, told.accuracy, told.accuracy_of_requests) == (3 / 5, 2 / 3, 2 / 5)
    assert told.latency.mean_s == (20 + 12 + 5) / 3 / 1e9
    assert {name: of_exit.answers for name, of_exit in told.exits.items()} == {"local": 3, "cloud": 0}
    assert told.circumstances is not None
    assert (told.circumstances.with_faults.requests, told.circumstances.without_faults.requests) == (4, 1)
    assert told.timeliness == Timeliness(12e-9, in_time=2 / 5, correct_in_time=1 / 5, goodput_per_s=1e9 / 32)
    # known from 29 on: the age grows from 20 to 22, is 12 at 31, then grows to 16 at 35, is 5, and 11 at 41
    twice = 2 * (20 + 22) + 4 * (12 + 16) + 6 * (5 + 11)
    assert told.age.mean_s == pytest.approx(twice / 2 / 12 / 1e9)
    assert told.age.peak_mean_s == pytest.approx((22 + 16) / 2 / 1e9)
    assert told.simulated_s == 41e-9


def test_parts_are_those_of_the_requests_that_are_left() -> None:
    column = np.arange(len(WRITTEN.requests["request"]))
    told = summarize(WRITTEN.with_tables(parts={"request": column, "service_ns": column}), 0, ALL_HERE, warmup=9)
    assert told.parts is not None
    assert told.parts["service"].mean_s == pytest.approx((2 + 4 + 5) / 3 / 1e9)


@pytest.mark.parametrize("trace", [WRITTEN, a_trace([], 0)], ids=["all too early", "none at all"])
@pytest.mark.parametrize("end_ns", [41, 10])
def test_where_nothing_is_left_there_are_no_numbers(trace: Trace, end_ns: int) -> None:
    told = summarize(replace(trace, end_ns=end_ns, tables=WRITTEN.tables), 0, ALL_HERE, deadline_ns=12, warmup=41)
    nothing = Service(0, None, None, None, None, NO_LATENCY)
    assert (told.created, sum(told.fates.values()), told.captured) == (0, 0, len(trace.requests["fate"]))
    assert (told.availability, told.accuracy, told.accuracy_of_requests, told.latency) == (None, None, None, NO_LATENCY)
    assert told.circumstances is not None
    assert told.circumstances.with_faults == told.circumstances.without_faults == nothing
    assert told.timeliness == Timeliness(12e-9, None, None, None)
    assert told.age == Age(None, None)
    assert {(of.answers, of.share, of.accuracy, of.latency) for of in told.exits.values()} == {
        (0, None, None, NO_LATENCY)
    }


NO_LATENCY = Latency(None, None, None, None)


@given(REQUESTS, st.integers(0, 60))
def test_the_rest_of_a_run_is_a_run_of_its_own(drawn, warmup_ns) -> None:
    rows = sorted(
        (at, at + took if fate < 2 else NONE, exit_ if fate < 2 else NONE, fate, fate if fate else NONE, right)
        for at, took, exit_, fate, right in drawn
    )
    told = summarize(a_trace(rows, 80), 0, ALL_HERE, warmup=warmup_ns)
    rest = [row for row in rows if row[0] >= warmup_ns]
    alone = summarize(a_trace(rest, 80), 0, ALL_HERE)
    assert told == replace(alone, warmup=WarmUp(len(rows) - len(rest), warmup_ns / 1e9, True))


def a_start(slow: int, fast: int) -> Trace:
    """Return a run whose first *slow* answers take 50 ns and the next *fast* 1 ns; every third request is lost."""
    rows = []
    for number in range(slow + fast):
        at = 100 * (len(rows) + 1)
        if number % 2 == 0:
            rows.append((at, NONE, NONE, LOST, 2, 0))
        rows.append((at + 7, at + 7 + (50 if number < slow else 1), 0, ANSWERED, NONE, 1))
    return a_trace(rows, 10**6)


def test_the_end_of_the_start_is_found_from_answers() -> None:
    """33 slow answers of 100: MSER-5 leaves 35 out, and all captured before the 36th, answered or not, with them."""
    trace = a_start(33, 67)
    told = summarize(trace, 0, ALL_HERE, warmup="auto")
    first = int(np.flatnonzero(~np.ma.getmaskarray(trace.requests["answered_ns"]))[35])
    assert told.warmup == WarmUp(first, trace.requests["captured_ns"][first] / 1e9, enough=True)
    assert told.fates["answered"] == 65
    assert told.latency.mean_s == 1e-9


@pytest.mark.parametrize(
    ("trace", "answers", "enough"),
    [
        (a_start(0, 100), 100, True),
        (a_start(33, 66), 99, False),
        (a_start(50, 50), 50, False),
        (a_trace([], 9), 0, False),
    ],
    ids=["no start", "too few", "half of it", "nothing"],
)
def test_runs_without_an_end_of_the_start(trace: Trace, answers: int, enough: bool) -> None:
    told = summarize(trace, 0, ALL_HERE, warmup="auto")
    assert told.warmup is not None
    assert (told.fates["answered"], told.warmup.enough) == (answers, enough)


def shown(result: ddnnsim.Result) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=200, highlight=False)
    for part in report(result):
        console.print(part)
    return stream.getvalue()


def test_a_run_with_a_warm_up_from_end_to_end(tmp_path: Path) -> None:
    asked = {"run.window": "10 s", "workload.requests": 600}
    whole = ddnnsim.run(NUMBERS, out=tmp_path, **asked)
    result = ddnnsim.run(NUMBERS, out=tmp_path, **asked, **{"run.warmup": "20 s"})
    assert result.requests.equals(whole.requests), "it is simulated all the same"
    assert result.series.equals(whole.series)
    left = result.requests[result.requests["captured_ns"] >= 20 * 10**9]
    latency_s = (left["answered_ns"] - left["captured_ns"]) / 1e9
    summary = result.summary
    assert 0 < len(left) < 600
    assert summary.warmup == WarmUp(600 - len(left), 20.0, True)
    assert (summary.created, summary.captured, whole.summary.warmup) == (len(left), 600, None)
    assert summary.latency.mean_s == pytest.approx(latency_s.mean(), rel=1e-12)
    assert result.latency_ms.tolist() == pytest.approx((latency_s * 1e3).tolist())
    assert (summary.bytes, summary.links, summary.nodes) == (
        whole.summary.bytes,
        whole.summary.links,
        whole.summary.nodes,
    )
    assert json.loads((result.path / "summary.json").read_text())["warmup"]["requests"] == 600 - len(left)
    assert f"Warm-up: {600 - len(left):,} requests captured before 20.0 s are not counted\n" in shown(result)
    nothing = ddnnsim.run(NUMBERS, out=tmp_path, **asked, **{"run.warmup": "1 h"})
    assert "0 requests in" in shown(nothing)
    assert "Mean latency" not in shown(nothing)


def test_what_one_run_says_of_its_mean_latency(tmp_path: Path) -> None:
    light = {"workload": {"arrivals": "poisson", "rate": "1 /s", "requests": 3000}}
    result = ddnnsim.run(NUMBERS, out=tmp_path, **light)
    told = result.mean_latency_ms
    assert told == batch_means(result.latency_ms.to_numpy(float))
    assert told.mean == pytest.approx(1e3 * result.summary.latency.mean_s)
    assert f"Mean latency: {told.mean:,.3f} ms, give or take {told.half_width:,.3f} with 95%, by batch" in shown(result)
    short = ddnnsim.run(NUMBERS, out=tmp_path, **{"workload.requests": 400})
    with pytest.raises(TooShortError) as error:
        _ = short.mean_latency_ms
    assert f"Mean latency: 400 answers of one run are too few for an interval; some {error.value.needed:,}" in shown(
        short
    )
