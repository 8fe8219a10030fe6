"""Stand-ins: where sections, exits and coordinators are when their nodes are down, by hand and by a recursion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from math import sqrt

import numpy as np
import pytest
from deployments import Tree
from hypothesis import given, settings
from hypothesis import strategies as st
from stages import LINK, fates, rows, run

from ddnnsim.deployment import Deployment, Exit, Memory, Section
from ddnnsim.distribution import Distribution
from ddnnsim.faults import Crash, Drawn, Fault, Given
from ddnnsim.recovery import Recovery, StandIn
from ddnnsim.trace import Trace

Spells = Sequence[tuple[int, int | None]]
LOST = ("lost", "no_view", None)


def with_faults(tree: Tree, deployment: Deployment, down: dict[int, Spells], delay_ns: int = 0) -> Deployment:
    """Return *deployment* with the machines of *down* crashed, and ways from each machine to each other."""
    faults = [Fault(f"of {m}", Crash("lose"), Given(tuple(spells)), machines=(m,)) for m, spells in down.items()]
    routes = {ends: tree.path(*ends) for ends in permutations(range(len(tree.machines)), 2)}
    return replace(deployment, faults=tuple(faults), recovery=Recovery(delay_ns=delay_ns), routes=routes)


# a cloud with stand-ins: of a request that is captured at t an order leaves at t + 17, with which it is settled where
# the features go, at t + 22; they get there at t + 40

CAMERA, GATEWAY, CLOUD, SPARE, OTHER = range(5)


def camera_and_clouds(captured_ns: list[int], down: dict[int, Spells], delay_ns: int = 0, **more: int) -> Deployment:
    """Return a camera (7 ns), a gateway (3 ns for a decision), a cloud (10 ns), a spare (20 ns) and another (30 ns)."""
    tree = Tree()
    for name, tier in (("camera", "device"), ("gateway", "edge"), ("cloud", "cloud"), ("spare", "edge"), ("other", "")):
        tree.machine(name, tier or "edge")
    for below in (CAMERA, CLOUD, SPARE, OTHER):
        tree.join(below, GATEWAY, LINK, LINK)
    stand_ins = (StandIn(SPARE, 20), StandIn(OTHER, 30))
    nowhere = tuple(replace(stand_in, service_ns=None) for stand_in in stand_ins)
    sections = [
        Section("camera", 0, CAMERA, 0, 1, 0, 7, 2, 4),
        Section("cloud", 1, CLOUD, 1, None, None, 10, 2, 0, stand_ins=stand_ins),
    ]
    exits = [
        Exit("local", 0, GATEWAY, (0,), "entropy", 0.5, 3, 0),
        Exit("cloud", 1, CLOUD, (1,), "entropy", None, None, 0, stand_ins=nowhere),
    ]
    deployment = tree.deployment(sections, exits, captured_ns, [0] * len(captured_ns), **more)
    return with_faults(tree, deployment, down, delay_ns)


def on_clouds(trace: Trace) -> list[tuple[int, str, int]]:
    """Return by job of the upper section: request, node, and when it starts."""
    upper = [row for row in rows(trace, "executions") if row["section"] == "cloud"]
    return [(row["request"], row["node"], row["start_ns"]) for row in upper]


ACROSS = [0, 52, 64, 84, 150, 184]
"""Of these, while the cloud is down from 100 to 200: answered before; lost with it in its job; lost on the way to it;
asked for while it is down; the same, answered when it is up again; asked for after."""


def test_a_cloud_that_is_down_for_a_while():
    trace = run(camera_and_clouds(ACROSS, {CLOUD: [(100, 200)]}), 1.0)
    answers = [("answered", None, at) for at in (50, 144, 210, 234)]
    assert fates(trace) == [answers[0], LOST, LOST, *answers[1:]]
    assert on_clouds(trace) == [
        (0, "cloud", 40), (1, "cloud", 92), (3, "spare", 124), (4, "spare", 190), (5, "cloud", 224),
    ]  # fmt: skip
    assert [r["outcome"] for r in rows(trace, "messages") if r["kind"] == "features" and r["request"] == 2] == ["lost"]


def test_a_change_is_known_after_a_delay():
    trace = run(camera_and_clouds([*ACROSS, 230], {CLOUD: [(100, 200)]}, delay_ns=30), 1.0)
    # known from 130 to 230; request 3 can reach the cloud no more, and the spare does not serve yet
    assert on_clouds(trace) == [
        (0, "cloud", 40), (1, "cloud", 92), (4, "spare", 190), (5, "spare", 224), (6, "cloud", 270),
    ]  # fmt: skip
    reach = ("lost", "out_of_reach", None)
    answers = [("answered", None, at) for at in (50, 210, 244, 280)]
    assert fates(trace) == [answers[0], LOST, LOST, reach, *answers[1:]]


@pytest.mark.parametrize(("captured_ns", "node"), [(108, []), (109, ["spare"]), (188, ["spare"]), (189, ["cloud"])])
def test_a_decision_comes_before_what_is_known_at_its_instant(captured_ns, node):
    trace = run(camera_and_clouds([captured_ns], {CLOUD: [(120, 200)]}, delay_ns=5), 1.0)
    assert [at for _, at, _ in on_clouds(trace)] == node


def test_where_the_features_go_is_settled_when_they_are_asked_for():
    trace = run(camera_and_clouds([100], {CLOUD: [(118, 140)]}), 1.0)  # an order leaves at 117, features at 122
    assert on_clouds(trace) == [(0, "cloud", 140)]


def test_the_reply_leaves_from_where_the_exit_is():
    trace = run(camera_and_clouds([0, 100], {CLOUD: [(60, None)]}, reply_to=GATEWAY), 1.0)
    replies = [(r["source"], r["sent_ns"], r["delivered_ns"]) for r in rows(trace, "messages") if r["kind"] == "reply"]
    assert replies == [("cloud", 50, 59), ("spare", 160, 169)]


@pytest.mark.parametrize(
    ("down", "node", "answered_ns"),
    [
        ({CLOUD: [(0, None)]}, "spare", 60),
        ({CLOUD: [(0, None)], SPARE: [(0, None)]}, "other", 70),
        ({CLOUD: [(0, 18)], SPARE: [(16, 18)]}, "other", 70),
        ({CLOUD: [(0, 17)]}, "spare", 60),
        ({SPARE: [(0, None)]}, "cloud", 50),
        ({CLOUD: [(0, 16)], SPARE: [(16, 18)]}, "cloud", 50),
    ],
)
def test_the_first_that_is_up_serves(down, node, answered_ns):
    trace = run(camera_and_clouds([0], down), 1.0)
    assert [at for _, at, _ in on_clouds(trace)] == [node]
    assert fates(trace) == [("answered", None, answered_ns)]


# an edge that has a section of its own stands in for another

CAMERA_A, CAMERA_B, A, B, TOP, SWITCH = range(6)


def star() -> Tree:
    tree = Tree()
    for name in ("camera A", "camera B", "A", "B", "cloud", "switch"):
        tree.machine(name, "edge")
    for machine in range(SWITCH):
        tree.join(machine, SWITCH, LINK, LINK)
    return tree


def two_edges(captured_ns: list[int], down: dict[int, Spells]) -> Deployment:
    """Return two cameras, each with an edge; the edge exit is on edge A, for which edge B stands in."""
    tree = star()
    at_b = (StandIn(B, 15),)
    sections = [
        Section("camera A", 0, CAMERA_A, None, 2, 0, 7, 2, 4),
        Section("camera B", 0, CAMERA_B, None, 3, 1, 7, 2, 4),
        Section("A", 1, A, 0, 4, None, 10, 2, 4, stand_ins=at_b),
        Section("B", 1, B, 0, 4, None, 10, 2, 4),
        Section("cloud", 2, TOP, 1, None, None, 10, 2, 0),
    ]
    exits = [
        Exit("edge", 1, A, (2, 3), "entropy", 0.5, 3, 0, stand_ins=(StandIn(B, 4),)),
        Exit("cloud", 2, TOP, (4,), "entropy", None, None, 0),
    ]
    deployment = tree.deployment(sections, exits, captured_ns, [0] * len(captured_ns))
    return with_faults(tree, deployment, down)


def test_an_edge_stands_in_for_another():
    trace = run(two_edges([0, 100], {A: [(95, None)]}), 1.0)
    assert fates(trace) == [("answered", None, 90), ("answered", None, 186)]
    second = [row for row in rows(trace, "executions") if row["request"] == 1]
    assert [(r["section"], r["exit"], r["node"], r["start_ns"], r["end_ns"]) for r in second] == [
        ("camera A", None, "camera A", 100, 107),
        ("camera B", None, "camera B", 100, 107),
        ("A", None, "B", 125, 140),  # as long as B takes for it
        ("B", None, "B", 140, 150),  # it came at 129
        (None, "edge", "B", 150, 154),
        ("cloud", None, "cloud", 176, 186),
    ]


def test_features_wait_in_the_memory_of_the_stand_in():
    deployment = two_edges([100], {A: [(95, None)]})
    machines = [replace(m, memory=Memory(5, 0)) if m.name == "B" else m for m in deployment.machines]
    trace = run(replace(deployment, machines=tuple(machines)), 1.0)
    # at 150 there is no room for the features of B beside those of A, which leave at 154
    assert fates(trace) == [("answered", None, 182)]
    assert rows(trace, "requests")[0]["views"] == "10"
    assert rows(trace, "nodes")[B]["memory_max_bytes"] == 4


def in_groups(captured_ns: list[int], down: dict[int, Spells], second_ns: int = 7) -> Deployment:
    """Return two cameras that decide alone, and edge A above them, where their verdicts meet; edge B stands in."""
    tree = star()
    sections = [
        Section("camera A", 0, CAMERA_A, 0, 2, 0, 7, 2, 4),
        Section("camera B", 0, CAMERA_B, 1, 2, 1, second_ns, 2, 4),
        Section("A", 1, A, 2, None, None, 10, 2, 0, stand_ins=(StandIn(B, 15),)),
    ]
    exits = [
        Exit("local.A", 0, CAMERA_A, (0,), "entropy", 0.5, None, 0, coordinator=2),
        Exit("local.B", 0, CAMERA_B, (1,), "entropy", 0.5, None, 0, coordinator=2),
        Exit("edge", 1, A, (2,), "entropy", None, None, 0, stand_ins=(StandIn(B, None),)),
    ]
    deployment = tree.deployment(sections, exits, captured_ns, [0] * len(captured_ns))
    return with_faults(tree, deployment, down)


def test_a_coordinator_is_where_its_exit_is():
    trace = run(in_groups([0, 100], {A: [(90, None)]}), 1.0, 1.0)
    # verdicts 7 to 17, orders to 27, features to 45 and 49; the job
    assert fates(trace) == [("answered", None, 59), ("answered", None, 164)]
    orders = [r for r in rows(trace, "messages") if r["kind"] == "control" and r["section"] is not None]
    assert [(r["request"], r["source"], r["sent_ns"]) for r in orders] == [
        (0, "A", 17), (0, "A", 17), (1, "B", 117), (1, "B", 117),
    ]  # fmt: skip


def test_all_of_a_request_goes_to_where_its_first_message_went():
    """Camera B would not send its verdict to edge A any more, had camera A not."""
    trace = run(in_groups([100], {A: [(108, None)]}, second_ns=9), 1.0, 1.0)
    assert fates(trace) == [("lost", "out_of_reach", None)], "verdicts that are lost are no, and A can tell nobody"
    assert [(r["target"], r["sent_ns"], r["outcome"]) for r in rows(trace, "messages")] == [
        ("A", 107, "lost"), ("A", 109, "lost"),
    ]  # fmt: skip
    trace = run(in_groups([100], {A: [(108, 112)]}, second_ns=9), 1.0, 1.0)
    assert fates(trace) == [("answered", None, 161)]


def test_a_sensor_sends_its_view_to_where_the_cloud_is():
    deployment = lone_camera([0, 30], {1: [(20, None)]}, 0)
    sensor = Section("camera", 0, 0, None, 1, 0, 0, 0, 0, (4,))
    trace = run(replace(deployment, sections=(sensor, deployment.sections[1])))
    assert fates(trace) == [("answered", None, 15), ("answered", None, 48)]
    assert rows(trace, "nodes")[0]["origin_bytes"] == 8


# a recursion: a camera that sends all it computes to a cloud or its spare, each over a link of its own


def lone_camera(captured_ns: list[int], down: dict[int, Spells], delay_ns: int) -> Deployment:
    """Return a camera (3 ns) whose features (4 ns on a link, then 5) go up; the cloud takes 6 ns, the spare 9."""
    tree = Tree()
    camera, cloud, spare = (tree.machine(name, "edge") for name in ("camera", "cloud", "spare"))
    for above in (cloud, spare):
        tree.join(above, camera, LINK, LINK)
    sections = [
        Section("camera", 0, camera, None, 1, 0, 3, 0, 4),
        Section("cloud", 1, cloud, 0, None, None, 6, 0, 0, stand_ins=(StandIn(spare, 9),)),
    ]
    exits = [Exit("cloud", 1, cloud, (1,), "entropy", None, None, 0, stand_ins=(StandIn(spare, None),))]
    deployment = tree.deployment(sections, exits, captured_ns, [0] * len(captured_ns))
    return with_faults(tree, deployment, down, delay_ns)


def test_where_none_is_up_it_is_the_node_itself():
    trace = run(lone_camera([0], {1: [(2, 12)], 2: [(2, 5)]}, 0))  # sent at 3, there at 12
    assert fates(trace) == [("answered", None, 18)]
    assert rows(trace, "executions")[1]["node"] == "cloud"


def one_by_one(captured_ns: list[int], down: dict[int, Spells], delay_ns: int) -> list[int | None]:
    """Return when each request is answered, if it is: camera, link, and cloud or spare, in the order of capture."""
    camera_free, link_free, free, services = 0, {1: 0, 2: 0}, {1: 0, 2: 0}, {1: 6, 2: 9}
    answers: list[int | None] = []
    for at in captured_ns:
        sent = camera_free = max(at, camera_free) + 3
        # what is complete at an instant goes before what is known from then on
        known = {m: any(a + delay_ns < sent <= b + delay_ns for a, b in down.get(m, ())) for m in (1, 2)}
        host = 2 if known[1] and not known[2] else 1
        link_free[host] = max(sent, link_free[host]) + 4
        there = link_free[host] + 5
        answers.append(None)
        if any(a <= there < b for a, b in down.get(host, ())):
            continue
        end = max(there, free[host]) + services[host]
        crash = next((a for a, _ in down.get(host, ()) if there < a < end), None)  # with it the work is lost
        answers[-1] = end if crash is None else None
        free[host] = end if crash is None else crash
    return answers


SPELLS = (
    st.lists(st.integers(1, 25), max_size=6)
    .map(lambda gaps: np.cumsum(gaps).tolist())
    .map(lambda edges: list(zip(edges[::2], edges[1::2], strict=False)))
)


@settings(max_examples=100)
@given(st.lists(st.integers(0, 80), min_size=1, max_size=12).map(sorted), SPELLS, SPELLS, st.integers(0, 12))
def test_it_is_what_a_recursion_says(captured_ns, cloud, spare, delay_ns):
    down = {1: cloud, 2: spare}
    trace = run(lone_camera(captured_ns, down, delay_ns))
    assert [at for _, _, at in fates(trace)] == one_by_one(captured_ns, down, delay_ns)


def test_two_clouds_that_fail_now_and_then_are_there_as_often_as_either():
    """Up for 3 of 4 s in the mean, each by itself: 1 - (1 - A)^2; far apart, requests have independent fates."""
    up, down = Distribution("exponential", (3.0,)), Distribution("exponential", (1.0,))
    faults = [Fault(f"of {m}", Crash("lose"), Drawn(0, up, down, None), machines=(m,)) for m in (1, 2)]
    n, expected = 2000, 1 - (1 - 3 / 4) ** 2
    deployment = lone_camera([12 * 10**9 * k for k in range(1, n + 1)], {}, 0)
    trace = run(replace(deployment, faults=tuple(faults), seed=2))
    answered = sum(fate == "answered" for fate, _, _ in fates(trace)) / n
    assert abs(answered - expected) < 2.576 * sqrt(expected * (1 - expected) / n)
