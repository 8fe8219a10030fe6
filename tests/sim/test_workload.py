"""Requests of some views alone, views that come one after another, and clients that wait for their answers.

The times of `cameras_and_cloud`: a camera computes for 7 ns, its summary takes 7, the decision 3, an order 5,
features 18, the cloud 10.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from deployments import SHAPES, Tree, networks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stages import LINK, cameras_and_cloud, fates, jobs, lone_node, rows, run
from test_what_does_not_come import dead_from, groups

from ddnnsim.deployment import Captures, ClosedLoop, Deployment, Exit, Machine, Section, Workload
from ddnnsim.distribution import Distribution
from ddnnsim.seeds import stream
from ddnnsim.sim import simulate
from ddnnsim.trace import Trace

UNSURE = 0.9


def captured(deployment: Deployment, *captures: tuple[int, int, int]) -> Deployment:
    """Return *deployment* under *captures*: when, of which request, and by which section."""
    at_ns, requests, sections = (np.array(column) for column in zip(*sorted(captures), strict=True))
    firsts = [int(at_ns[requests == request].min()) for request in range(requests.max() + 1)]
    load = Workload(np.array(firsts), np.zeros(len(firsts), np.int64), Captures(at_ns, requests, sections))
    return replace(deployment, workload=load)


def views(trace: Trace) -> list[str]:
    return [r["views"] for r in rows(trace, "requests")]


def messages(trace: Trace, *kinds: str) -> list[tuple[int, int, str, str]]:
    return [
        (m["request"], m["sent_ns"], m["source"], m["target"]) for m in rows(trace, "messages") if m["kind"] in kinds
    ]


def test_a_request_of_one_view_waits_for_no_other():
    deployment = captured(cameras_and_cloud(2, [0]), (0, 0, 1), (3, 1, 0))
    trace = run(deployment, UNSURE)
    assert messages(trace, "summary") == [(0, 7, "camera 1", "gateway"), (1, 10, "camera 0", "gateway")]
    assert messages(trace, "control") == [(0, 17, "gateway", "camera 1"), (1, 20, "gateway", "camera 0")]
    assert messages(trace, "features") == [(0, 22, "camera 1", "cloud"), (1, 25, "camera 0", "cloud")]
    assert [job for job in jobs(trace) if job[0] == "cloud"] == [
        ("cloud", 40, 50, "complete"),
        ("cloud", 50, 60, "complete"),
    ]
    assert views(trace) == ["01", "10"]
    assert [r["captured_ns"] for r in rows(trace, "requests")] == [0, 3]


def test_views_come_one_after_another():
    trace = run(captured(cameras_and_cloud(3, [0]), (0, 0, 2), (4, 0, 0)))
    assert jobs(trace) == [
        ("camera 2", 0, 7, "complete"),
        ("camera 0", 4, 11, "complete"),
        ("local", 18, 21, "complete"),
    ]
    assert views(trace) == ["101"]
    assert rows(trace, "requests")[0]["captured_ns"] == 0


def test_the_next_request_may_begin_before_the_last_view_of_one():
    trace = run(captured(cameras_and_cloud(2, [0]), (0, 0, 0), (1, 1, 1), (2, 1, 0), (50, 0, 1)))
    # camera 0 computes for the first from 0 to 7 and for the second from 7 to 14
    assert [at for *_, at in fates(trace)] == [67, 24]


def test_an_edge_without_cameras_of_a_request_is_not_waited_for():
    tree = Tree()
    for name in ("camera 0", "camera 1", "edge 0", "edge 1", "cloud"):
        tree.machine(name, name.split()[0])
    for below, above in ((0, 2), (1, 3), (2, 4), (3, 4)):
        tree.join(below, above, LINK, LINK)
    sections = [Section(f"camera {i}", 0, i, None, 2 + i, i, 7, 2, 4) for i in range(2)]
    sections += [Section(f"edge {i}", 1, 2 + i, 0, 4, None, 6, 2, 3) for i in range(2)]
    sections.append(Section("cloud", 2, 4, 1, None, None, 10, 2, 0))
    exits = [
        Exit("edge", 1, 4, (2, 3), "entropy", 0.5, 3, 0),
        Exit("cloud", 2, 4, (4,), "entropy", None, None, 0),
    ]
    deployment = captured(tree.deployment(sections, exits, [0], [0]), (0, 0, 1))
    trace = run(deployment, UNSURE)
    # 7; 7..16 to the edge; until 22; its summary until 29, merged until 32; order 37, features 45; until 55
    assert jobs(trace) == [
        ("camera 1", 0, 7, "complete"),
        ("edge 1", 16, 22, "complete"),
        ("edge", 29, 32, "complete"),
        ("cloud", 45, 55, "complete"),
    ]
    assert messages(trace, "control") == [(0, 32, "cloud", "edge 1")]
    assert fates(run(dead_from(deployment, 3, 10))) == [("lost", "no_view", None)]


def test_a_coordinator_waits_for_the_exits_of_the_views_alone():
    trace = run(captured(groups([0], 0), (0, 0, 1)), UNSURE, UNSURE)
    assert messages(trace, "control") == [(0, 7, "camera 1", "cloud"), (0, 12, "cloud", "camera 1")]
    assert fates(trace) == [("answered", None, 36)]  # 17, features 26, cloud 36
    assert views(trace) == ["01"]


@given(case=st.tuples(st.sampled_from(SHAPES), st.booleans()).flatmap(lambda case: networks(*case)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_captures_of_all_at_once_are_the_usual_load(case):
    deployment, oracle = case
    sensing = [number for number, section in enumerate(deployment.sections) if section.view is not None]
    load = deployment.workload
    spread = Captures(
        np.repeat(load.captured_ns, len(sensing)),
        np.repeat(np.arange(len(load.samples)), len(sensing)),
        np.tile(sensing, len(load.samples)),
    )
    same = replace(deployment, workload=Workload(load.captured_ns, load.samples, spread))
    usual, spread_out = (simulate(d, oracle, record="messages") for d in (deployment, same))
    for table in ("requests", "nodes", "links"):
        assert rows(usual, table) == rows(spread_out, table)
    for table in usual.tables:
        assert rows(usual, table) == rows(spread_out, table)
    assert usual.end_ns == spread_out.end_ns


# --- clients --------------------------------------------------------------------------------------

FIVE = Distribution("constant", (5e-9,))
NAUGHT = Distribution("constant", (0.0,))


def loop(clients: int, requests: int, think: Distribution = FIVE) -> ClosedLoop:
    return ClosedLoop(clients, think, np.zeros(requests, np.int64))


def node(queue: int | None = None) -> Machine:
    return Machine("node", "device", 1, queue)


def captures_and_ends(trace: Trace) -> list[tuple[int, int | None]]:
    return [(r["captured_ns"], r["answered_ns"]) for r in rows(trace, "requests")]


def test_clients_think_again_when_they_have_their_answer():
    trace = run(lone_node(node(), loop(2, 5)))
    assert captures_and_ends(trace) == [(5, 15), (5, 25), (20, 35), (30, 45), (40, 55)]
    assert trace.end_ns == 55  # the other client, who would have asked at 50, does not keep the run going


def test_clients_of_one_instant_come_in_the_order_of_their_numbers():
    samples = np.array([0, 1, 2, 3])
    deployment = lone_node(node(), ClosedLoop(3, NAUGHT, samples))
    trace = run(deployment)
    assert captures_and_ends(trace) == [(0, 10), (0, 20), (0, 30), (10, 40)]
    assert [r["sample"] for r in rows(trace, "requests")] == [0, 1, 2, 3]


def test_a_client_whose_request_is_refused_thinks_again():
    trace = run(lone_node(node(0), loop(2, 4)))
    # the second is refused at 5 and asks again at 10, is refused, and asks at 15, as the server is free
    assert captures_and_ends(trace) == [(5, 15), (5, None), (10, None), (15, 25)]
    assert [fate for fate, *_ in fates(trace)] == ["answered", "lost", "lost", "answered"]


def test_a_client_whose_answer_is_early_waits_until_all_have_captured():
    """The first camera, which takes no time, answers before the second one captures at the same instant."""
    deployment = cameras_and_cloud(2, [0])
    first, second, cloud = deployment.sections
    sections = (replace(first, service_ns=0), replace(second, exit=None, service_ns=0), cloud)
    local = replace(deployment.exits[0], machine=0, sections=(0,), threshold=1.0, service_ns=None)
    trace = run(
        replace(
            deployment,
            sections=sections,
            exits=(local, deployment.exits[1]),
            workload=ClosedLoop(1, NAUGHT, np.array([0, 0])),
        )
    )
    computed = [(job["request"], job["section"]) for job in rows(trace, "executions")][:4]
    assert computed == [(0, "camera 0"), (0, "camera 1"), (1, "camera 0"), (1, "camera 1")]


def test_an_answer_that_is_waited_for_has_to_arrive():
    deployment = replace(cameras_and_cloud(1, [0], reply_to=0), workload=loop(1, 2))
    # asked at 5, answered at 5 + 17, replied 9 later; 5 to think
    assert captures_and_ends(run(deployment)) == [(5, 22), (36, 53)]


def test_a_client_whose_reply_is_lost_thinks_again():
    deployment = replace(cameras_and_cloud(2, [0], reply_to=0), workload=loop(1, 2))
    trace = run(dead_from(deployment, 0, 25))
    # the reply comes to a dead camera at 31; then the other camera alone senses
    assert fates(trace) == [("lost", "reply", 22), ("lost", "reply", 53)]
    assert views(trace) == ["11", "01"]


def test_clients_think_as_they_draw():
    think = Distribution("exponential", (20e-9,))
    trace = run(replace(lone_node(node(), loop(1, 4, think)), seed=5))
    drawn = think.draw_ns(stream(5, "think/1"), 4).tolist()
    due, now = [], 0
    for thought in drawn:
        due.append((now + thought, now + thought + 10))
        now += thought + 10
    assert captures_and_ends(trace) == due


@pytest.mark.parametrize("until_ns", [20, 21])
def test_until_ends_the_loop(until_ns):
    trace = run(lone_node(node(), loop(2, 5), until_ns=until_ns))
    assert captures_and_ends(trace) == [(5, 15), (5, None), (20, None)][: until_ns - 18]


@given(
    clients=st.integers(1, 4),
    requests=st.integers(1, 12),
    servers=st.integers(1, 2),
    queue=st.none() | st.integers(0, 2),
    seed=st.integers(0, 9),
)
@settings(max_examples=80, deadline=None)
def test_no_client_has_two_requests(clients, requests, servers, queue, seed):
    think = Distribution("uniform", (0.0, 12e-9))
    deployment = replace(
        lone_node(Machine("node", "device", servers, queue), loop(clients, requests, think)), seed=seed
    )
    trace = run(deployment)
    assert len(fates(trace)) == requests
    spans = [
        (r["captured_ns"], r["captured_ns"] if r["answered_ns"] is None else r["answered_ns"])
        for r in rows(trace, "requests")
    ]
    assert all(fate in ("answered", "lost") for fate, *_ in fates(trace))
    for now, _ in spans:
        assert sum(start <= now < end for start, end in spans) <= clients
