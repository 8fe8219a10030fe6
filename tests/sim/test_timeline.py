"""A run as a timeline: well formed by the rules of the Trace Event Format, and with the engine's own numbers."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from test_parts import BOUNDED, any_network, as_in_life
from troubles import TROUBLES, in_trouble
from written_traces import LINKS, NODES, TWO_LEVELS, request, summary, written

from ddnnsim.sim import simulate
from ddnnsim.timeline import write_timeline
from ddnnsim.trace import Trace


def events_of(trace: Trace) -> list[dict[str, Any]]:
    """Return the events that are written of *trace*, times as exact ns."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trace.json"
        write_timeline(trace, file)
        assert [path.name for path in Path(folder).iterdir()] == ["trace.json"]
        document = json.loads(file.read_text(), parse_float=Fraction)
    assert set(document) == {"displayTimeUnit", "traceEvents"}
    events = document["traceEvents"]
    for event in events:
        for name in ("ts", "dur"):
            if name in event:
                event[name] *= 1000
                assert event[name].denominator == 1
                assert event[name] >= 0
    return events


def check_the_format(events: list[dict[str, Any]]) -> None:
    """Hold *events* to the rules: phases and their fields, named tracks, slices side by side, flows through slices."""
    needed = {"M": {"name", "args"}, "X": {"ts", "dur", "name"}, "i": {"ts", "s", "name"}}
    flow = {"ts", "id", "cat", "name"}
    slices, flows, named = defaultdict(list), defaultdict(list), set()
    for event in events:
        assert {"ph", "pid", "tid", *needed.get(event["ph"], flow)} <= set(event)
        track = event["pid"], event["tid"]
        if event["ph"] == "M":
            assert event["name"] in {"process_name", "thread_name", "process_sort_index", "thread_sort_index"}
            named.add((event["name"], *track[: 1 if event["name"].startswith("process") else 2]))
            continue
        assert {("process_name", track[0]), ("thread_name", *track)} <= named, "tracks are named first"
        assert {("process_sort_index", track[0]), ("thread_sort_index", *track)} <= named
        if event["ph"] == "X":
            slices[track].append((event["ts"], event["ts"] + event["dur"]))
        elif event["ph"] == "i":
            assert event["s"] == "t"
        else:
            assert event["ph"] in {"s", "t", "f"}
            assert event.get("bp") == ("e" if event["ph"] == "f" else None)
            flows[event["cat"], event["name"], event["id"]].append((event["ts"], event["ph"], track))
    for of_track in slices.values():
        of_track.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(of_track))
    for of_flow in flows.values():
        assert "".join(phase for _, phase, _ in of_flow) == "s" + "t" * (len(of_flow) - 2) + "f"
        assert [ts for ts, _, _ in of_flow] == sorted(ts for ts, _, _ in of_flow)
        for ts, _, track in of_flow:
            assert any(start == ts < end for start, end in slices[track]), "it is within a slice, where that starts"


@given(any_network())
@settings(max_examples=60, **BOUNDED)
def test_a_timeline_is_well_formed_and_shows_what_was_busy(case):
    trace = simulate(*case, record="messages")
    events = events_of(trace)
    check_the_format(events)
    busy_ns: dict[int, int] = defaultdict(int)
    servers = defaultdict(set)
    for event in events:
        if event["ph"] == "X":
            busy_ns[event["pid"] - 1] += event["dur"]
            servers[event["pid"] - 1].add(event["tid"])
    nodes = len(trace.nodes["node"])
    assert [busy_ns[node] for node in range(nodes)] == trace.nodes["busy_ns"].tolist()
    assert [busy_ns[nodes + link] for link in trace.links["link"]] == trace.links["busy_ns"].tolist()
    assert all(len(servers[node]) <= trace.nodes["servers"][node] for node in range(nodes))
    assert all(len(servers[nodes + link]) <= 1 for link in trace.links["link"])
    answers = [event for event in events if event["ph"] == "i" and event["name"].startswith("answer #")]
    answered = ~np.ma.getmaskarray(trace.requests["answered_ns"])
    assert sorted((event["args"]["request"], event["ts"]) for event in answers) == list(
        zip(np.flatnonzero(answered).tolist(), trace.requests["answered_ns"][answered].tolist(), strict=True)
    )


@given(as_in_life() | in_trouble(as_in_life(), TROUBLES))
@settings(max_examples=40, **BOUNDED)
def test_a_timeline_of_a_run_as_in_life_is_well_formed_too(case):
    trace = simulate(*case, record="messages")
    events = events_of(trace)
    check_the_format(events)
    busy_ns = dict.fromkeys(range(len(trace.nodes["node"])), 0)
    for event in events:
        if event["ph"] == "X" and event["pid"] - 1 in busy_ns:
            busy_ns[event["pid"] - 1] += event["dur"]
            assert event["tid"] <= trace.nodes["servers"][event["pid"] - 1]
    known = trace.nodes["lost"] == 0  # when jobs were lost is told of those alone that a battery's end took
    if "faults" not in trace.tables:
        known[:] = True
    assert np.array(list(busy_ns.values()))[known].tolist() == trace.nodes["busy_ns"][known].tolist()


def test_a_batch_is_one_slice_and_what_is_sent_at_once_has_lanes_of_its_own():
    # Jobs of requests 0 and 1 are done together; both summaries are on the link from 10 to 30.
    trace = written(
        60, NODES, LINKS, **TWO_LEVELS,
        requests=[request(41, 0), request(None, None, "unfinished", "stopped")],
        messages=[summary(0, 0, 10, 40), summary(1, 0, 10, None, "in_flight", of=1)],
        hops=[(0, 0, 0, 10, 10, 30, 40, 1, "delivered"), (1, 0, 0, 10, 10, 30, None, 1, "in_flight")],
        executions=[
            (0, 0, None, 0, 0, 2, 10, 2, "complete"), (1, 0, None, 0, 1, 2, 10, 2, "complete"),
            (0, None, 0, 2, 40, 40, 41, 1, "complete"),
        ],
        decisions=[(0, 0, 41, 0, 7, 0.25, "answer")],
    )  # fmt: skip
    events = events_of(trace)
    check_the_format(events)
    told = [(e["name"], e["pid"], e["tid"], e["ts"], e["dur"]) for e in events if e["ph"] == "X"]
    assert told == [
        ("s0 x2", 1, 1, 2, 8),
        ("exit e0 #0", 3, 1, 40, 1),
        ("summary #0", 5, 1, 10, 20),
        ("summary #1", 5, 2, 10, 20),
    ]
    flows = [(e["ph"], e["id"], e["pid"], e["tid"], e["ts"]) for e in events if e["ph"] in "stf"]
    assert flows == [("s", 0, 1, 1, 2), ("t", 0, 5, 1, 10), ("f", 0, 3, 1, 40), ("s", 1, 1, 1, 2), ("f", 1, 5, 2, 10)]
    instants = [(e["name"], e["pid"], e["ts"]) for e in events if e["ph"] == "i"]
    assert instants == [("capture #0", 1, 0), ("capture #1", 1, 1), ("answer #0", 3, 41)]
