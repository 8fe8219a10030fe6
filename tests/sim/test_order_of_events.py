"""The six configurations of Teerapittayanon et al., ICDCS 2017, Fig. 2: who does what when, step by step.

A byte takes a nanosecond on every link and 5 ns to propagate, a device computes for 7 ns, an edge for 6,
the cloud for 10; a decision that is a job of its own takes 3. Scores are 2 bytes; a device's features are 4, an
edge's 3. Orders to escalate are of no bytes.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from deployments import NS_A_BYTE, Tree, an_oracle
from twin import plain

from ddnnsim.deployment import Deployment, Exit, Section
from ddnnsim.errors import ResultError
from ddnnsim.metrics import summarize
from ddnnsim.results import save
from ddnnsim.scenario import load_scenario
from ddnnsim.sim import simulate
from ddnnsim.trace import Trace

SURE, UNSURE = 0.1, 0.9
LINK = (NS_A_BYTE, 5)

Step = tuple[int, int, str]
"""From when to when, who does what."""


def run(deployment: Deployment, *entropies: float) -> Trace:
    """Run *deployment*, the exits of which have *entropies*."""
    samples = max(deployment.workload.samples) + 1
    return simulate(deployment, an_oracle(*([entropy] * samples for entropy in entropies)), record="messages")


def story(trace: Trace) -> list[Step]:
    """Return every step of every job, message and decision, in the order of their beginnings."""
    named = {table: _named(trace, table) for table in trace.tables}
    steps = [
        (job["start_ns"], job["end_ns"], f"{job['section']} computes" if job["section"] else f"{job['exit']} merges")
        for job in named["executions"]
    ]
    steps += [
        (m["sent_ns"], m["delivered_ns"], f"{m['source']} sends {m['kind']} to {m['target']}")
        for m in named["messages"]
    ]
    steps += [(d["at_ns"], d["at_ns"], f"{d['exit']}: {d['verdict']}") for d in named["decisions"]]
    return sorted(steps)


def _named(trace: Trace, table: str) -> list[dict]:
    """Return the rows of *table* with names for codes."""
    columns = {name: plain(column) for name, column in trace.tables[table].items()}
    for name in columns.keys() & trace.names.keys():
        columns[name] = [None if code is None else trace.names[name][code] for code in columns[name]]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def a_chain(*names: str, cameras: int) -> Tree:
    """Return *cameras* below the first of a chain of machines called *names*, bottom up."""
    tree = Tree()
    devices = [tree.machine(f"camera {i}", "device") for i in range(cameras)]
    chain = [tree.machine(name, name) for name in names]
    for below, above in [*((d, chain[0]) for d in devices), *pairwise(chain)]:
        tree.join(below, above, LINK, LINK)
    return tree


def camera(i: int, exit_: int, parent: int) -> Section:
    return Section(f"camera {i}", 0, i, exit_, parent, i, 7, 2, 4)


# --- (a) ------------------------------------------------------------------------------------------


def test_a_raw_views_go_to_the_cloud():
    tree = a_chain("gateway", "cloud", cameras=2)
    sizes = ((3, 6), (4, 4))  # by camera and sample
    sections = [Section(f"camera {i}", 0, i, None, 2, i, 0, 0, 0, raw_bytes=sizes[i]) for i in range(2)]
    sections.append(Section("cloud", 1, 3, 0, None, None, 30, 2, 0))
    exits = [Exit("cloud", 1, 3, (2,), "entropy", None, None, 0)]
    trace = run(tree.deployment(sections, exits, [0, 100], [0, 1]), UNSURE)
    assert story(trace) == [
        # 0..3, 5 to the gateway, 8..11, 5; the other 0..4, 5, at the gateway at 9 and waits: 11..15, 5
        (0, 16, "camera 0 sends raw to cloud"),
        (0, 20, "camera 1 sends raw to cloud"),
        (20, 50, "cloud computes"),
        (50, 50, "cloud: answer"),
        # 6 bytes: 100..106, at the gateway at 111; the other of 4 at 109: 109..113, 113..119
        (100, 118, "camera 1 sends raw to cloud"),
        (100, 124, "camera 0 sends raw to cloud"),
        (124, 154, "cloud computes"),
        (154, 154, "cloud: answer"),
    ]
    assert trace.nodes["origin_bytes"].tolist() == [9, 8, 0, 0]
    assert trace.links["raw_bytes"].tolist() == [9, 0, 8, 0, 17, 0]
    assert trace.nodes["jobs"].tolist() == [0, 0, 0, 2]
    assert of_all_views(trace) == ["11", "11"]


def of_all_views(trace: Trace) -> list[str]:
    """Return of what views each answer is made."""
    return [trace.names["views"][code] for code in plain(trace.requests["views"])]


# --- (b), (d): a single device ----------------------------------------------------------------------


@pytest.mark.parametrize("local", [SURE, UNSURE])
def test_b_a_device_decides_for_itself(local):
    tree = a_chain("cloud", cameras=1)
    sections = [camera(0, 0, 1), Section("cloud", 1, 1, 1, None, None, 10, 2, 0)]
    exits = [
        Exit("local", 0, 0, (0,), "entropy", 0.5, None, 0),
        Exit("cloud", 1, 1, (1,), "entropy", None, None, 0),
    ]
    steps = {
        SURE: [(0, 7, "camera 0 computes"), (7, 7, "local: answer")],
        UNSURE: [
            (0, 7, "camera 0 computes"),
            (7, 7, "local: escalate"),
            (7, 16, "camera 0 sends features to cloud"),
            (16, 26, "cloud computes"),
            (26, 26, "cloud: answer"),
        ],
    }
    assert story(run(tree.deployment(sections, exits, [0], [0]), local, UNSURE)) == steps[local]


@pytest.mark.parametrize(("local", "edge", "steps"), [(SURE, SURE, 2), (UNSURE, SURE, 5), (UNSURE, UNSURE, 8)])
def test_d_a_device_an_edge_and_the_cloud(local, edge, steps):
    tree = a_chain("edge", "cloud", cameras=1)
    sections = [
        camera(0, 0, 1),
        Section("edge", 1, 1, 1, 2, None, 6, 2, 3),
        Section("cloud", 2, 2, 2, None, None, 10, 2, 0),
    ]
    exits = [
        Exit("local", 0, 0, (0,), "entropy", 0.5, None, 0),
        Exit("edge", 1, 1, (1,), "entropy", 0.5, None, 0),
        Exit("cloud", 2, 2, (2,), "entropy", None, None, 0),
    ]
    all_the_way = [
        (0, 7, "camera 0 computes"),
        (7, 7, "local: escalate"),
        (7, 16, "camera 0 sends features to edge"),
        (16, 22, "edge computes"),
        (22, 22, "edge: escalate"),
        (22, 30, "edge sends features to cloud"),
        (30, 40, "cloud computes"),
        (40, 40, "cloud: answer"),
    ]
    at, _, last = all_the_way[steps - 1]
    expected = [*all_the_way[: steps - 1], (at, at, last.replace("escalate", "answer"))]
    assert story(run(tree.deployment(sections, exits, [0], [0]), local, edge, UNSURE)) == expected


# --- (c), (e): devices with an aggregator ------------------------------------------------------------

SUMMARIES = [  # step 1: each device sends its summary to the local aggregator
    (0, 7, "camera 0 computes"),
    (0, 7, "camera 1 computes"),
    (7, 14, "camera 0 sends summary to aggregator"),
    (7, 14, "camera 1 sends summary to aggregator"),
    (14, 17, "local merges"),  # step 2: the aggregator joins them, and decides
]
ORDERS = [
    (17, 17, "local: escalate"),
    (17, 22, "aggregator sends control to camera 0"),
    (17, 22, "aggregator sends control to camera 1"),
]


@pytest.mark.parametrize("local", [SURE, UNSURE])
def test_c_devices_and_the_cloud(local):
    tree = a_chain("aggregator", "cloud", cameras=2)
    sections = [camera(0, 0, 2), camera(1, 0, 2), Section("cloud", 1, 3, 1, None, None, 10, 2, 0)]
    exits = [
        Exit("local", 0, 2, (0, 1), "entropy", 0.5, 3, 0),
        Exit("cloud", 1, 3, (2,), "entropy", None, None, 0),
    ]
    steps = {
        SURE: [*SUMMARIES, (17, 17, "local: answer")],
        UNSURE: [
            *SUMMARIES,
            *ORDERS,
            (22, 40, "camera 0 sends features to cloud"),
            (22, 44, "camera 1 sends features to cloud"),
            (44, 54, "cloud computes"),
            (54, 54, "cloud: answer"),
        ],
    }
    assert story(run(tree.deployment(sections, exits, [0], [0]), local, UNSURE)) == steps[local]


def devices_edge_cloud() -> Deployment:
    """Return configuration (e): two devices, their aggregator on the way to the edge, and the cloud."""
    tree = a_chain("aggregator", "edge", "cloud", cameras=2)
    sections = [
        camera(0, 0, 2),
        camera(1, 0, 2),
        Section("edge", 1, 3, 1, 3, None, 6, 2, 3),
        Section("cloud", 2, 4, 2, None, None, 10, 2, 0),
    ]
    exits = [
        Exit("local", 0, 2, (0, 1), "entropy", 0.5, 3, 0),
        Exit("edge", 1, 3, (2,), "entropy", 0.5, None, 0),
        Exit("cloud", 2, 4, (3,), "entropy", None, None, 0),
    ]
    return tree.deployment(sections, exits, [0], [0])


FEATURES_TO_THE_EDGE = [  # step 4
    (22, 40, "camera 0 sends features to edge"),  # 22..26, at the aggregator at 31; 31..35, 40
    (22, 44, "camera 1 sends features to edge"),  # there at 31, too; 35..39, 44
    (44, 50, "edge computes"),
]


def test_e_when_the_local_exit_is_sure_it_answers():
    trace = run(devices_edge_cloud(), SURE, SURE, UNSURE)
    assert story(trace) == [*SUMMARIES, (17, 17, "local: answer")]  # step 3
    assert trace.nodes["origin_bytes"].tolist() == [2, 2, 0, 0, 0]


def test_e_when_the_edge_is_sure_nothing_goes_to_the_cloud():
    trace = run(devices_edge_cloud(), UNSURE, SURE, UNSURE)
    assert story(trace) == [*SUMMARIES, *ORDERS, *FEATURES_TO_THE_EDGE, (50, 50, "edge: answer")]  # step 5
    assert trace.links["messages"].tolist() == [2, 1, 2, 1, 2, 0, 0, 0]


def test_e_when_the_edge_is_not_sure_it_forwards_what_it_has_made():
    trace = run(devices_edge_cloud(), UNSURE, UNSURE, UNSURE)
    assert story(trace) == [
        *SUMMARIES,
        *ORDERS,
        *FEATURES_TO_THE_EDGE,
        (50, 50, "edge: escalate"),
        (50, 58, "edge sends features to cloud"),  # step 6
        (58, 68, "cloud computes"),
        (68, 68, "cloud: answer"),
    ]
    assert trace.links["features_bytes"].tolist() == [4, 0, 4, 0, 8, 0, 3, 0]
    assert of_all_views(trace) == ["11"]


def test_without_exits_below_features_go_up_when_they_are_there():
    tree = a_chain("edge", "cloud", cameras=2)
    sections = [
        Section("camera 0", 0, 0, None, 2, 0, 7, 2, 4),
        Section("camera 1", 0, 1, None, 2, 1, 7, 2, 4),
        Section("edge", 1, 2, None, 3, None, 6, 2, 3),
        Section("cloud", 2, 3, 0, None, None, 10, 2, 0),
    ]
    exits = [Exit("cloud", 2, 3, (3,), "entropy", None, None, 0)]
    assert story(run(tree.deployment(sections, exits, [0], [0]), UNSURE)) == [
        (0, 7, "camera 0 computes"),
        (0, 7, "camera 1 computes"),
        (7, 16, "camera 0 sends features to edge"),
        (7, 16, "camera 1 sends features to edge"),
        (16, 22, "edge computes"),
        (22, 30, "edge sends features to cloud"),
        (30, 40, "cloud computes"),
        (40, 40, "cloud: answer"),
    ]


# --- (f): groups ----------------------------------------------------------------------------------


def two_groups() -> Deployment:
    """Return configuration (f): cameras 0 and 2 in the north, 1 in the south, an edge for each, and the cloud.

    Each edge holds its group's local exit; that of the edges is in the north, and there the verdicts meet. North
    and south are joined by a switch below the cloud.
    """
    tree = Tree()
    for i in range(3):
        tree.machine(f"camera {i}", "device")
    north, south, switch, cloud = (tree.machine(name, name) for name in ("north", "south", "switch", "cloud"))
    for below, above in ((0, north), (1, south), (2, north), (north, switch), (south, switch), (switch, cloud)):
        tree.join(below, above, LINK, LINK)
    sections = [
        camera(0, 0, 3),
        camera(1, 1, 4),
        camera(2, 0, 3),
        Section("north", 1, north, 2, 5, None, 6, 2, 3),
        Section("south", 1, south, 2, 5, None, 6, 2, 3),
        Section("cloud", 2, cloud, 3, None, None, 10, 2, 0),
    ]
    exits = [
        Exit("local.north", 0, north, (0, 2), "entropy", 0.5, 3, 0, coordinator=2),
        Exit("local.south", 0, south, (1,), "entropy", 0.5, 3, 0, coordinator=2),
        Exit("edge", 1, north, (3, 4), "entropy", 0.5, 3, 0),
        Exit("cloud", 2, cloud, (5,), "entropy", None, None, 0),
    ]
    return tree.deployment(sections, exits, [0], [0])


OF_GROUPS = [
    (0, 7, "camera 0 computes"),
    (0, 7, "camera 1 computes"),
    (0, 7, "camera 2 computes"),
    (7, 14, "camera 0 sends summary to north"),
    (7, 14, "camera 1 sends summary to south"),
    (7, 14, "camera 2 sends summary to north"),
    (14, 17, "local.north merges"),
    (14, 17, "local.south merges"),
]
VERDICTS = [
    (17, 17, "north sends control to north"),
    (17, 27, "south sends control to north"),
]


@pytest.mark.parametrize("edge", [SURE, UNSURE])
def test_f_when_all_groups_say_no_the_features_go_up(edge):
    trace = run(two_groups(), UNSURE, UNSURE, edge, UNSURE)
    to_the_edges = [
        *OF_GROUPS,
        (17, 17, "local.north: escalate"),
        (17, 17, "local.south: escalate"),
        *VERDICTS,
        (27, 32, "north sends control to camera 0"),
        (27, 32, "north sends control to camera 2"),
        (27, 42, "north sends control to camera 1"),
        (32, 41, "camera 0 sends features to north"),
        (32, 41, "camera 2 sends features to north"),
        (41, 47, "north computes"),
        (42, 51, "camera 1 sends features to south"),
        (47, 47, "north sends summary to north"),
        (51, 57, "south computes"),
        (57, 71, "south sends summary to north"),
        (71, 74, "edge merges"),
    ]
    to_the_cloud = [
        (74, 74, "edge: escalate"),
        (74, 74, "north sends control to north"),
        (74, 84, "north sends control to south"),
        (74, 90, "north sends features to cloud"),
        (84, 100, "south sends features to cloud"),
        (100, 110, "cloud computes"),
        (110, 110, "cloud: answer"),
    ]
    assert story(trace) == [*to_the_edges, *([(74, 74, "edge: answer")] if edge == SURE else to_the_cloud)]
    assert of_all_views(trace) == ["111"]


def test_f_a_group_that_is_sure_answers_for_all():
    trace = run(two_groups(), UNSURE, SURE, SURE, UNSURE)
    assert story(trace) == [
        *OF_GROUPS,
        (17, 17, "local.north: escalate"),
        (17, 17, "local.south: answer"),
        *VERDICTS,
    ]
    assert of_all_views(trace) == ["010"]
    assert trace.end_ns == 27


def test_f_of_two_that_are_sure_at_one_instant_the_first_answers():
    trace = run(two_groups(), SURE, SURE, SURE, UNSURE)
    assert story(trace) == [
        *OF_GROUPS,
        (17, 17, "local.north: answer"),
        (17, 17, "local.south: superseded"),
        *VERDICTS,
    ]
    assert of_all_views(trace) == ["101"]


def test_summary_of_groups():
    trace = run(two_groups(), UNSURE, SURE, SURE, UNSURE).labelled(np.array([10]))
    names = trace.names["exit"]
    summary = summarize(trace, 3072, dict.fromkeys(names, 0.5))
    assert {name: exit_.answers for name, exit_ in summary.exits.items()} == {
        "local.north": 0,
        "local.south": 1,
        "edge": 0,
        "cloud": 0,
    }
    assert summary.exits["local.south"].accuracy == 1.0
    assert summary.exits["local.north"].accuracy is None
    assert summary.bytes.per_sample_per_device == 2.0
    assert summary.bytes.carried["control"] == 0


def test_what_is_on_record_is_saved(tmp_path):
    scenario = load_scenario(Path(__file__).parents[2] / "scenarios" / "quickstart.yaml")
    trace = run(two_groups(), UNSURE, SURE, SURE, UNSURE).labelled(np.array([10]))
    summary = summarize(trace, 3072, dict.fromkeys(trace.names["exit"], 0.5))
    result = save(scenario, trace, summary, {}, tmp_path, lambda result: None)
    assert set(result.manifest["files_sha256"]) >= {f"{table}.parquet" for table in trace.tables}
    assert result.messages["kind"].tolist() == ["summary", "summary", "summary", "control", "control"]
    assert result.messages["target"].tolist() == ["north", "south", "north", "north", "north"]
    links = ["camera 0>north", "camera 1>south", "camera 2>north", "south>switch", "switch>north"]
    assert result.hops["link"].tolist() == links
    assert result.executions["section"].isna().sum() == 2
    queued = ["local.south", "local.north"]  # camera 1's summary comes before camera 2's
    assert result.executions["exit"].dropna().tolist() == queued
    assert result.decisions["verdict"].tolist() == ["escalate", "answer"]
    assert result.decisions["views"].tolist() == ["101", "010"]

    bare = save(scenario, replace(trace, tables={}), summary, {}, tmp_path, lambda result: None)
    assert len(bare.requests) == 1
    with pytest.raises(ResultError, match=r"has no messages; run the scenario with --set run\.record=messages"):
        bare.messages  # noqa: B018
