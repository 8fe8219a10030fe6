"""What is on record is kept in a result, and read back as it was."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from test_parts import BOUNDED, any_network, two_gathers
from twin import plain

from ddnnsim.errors import ResultError
from ddnnsim.metrics import summarize
from ddnnsim.results import Result, save
from ddnnsim.scenario import load_scenario
from ddnnsim.sim import simulate
from ddnnsim.story import parts
from ddnnsim.trace import Trace

SCENARIO = load_scenario(Path(__file__).parents[2] / "scenarios" / "quickstart.yaml")
REPLYING = SCENARIO.model_copy(update={"workload": SCENARIO.workload.model_copy(update={"reply_to": "gateway"})})


def kept(trace: Trace, out: Path) -> Result:
    of_another = two_gathers()
    summary = summarize(of_another, 9, dict.fromkeys(of_another.names["exit"], 1.0))
    summary = replace(summary, simulated_s=trace.end_ns / 1e9)
    return save(REPLYING if trace.replies else SCENARIO, trace, summary, {}, out, lambda result: None)


@given(any_network())
@settings(max_examples=20, **BOUNDED)
def test_a_trace_is_read_back_as_it_was(case):
    trace = simulate(*case, record="messages").labelled(np.arange(9))
    with tempfile.TemporaryDirectory() as folder:
        back = kept(trace, Path(folder)).trace
    assert (back.replies, back.end_ns) == (trace.replies, trace.end_ns)
    pairs = [(getattr(trace, name), getattr(back, name)) for name in ("requests", "links", "nodes")]
    pairs += [(trace.tables[name], back.tables[name]) for name in trace.tables]
    for was, now in pairs:
        assert list(was) == list(now)
        for name in was:
            assert told(trace, name, was) == told(back, name, now), name
    ours, theirs = parts(trace), parts(back)
    assert {name: plain(ours[name]) for name in ours} == {name: plain(theirs[name]) for name in theirs}


def told(trace: Trace, name: str, columns) -> list[object]:
    values = plain(columns[name])
    if name not in trace.names:
        return values
    return [None if code is None else trace.names[name][code] for code in values]


def test_parts_and_any_other_table_are_kept(tmp_path: Path):
    trace = two_gathers()
    result = kept(
        trace.with_tables(parts=parts(trace), routes={"source": np.array([0]), "hops": np.array([2])}), tmp_path
    )
    assert result.parts.to_dict("records") == [
        {
            "request": 0,
            "queueing_ns": 0,
            "service_ns": 14,
            "serialisation_ns": 11,
            "propagation_ns": 20,
            "waiting_ns": 8,
        }
    ]
    assert result.routes.to_dict("records") == [{"source": "camera 0", "hops": 2}]
    assert {"parts.parquet", "routes.parquet"} <= set(result.manifest["files_sha256"])


def test_without_records_there_is_no_story(tmp_path: Path):
    bare = kept(replace(two_gathers(), tables={}), tmp_path)
    with pytest.raises(ResultError, match=r"has no messages; run the scenario with --set run\.record=messages"):
        bare.trace  # noqa: B018


def test_a_damaged_record_is_told(tmp_path: Path):
    result = kept(two_gathers(), tmp_path)
    (result.path / "hops.parquet").write_bytes(b"PAR1")
    with pytest.raises(ResultError, match=r"hops\.parquet: damaged"):
        result.trace  # noqa: B018
