"""Servers, queues that are full, and services that are drawn: by hand, and against a recursion of a few lines."""

from __future__ import annotations

from dataclasses import replace
from heapq import heapify, heapreplace

from hypothesis import given, settings
from hypothesis import strategies as st
from stages import cameras_and_cloud, fates, jobs, lone_node, rows, run, workload

from ddnnsim.deployment import Machine
from ddnnsim.distribution import Distribution
from ddnnsim.seeds import stream

LOST = ("lost", "no_view", None)


def node(servers: int = 1, queue: int | None = None) -> Machine:
    return Machine("node", "device", servers, queue)


def test_two_servers_take_jobs_in_turn():
    trace = run(lone_node(node(2), workload([0, 1, 2, 3, 25])))
    assert jobs(trace) == [
        ("net", 0, 10, "complete"),
        ("net", 1, 11, "complete"),
        ("net", 10, 20, "complete"),
        ("net", 11, 21, "complete"),
        ("net", 25, 35, "complete"),
    ]
    assert rows(trace, "nodes")[0]["busy_ns"] == 50
    assert rows(trace, "nodes")[0]["queue_max"] == 2


def test_a_job_that_finds_the_queue_full_is_refused():
    trace = run(lone_node(node(1, 1), workload([0, 1, 2, 10, 11, 15])))
    assert jobs(trace) == [
        ("net", 0, 10, "complete"),
        ("net", 10, 20, "complete"),
        ("net", None, None, "refused"),
        ("net", 20, 30, "complete"),  # at 10 the second starts before it comes
        ("net", None, None, "refused"),
        ("net", None, None, "refused"),
    ]
    answered = [("answered", None, t) for t in (10, 20, 30)]
    assert fates(trace) == [answered[0], answered[1], LOST, answered[2], LOST, LOST]
    at = rows(trace, "nodes")[0]
    assert (at["jobs"], at["refused"], at["lost"], at["queue_max"], at["busy_ns"]) == (3, 3, 0, 1, 30)
    assert trace.end_ns == 30


def test_without_a_queue_a_free_server_takes_what_comes():
    trace = run(lone_node(node(1, 0), workload([0, 9, 10, 20])))
    assert [outcome for *_, outcome in jobs(trace)] == ["complete", "refused", "complete", "complete"]
    assert rows(trace, "nodes")[0]["queue_max"] == 0


def test_what_is_refused_takes_no_draw():
    service = Distribution("exponential", (1e-6,))
    drawn = service.draw_ns(stream(7, "service/0/node"), 3).tolist()
    instants = [0, 1, 10**6, 2 * 10**6]  # the second is refused
    deployment = replace(lone_node(node(1, 0), workload(instants), service=service), seed=7)
    assert 1 < drawn[0] < 10**6
    assert [end for _, _, end, _ in jobs(run(deployment))] == [
        drawn[0],
        None,
        10**6 + drawn[1],
        2 * 10**6 + drawn[2],
    ]


def test_sections_of_one_node_draw_from_streams_of_their_own():
    deployment = cameras_and_cloud(2, [0, 1000])
    service = Distribution("uniform", (10e-9, 90e-9))
    sections = [replace(section, service=service) for section in deployment.sections]
    took = {
        (r["section"], r["request"]): r["end_ns"] - r["start_ns"]
        for r in rows(run(replace(deployment, sections=tuple(sections), seed=3), 0.9), "executions")
        if r["section"]
    }
    for name, of in (("camera 0", "0/camera 0"), ("camera 1", "0/camera 1"), ("cloud", "1/cloud")):
        assert [took[name, 0], took[name, 1]] == service.draw_ns(stream(3, f"service/{of}"), 2).tolist()


def test_a_decision_that_is_refused_is_none():
    deployment = cameras_and_cloud(2, [0, 2])
    gateway = replace(deployment.machines[2], queue_limit=0)
    machines = (*deployment.machines[:2], gateway, deployment.machines[3])
    trace = run(replace(deployment, machines=machines))
    # summaries come at 14 and, behind them, at 16 and with the second job (7..14) at 21
    assert jobs(trace)[4:] == [("local", 14, 17, "complete"), ("local", 21, 24, "complete")]
    slow = replace(deployment.exits[0], service_ns=8)
    trace = run(replace(deployment, machines=machines, exits=(slow, deployment.exits[1])))
    assert jobs(trace)[4:] == [("local", 14, 22, "complete"), ("local", None, None, "refused")]
    assert fates(trace) == [("answered", None, 22), LOST]
    assert rows(trace, "nodes")[2]["refused"] == 1


@given(
    servers=st.integers(1, 3),
    queue=st.none() | st.integers(0, 3),
    gaps=st.lists(st.integers(0, 12), min_size=1, max_size=30),
    seed=st.integers(0, 3),
    drawn=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_a_recursion_gives_the_same_jobs(servers, queue, gaps, seed, drawn):
    """Jobs take the server that is free first; a job is refused when *queue* others have not started."""
    captured_ns = [sum(gaps[: i + 1]) for i in range(len(gaps))]
    service = Distribution("exponential", (9e-9,)) if drawn else None
    services = iter(service.draw_ns(stream(seed, "service/0/node"), len(gaps)).tolist() if drawn else [10] * len(gaps))
    deployment = replace(lone_node(node(servers, queue), workload(captured_ns), service=service), seed=seed)
    trace = run(deployment)

    free = [0] * servers
    heapify(free)
    starts, due = [], []
    for now in captured_ns:
        start = max(now, free[0])
        if start > now and queue is not None and sum(s > now for s in starts) >= queue:
            due.append((None, None))
            continue
        end = start + next(services)
        heapreplace(free, end)
        starts.append(start)
        due.append((start, end))
    assert [(start, end) for _, start, end, _ in jobs(trace)] == due
    at = rows(trace, "nodes")[0]
    assert at["refused"] == sum(start is None for start, _ in due)
    assert at["busy_ns"] == sum(end - start for start, end in due if start is not None)
    assert at["busy_ns"] <= servers * trace.end_ns
    assert [t is None for _, _, t in fates(trace)] == [start is None for start, _ in due]
