"""Batches: full ones, those that have waited long enough, and what waits behind them. A job takes 10 ns by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stages import cameras_and_cloud, fates, jobs, lone_node, rows, run, workload

from ddnnsim.deployment import Batching, Deployment, Machine, Power
from ddnnsim.trace import Trace

COSTS = ((1, 1), (3, 4), (2, 3), (1, 2))
"""Of 1 to 4 jobs: 10, 15, 20 and 20 ns."""


def node(limit: int = 3, wait_ns: int = 20, servers: int = 1, queue: int | None = None) -> Machine:
    return Machine("node", "device", servers, queue, Batching(limit, wait_ns, COSTS[:limit]))


def batches(trace: Trace) -> list[tuple[int | None, int | None, int]]:
    """Return by job: start, end, and how many were done together."""
    return [(r["start_ns"], r["end_ns"], r["batch"]) for r in rows(trace, "executions")]


def test_a_batch_starts_when_it_is_full():
    trace = run(lone_node(node(), workload([0, 1, 5, 6])))
    # the fourth has waited since 6, and is alone when its patience ends at 26
    assert batches(trace) == [(5, 25, 3), (5, 25, 3), (5, 25, 3), (26, 36, 1)]
    assert [at for *_, at in fates(trace)] == [25, 25, 25, 36]
    at = rows(trace, "nodes")[0]
    assert (at["jobs"], at["busy_ns"], at["queue_max"]) == (4, 30, 2)


def test_a_batch_starts_when_its_first_has_waited():
    trace = run(lone_node(node(), workload([0, 12, 20, 21])))
    # patience ends in class 5: the capture at 20 is still in time, and makes it full
    assert batches(trace) == [(20, 40, 3), (20, 40, 3), (20, 40, 3), (41, 51, 1)]
    trace = run(lone_node(node(), workload([0, 12, 21])))
    assert batches(trace) == [(20, 35, 2), (20, 35, 2), (41, 51, 1)]


def test_those_who_have_waited_while_the_server_was_busy_wait_no_more():
    trace = run(lone_node(node(2, 3), workload([0, 0, 4])))
    assert batches(trace) == [(0, 15, 2), (0, 15, 2), (15, 25, 1)]


def test_patience_that_ends_as_the_server_is_free_ends_after_it():
    """At 15 the server is free in class 0; a capture of that instant still joins the job that has waited since 12."""
    trace = run(lone_node(node(2, 3), workload([0, 0, 12, 15])))
    assert batches(trace)[2:] == [(15, 30, 2), (15, 30, 2)]


def test_a_patience_of_nothing_ends_with_its_instant():
    trace = run(lone_node(node(3, 0), workload([0, 0, 1])))
    assert batches(trace) == [(0, 15, 2), (0, 15, 2), (15, 25, 1)]


def test_a_patience_without_object_keeps_nothing_going():
    assert run(lone_node(node(2, 1000), workload([0, 1]))).end_ns == 16


def test_until_may_come_before_a_batch():
    trace = run(lone_node(node(2, 1000), workload([0]), until_ns=50))
    assert jobs(trace) == [("net", None, None, "queued")]
    assert trace.end_ns == 50


def test_two_servers_do_two_batches():
    trace = run(lone_node(node(2, 5, servers=2), workload([0, 1, 2, 3, 4])))
    assert batches(trace) == [(1, 16, 2), (1, 16, 2), (3, 18, 2), (3, 18, 2), (16, 26, 1)]


def test_what_waits_for_others_counts_as_waiting():
    """One place: the second of three would have to wait, although the server is free; with two all is well."""
    trace = run(lone_node(node(3, 20, queue=1), workload([0, 1, 2])))
    assert [outcome for *_, outcome in jobs(trace)] == ["complete", "refused", "refused"]
    trace = run(lone_node(node(3, 20, queue=2), workload([0, 1, 2, 3])))
    assert [outcome for *_, outcome in jobs(trace)] == ["complete"] * 4
    assert batches(trace)[3] == (23, 33, 1)  # patient from 3 on; the server is free from 22
    trace = run(lone_node(node(3, 20, queue=0), workload([0, 1])))
    assert [outcome for *_, outcome in jobs(trace)] == ["refused", "refused"]
    assert trace.end_ns == 1


def shared(batching: Batching, servers: int = 1) -> Deployment:
    """Return two cameras' sections, the local exit and the cloud's section on one machine."""
    deployment = cameras_and_cloud(2, [0, 1])
    machine = Machine("node", "device", servers, batching=batching)
    sections = [replace(section, machine=0) for section in deployment.sections]
    exits = [replace(exit_, machine=0) for exit_ in deployment.exits]
    return replace(deployment, machines=(machine,), links=(), routes={}, sections=tuple(sections), exits=tuple(exits))


def test_the_first_in_the_queue_holds_up_all_behind_it():
    """Camera 0's jobs come at 0 and 1, those of camera 1 behind each: the first pair is full at 1."""
    trace = run(shared(Batching(2, 50, COSTS[:2])))
    assert jobs(trace) == [
        ("camera 0", 1, 12, "complete"),  # ceil(14 * 3 / 4)
        ("camera 1", 12, 23, "complete"),
        ("camera 0", 1, 12, "complete"),
        ("camera 1", 12, 23, "complete"),
        ("local", 23, 26, "complete"),  # a decision is alone, and waits for nobody
        ("local", 26, 29, "complete"),
    ]


def test_a_decision_starts_before_a_batch_that_comes_behind_it_but_not_before_one_ahead():
    trace = run(shared(Batching(3, 50, COSTS[:3])))
    # nobody is ever three: camera 0's patience ends at 50, camera 1's with it, the second decision waits for none
    assert jobs(trace)[:2] == [("camera 0", 50, 61, "complete"), ("camera 1", 61, 72, "complete")]
    assert jobs(trace)[4:] == [("local", 72, 75, "complete"), ("local", 75, 78, "complete")]


def test_a_second_server_starts_nothing_behind_a_batch_that_waits():
    trace = run(shared(Batching(3, 50, COSTS[:3]), servers=2))
    # both patiences end in the one happening of this machine at 50
    assert jobs(trace)[:2] == [("camera 0", 50, 61, "complete"), ("camera 1", 50, 61, "complete")]


def test_jobs_of_a_batch_die_together():
    machine = replace(node(2, 20), power=Power(1, 0, 0, 0, 9))
    trace = run(lone_node(machine, workload([0, 1, 2])))
    assert jobs(trace) == [("net", 1, None, "lost"), ("net", 1, None, "lost"), ("net", None, None, "lost")]
    assert [r["batch"] for r in rows(trace, "executions")] == [2, 2, 1]
    assert trace.end_ns == 9
    assert rows(trace, "nodes")[0]["busy_ns"] == 8


@pytest.mark.parametrize("wait_ns", [0, 4, 9])
@given(
    gaps=st.lists(st.integers(0, 15), min_size=1, max_size=20),
    limit=st.integers(1, 4),
    servers=st.integers(1, 3),
    queue=st.none() | st.integers(0, 4),
)
@settings(max_examples=60, deadline=None)
def test_batches_are_what_they_should_be(wait_ns, gaps, limit, servers, queue):
    captured_ns = [sum(gaps[: i + 1]) for i in range(len(gaps))]
    trace = run(lone_node(node(limit, wait_ns, servers, queue), workload(captured_ns)))
    done = [r for r in rows(trace, "executions") if r["outcome"] == "complete"]
    starts = [r["start_ns"] for r in done]
    assert starts == sorted(starts)
    i = 0
    while i < len(done):
        batch = done[i : i + done[i]["batch"]]
        i += len(batch)
        first, start = batch[0], batch[0]["start_ns"]
        numerator, denominator = COSTS[len(batch) - 1]
        assert {(r["start_ns"], r["end_ns"], r["batch"]) for r in batch} == {
            (start, start - (-10 * len(batch) * numerator // denominator), len(batch))
        }
        assert all(r["queued_ns"] <= start for r in batch)
        assert len(batch) == limit or start >= first["queued_ns"] + wait_ns
        if i < len(done) and len(batch) < limit:  # whoever is left out came later
            assert done[i]["queued_ns"] >= start
    at = rows(trace, "nodes")[0]
    assert len(done) + at["refused"] == len(gaps)
    assert at["busy_ns"] <= servers * trace.end_ns
