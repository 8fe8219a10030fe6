"""Laws that hold of any network whose machines refuse, batch, forget and die, under any load."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from deployments import SHAPES, networks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stages import rows
from twin import TIMES

from ddnnsim.deployment import Batching, Captures, ClosedLoop, Deployment, Machine, Memory, Power, Workload
from ddnnsim.distribution import Distribution
from ddnnsim.oracle import TableOracle
from ddnnsim.sim import simulate
from ddnnsim.trace import Trace

BOUNDED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
COSTS = ((1, 1), (3, 4), (2, 3))


@st.composite
def machines(draw: st.DrawFn, plain: Machine) -> Machine:
    """Draw a machine like *plain*, with some of what a machine may have."""
    limit = draw(st.integers(1, 3))
    battery = st.none() | st.integers(0, 60)
    return replace(
        plain,
        queue_limit=draw(st.sampled_from([None, None, 0, 1, 2])),
        batching=draw(st.none() | st.builds(Batching, st.just(limit), st.integers(0, 6), st.just(COSTS[:limit]))),
        memory=draw(st.none() | st.builds(Memory, st.integers(2, 12), st.just(2))),
        power=draw(st.none() | st.builds(Power, *[st.integers(0, 2)] * 4, battery)),
    )


@st.composite
def loads(draw: st.DrawFn, deployment: Deployment) -> Workload | ClosedLoop:
    """Draw the load of *deployment*: as it is, of some views alone, or clients."""
    plain = deployment.workload
    how = draw(st.sampled_from(["plain", "plain", "captures", "clients"]))
    if how == "clients":
        think = Distribution("uniform", (0.0, draw(st.sampled_from([0.0, 4e-9]))))
        return ClosedLoop(draw(st.integers(1, 3)), think, plain.samples)
    if how == "captures":
        sensing = [number for number, section in enumerate(deployment.sections) if section.view is not None]
        captures = []
        for request, at_ns in enumerate(plain.captured_ns.tolist()):
            who = draw(st.lists(st.sampled_from(sensing), min_size=1, unique=True))
            captures += [(at_ns + (i and draw(st.integers(0, 3))), request, section) for i, section in enumerate(who)]
        return replace(plain, captures=Captures(*map(np.array, zip(*sorted(captures), strict=True))))
    return plain


@st.composite
def cases(draw: st.DrawFn, stopped: bool = False) -> tuple[Deployment, TableOracle]:
    deployment, oracle = draw(networks(draw(st.sampled_from(SHAPES)), stopped))
    service = st.sampled_from([None, None, Distribution("exponential", (4e-9,))])
    return replace(
        deployment,
        machines=tuple(draw(machines(machine)) for machine in deployment.machines),
        sections=tuple(replace(section, service=draw(service)) for section in deployment.sections),
        workload=draw(loads(deployment)),
    ), oracle


@given(cases())
@settings(max_examples=40 * TIMES, **BOUNDED)
def test_when_nothing_is_left_to_happen_every_request_is_over(case):
    """Whoever expects something knows when it will never come: nobody waits in vain."""
    trace = simulate(*case, record="messages")
    assert {r["fate"] for r in rows(trace, "requests")} <= {"answered", "lost"}
    assert len(rows(trace, "requests")) == len(case[0].workload.samples)
    for r in rows(trace, "requests"):
        assert r["reason"] == (None if r["fate"] == "answered" else "no_view" if r["exit"] is None else "reply")
    assert {r["outcome"] for r in rows(trace, "executions")} <= {"complete", "refused", "lost"}
    assert trace.end_ns == max(_times(trace) | {r["captured_ns"] for r in rows(trace, "requests")}) or _deaths(trace)


def _times(trace: Trace) -> set[int]:
    messages = {m["delivered_ns"] or m["sent_ns"] for m in rows(trace, "messages")}
    return messages | {job["end_ns"] or job["queued_ns"] for job in rows(trace, "executions")}


def _deaths(trace: Trace) -> bool:
    """Tell whether something may have ended when a node died, or in reaching it: there is no such time on record."""
    return any(node["lost"] for node in rows(trace, "nodes"))


@given(st.booleans().flatmap(cases))
@settings(max_examples=40 * TIMES, **BOUNDED)
def test_every_job_is_somewhere(case):
    deployment, _ = case
    trace = simulate(*case, record="messages")
    jobs = rows(trace, "executions")
    for node, plan in zip(rows(trace, "nodes"), deployment.machines, strict=True):
        mine = [job for job in jobs if job["node"] == plan.name]
        outcomes = Counter(job["outcome"] for job in mine)
        assert node["jobs"] == outcomes["complete"]
        assert node["refused"] == outcomes["refused"]
        assert node["lost"] >= outcomes["lost"]
        assert node["busy_ns"] <= node["servers"] * (trace.end_ns - node["down_ns"])
        assert outcomes["running"] <= node["servers"] * (plan.batching.limit if plan.batching else 1)
        if plan.queue_limit is not None:
            assert node["queue_max"] <= plan.queue_limit
            assert outcomes["queued"] <= plan.queue_limit
        if plan.power is None or plan.power.battery_fj is None:
            assert node["down_ns"] == node["lost"] == outcomes["lost"] == 0
        if plan.memory is not None:
            assert 2 <= node["memory_max_bytes"] <= plan.memory.size_bytes
        if plan.batching is None:
            starts = [job["start_ns"] for job in mine if job["start_ns"] is not None]
            assert starts == sorted(starts)
        for of_section in {(job["section"], job["exit"]) for job in mine}:
            starts = [
                j["start_ns"] for j in mine if (j["section"], j["exit"]) == of_section and j["start_ns"] is not None
            ]
            assert all(before <= after for before, after in pairwise(starts))


@given(cases())
@settings(max_examples=20 * TIMES, **BOUNDED)
def test_nobody_has_two_jobs_for_a_request(case):
    trace = simulate(*case, record="messages")
    jobs = Counter((job["request"], job["section"], job["exit"]) for job in rows(trace, "executions"))
    assert set(jobs.values()) <= {1}


@pytest.mark.parametrize("stopped", [False, True])
@given(data=st.data())
@settings(max_examples=13 * TIMES, **BOUNDED)
def test_a_record_changes_nothing(stopped, data):
    case = data.draw(cases(stopped))
    with_record, without = simulate(*case, record="messages"), simulate(*case)
    for table in ("requests", "nodes"):
        assert rows(with_record, table) == rows(without, table)
    assert with_record.end_ns == without.end_ns


@given(cases())
@settings(max_examples=20 * TIMES, **BOUNDED)
def test_each_request_is_answered_once_and_not_when_it_is_lost(case):
    trace = simulate(*case, record="messages")
    answers = Counter(d["request"] for d in rows(trace, "decisions") if d["verdict"] == "answer")
    for r in rows(trace, "requests"):
        assert answers[r["request"]] == (0 if r["reason"] == "no_view" else 1)
