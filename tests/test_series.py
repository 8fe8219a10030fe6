"""Availability, what faults cost, and series over time, exact on a small run written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddnnsim.metrics import series, summarize
from ddnnsim.metrics.availability import circumstances, service
from ddnnsim.trace import ANSWERED, DEGRADED, FATES, LOST, REASONS, UNFINISHED, Trace

NONE = -1


def masked(values: list[int]) -> np.ma.MaskedArray:
    column = np.array(values)
    return np.ma.array(column, mask=column == NONE)


def a_trace(rows: list[tuple[int, int, int, int, int, int]], end_ns: int, **tables) -> Trace:
    """Return a trace of requests, each (captured, answered, exit, fate, reason, whether right)."""
    captured, answered, exit_, fate, reason, right = map(list, zip(*rows, strict=True)) if rows else [[]] * 6
    requests = {
        "request": np.arange(len(rows)),
        "sample": np.arange(len(rows)),
        "label": np.zeros(len(rows), np.int64),
        "captured_ns": np.array(captured, np.int64),
        "answered_ns": masked(answered),
        "replied_ns": masked([NONE] * len(rows)),
        "exit": masked(exit_),
        "fate": np.array(fate, np.int8),
        "reason": masked(reason),
        "prediction": masked([NONE if a == NONE else 1 - r for a, r in zip(answered, right, strict=True)]),
    }
    names = {"exit": ["local", "cloud"], "fate": FATES, "reason": REASONS, "kind": [], "link": [], "node": []}
    nodes = dict.fromkeys(("origin_bytes", "captures", "memory_max_bytes", "energy_j"), np.array([], np.int64))
    return Trace(requests, {}, nodes, names, replies=False, end_ns=end_ns, tables=tables)


WRITTEN = a_trace(
    [
        (0, 4, 0, ANSWERED, NONE, 1),
        (5, 25, 1, ANSWERED, NONE, 0),
        (9, 29, 0, DEGRADED, 4, 1),  # deadline
        (10, NONE, NONE, LOST, 2, 0),  # no_view
        (19, 31, 0, DEGRADED, 5, 0),  # out_of_reach
        (30, 35, 0, ANSWERED, NONE, 1),
        (30, NONE, NONE, UNFINISHED, 0, 0),
    ],
    end_ns=41,
    faults={"from_ns": np.array([5, 9, 30]), "until_ns": masked([9, 19, NONE])},
)


def test_degraded_answers_are_answers_and_reasons_are_told_apart() -> None:
    told = summarize(WRITTEN, 0, {"local": 0.5, "cloud": 0.5})
    assert told.fates == {"answered": 3, "degraded": 2, "lost": 1, "unfinished": 1}
    assert {name: count for name, count in told.degraded.items() if count} == {"deadline": 1, "out_of_reach": 1}
    assert {name: count for name, count in told.lost.items() if count} == {"no_view": 1}
    assert sum(told.reasons.values()) == 4
    assert (told.availability, told.accuracy, told.accuracy_of_requests) == (5 / 7, 3 / 5, 3 / 7)
    assert told.latency.mean_s == (4 + 20 + 20 + 12 + 5) / 5 / 1e9
    assert {name: of_exit.answers for name, of_exit in told.exits.items()} == {"local": 4, "cloud": 1}


def test_what_was_captured_while_a_fault_was_in_force() -> None:
    """Spells [5, 9), [9, 19) and [30, ...): the requests of 5, 9, 10 and 30 against those of 0 and 19."""
    told = circumstances(WRITTEN)
    assert told is not None
    assert told.with_faults == service(WRITTEN, np.array([False, True, True, True, False, True, True]))
    assert (told.with_faults.availability, told.with_faults.degraded) == (3 / 5, 1 / 5)
    assert (told.with_faults.accuracy, told.with_faults.accuracy_of_requests) == (2 / 3, 2 / 5)
    assert told.with_faults.latency.mean_s == (20 + 20 + 5) / 3 / 1e9
    assert (told.without_faults.requests, told.without_faults.availability) == (2, 1)
    assert told.without_faults.accuracy == 1 / 2
    assert circumstances(replace(WRITTEN, tables={})) is None


def test_windows_are_of_captures_and_go_up_to_the_end() -> None:
    tables = series(WRITTEN, 10)
    told = {name: np.ma.asarray(column).tolist() for name, column in tables["series"].items()}
    assert told == {
        "window": [0, 1, 2, 3, 4],
        "from_ns": [0, 10, 20, 30, 40],
        "captured": [3, 2, 0, 2, 0],
        "answered": [2, 0, 0, 1, 0],
        "degraded": [1, 1, 0, 0, 0],
        "lost": [0, 1, 0, 0, 0],
        "unfinished": [0, 0, 0, 1, 0],
        "correct": [2, 0, 0, 1, 0],
        "latency_mean_ns": [15, 12, None, 5, None],
        "latency_p95_ns": [20, 12, None, 5, None],
    }
    exits = {name: column.tolist() for name, column in tables["series_exits"].items()}
    assert exits["window"] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert exits["exit"] == [0, 1] * 5
    assert exits["answers"] == [2, 1, 1, 0, 0, 0, 1, 0, 0, 0]


@pytest.mark.parametrize(("end_ns", "windows"), [(0, 1), (10, 1), (11, 2)])
def test_a_capture_at_the_very_end_has_its_window(end_ns: int, windows: int) -> None:
    rows = [(0, NONE, NONE, LOST, 2, 0)]
    assert len(series(a_trace(rows, end_ns), 10)["series"]["window"]) == windows
    assert len(series(a_trace([], end_ns), 10)["series"]["window"]) == windows - (end_ns == 0)
    assert len(series(a_trace([(end_ns, NONE, NONE, LOST, 2, 0)], end_ns), 10)["series"]["window"]) == end_ns // 10 + 1


BIT = st.integers(0, 1)
REQUESTS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20), BIT, st.integers(0, 3), BIT))


@given(REQUESTS, st.integers(1, 60))
def test_windows_add_up_to_the_whole_and_agree_with_the_summary(drawn, window_ns) -> None:
    rows = [
        (at, at + took if fate < 2 else NONE, exit_ if fate < 2 else NONE, fate, fate if fate else NONE, right)
        for at, took, exit_, fate, right in drawn
    ]
    trace = a_trace(rows, 80)
    tables, told = series(trace, window_ns), summarize(trace, 0, {"local": 0.5, "cloud": 0.5})
    whole = {name: int(tables["series"][name].sum()) for name in ("captured", *FATES, "correct")}
    assert whole["captured"] == told.created
    assert {name: whole[name] for name in FATES} == told.fates
    assert whole["correct"] == round((told.accuracy_of_requests or 0) * told.created)
    of_exits = np.zeros(2, int)
    np.add.at(of_exits, tables["series_exits"]["exit"], tables["series_exits"]["answers"])
    assert of_exits.tolist() == [of_exit.answers for of_exit in told.exits.values()]
    for k in range(len(tables["series"]["window"])):
        took = sorted(a - at for at, a, *_ in rows if a != NONE and at // window_ns == k)
        mean, p95 = (tables["series"][name][k] for name in ("latency_mean_ns", "latency_p95_ns"))
        if not took:
            assert mean is np.ma.masked
            assert p95 is np.ma.masked
        else:
            assert mean == round(sum(took) / len(took))
            assert p95 == np.quantile(took, 0.95, method="inverted_cdf")
