"""Nodes that crash or are slow, worked out by hand: jobs, what is held, power, memory; and short recursions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from couriers import Courier, deployed, link
from deployments import NS_A_BYTE
from hypothesis import given, settings
from hypothesis import strategies as st
from mishaps import carried, crash, hops, outage, rows, run
from stations import arrivals, server, tandem

from ddnnsim.deployment import Batching, Memory, Power, Workload
from ddnnsim.distribution import Distribution
from ddnnsim.faults import Fault, Given, Slowdown
from ddnnsim.sim import simulate
from ddnnsim.trace import Trace

NONE = (None, None)


def jobs(
    at_ns: list[int], service_ns: int, faults: list[Fault], servers: int = 1, seed: int = 0, **machine: Any
) -> Trace:
    """Return a run of one machine that does a job of *service_ns* for each capture."""
    workload = Workload(np.array(at_ns, np.int64), np.zeros(len(at_ns), np.int64))
    deployment, _ = server(workload, service_ns, seed, servers, **machine)
    return run(replace(deployment, faults=tuple(faults)))


def executed(trace: Trace) -> list[tuple[int | None, int | None, str]]:
    """Return start, end and outcome of each job."""
    return [(job["start_ns"], job["end_ns"], job["outcome"]) for job in rows(trace, "executions")]


def slow(spells: list[tuple[int, int | None]], ppb: int, name: str = "slow") -> Fault:
    return Fault(name, Slowdown(ppb), Given(tuple(spells)), machines=(0,))


def test_jobs_that_wait_or_are_in_service_are_lost():
    # 0..10, 10..20 is lost at 15 with what waits; at 17 nothing is sensed; at 30 it is up.
    trace = jobs([0, 0, 0, 17, 30], 10, [crash(0, [(15, 30)])])
    assert executed(trace) == [(0, 10, "complete"), (10, None, "lost"), (*NONE, "lost"), (30, 40, "complete")]
    assert trace.requests["fate"].tolist() == [0, 2, 2, 2, 0]
    node = rows(trace, "nodes")[0]
    assert (node["jobs"], node["lost"], node["refused"], node["captures"]) == (2, 2, 0, 4)
    assert (node["busy_ns"], node["down_ns"]) == (25, 15)


def test_a_job_that_is_complete_at_the_instant_of_the_crash_is_complete():
    trace = jobs([0, 0], 15, [crash(0, [(15, 30)])])
    assert executed(trace) == [(0, 15, "complete"), (15, None, "lost")]


def test_jobs_stop_and_go_on():
    # 5 of the first until 5, 5 more from 20 on; on two servers.
    trace = jobs([0, 0, 0, 12], 10, [crash(0, [(5, 20)], "resume")], servers=2)
    assert executed(trace) == [(0, 25, "complete"), (0, 25, "complete"), (25, 35, "complete")]
    assert rows(trace, "nodes")[0]["busy_ns"] == 60
    assert rows(trace, "nodes")[0]["captures"] == 3  # it has sensed nothing at 12


def test_the_end_of_a_job_at_the_instant_of_the_crash_is_before_it():
    assert executed(jobs([0], 5, [crash(0, [(5, 20)], "resume")])) == [(0, 5, "complete")]


def test_a_job_of_no_service_is_complete_when_the_node_has_recovered():
    # It is queued at the end of the first, at 6, before the crash of that instant; nothing moves until 20.
    workload = Workload(np.array([3, 3], np.int64), np.zeros(2, np.int64))
    deployment, _ = server(workload, Distribution("mixture", (3e-9, 0.5, 0.0, 0.5)), 0)
    trace = run(replace(deployment, faults=(crash(0, [(6, 20)], "resume"),), seed=0))
    assert executed(trace) == [(3, 6, "complete"), (6, 20, "complete")]
    assert trace.requests["answered_ns"].tolist() == [6, 20]


def test_a_node_that_stays_down_keeps_no_run_going():
    trace = jobs([0, 0], 10, [crash(0, [(5, None)], "resume")])
    assert (trace.end_ns, executed(trace)) == (0, [(0, None, "running"), (*NONE, "queued")])
    trace = jobs([0, 0, 50], 10, [crash(0, [(5, None)], "resume"), crash(0, [(30, 40)], "lose", "worse")])
    assert (trace.end_ns, executed(trace)) == (50, [(0, None, "lost"), (*NONE, "lost")])


def test_what_arrives_at_a_node_that_is_down_is_lost_also_on_its_way_to_others():
    for work in ("lose", "resume"):
        deployment, oracle = tandem(arrivals(0.1, 1, 0), [Distribution("constant", (1e-9,))] * 3, 0)
        at_ns = int(deployment.workload.captured_ns[0])
        links = tuple(replace(link, rate_bps=NS_A_BYTE, delay_ns=10) for link in deployment.links)
        down = crash(1, [(at_ns + 5, at_ns + 15)], work)
        trace = simulate(replace(deployment, links=links, faults=(down,)), oracle, record="messages")
        assert rows(trace, "nodes")[1]["lost"] == 1
        assert rows(trace, "messages")[0]["outcome"] == "lost"
        assert rows(trace, "links")[0]["lost"] == 0  # it was not lost there


def test_a_node_is_slow_for_a_while():
    # 4 at full speed until 4; 3 of 8 at half speed until 10; the last 3 until 13.
    assert executed(jobs([0], 10, [slow([(4, 10)], 5 * 10**8)])) == [(0, 13, "complete")]


def test_speeds_are_multiplied_and_rounded_down():
    third = slow([(0, None)], 333_333_333)
    # floor(0.333333333 * 0.333333333 * 10^9) = 111111110: 10 ns take 10 * 10^9 / 111111110 = 90.000...9 ns.
    trace = jobs([0], 10, [third, replace(third, name="slower")])
    assert executed(trace) == [(0, 91, "complete")]


def test_a_job_of_no_service_waits_while_the_speed_is_0():
    trace = jobs([5, 20], 0, [slow([(4, 10)], 0)])
    assert executed(trace) == [(5, 10, "complete"), (20, 20, "complete")]


def test_a_batch_is_lost_as_one_and_its_wait_is_over():
    batching = Batching(4, 10, ((1, 1), (1, 1), (1, 1), (1, 1)))
    trace = jobs([0, 1, 25, 26], 6, [crash(0, [(14, 20)])], batching=batching)
    # The first two start at 10 and are lost at 14; those of 25 wait until 35, and take 12.
    assert executed(trace) == [(10, None, "lost")] * 2 + [(35, 47, "complete")] * 2
    trace = jobs([0, 1, 25], 6, [crash(0, [(5, 20)])], batching=batching)
    assert executed(trace) == [(*NONE, "lost")] * 2 + [(35, 41, "complete")]


def test_a_batch_starts_while_its_node_is_down_and_goes_on_when_it_recovers():
    batching = Batching(2, 10, ((1, 1), (1, 1)))
    assert executed(jobs([0], 6, [crash(0, [(5, 20)], "resume")], batching=batching)) == [(10, 26, "complete")]


@pytest.mark.parametrize(("work", "compute_ns", "busy_ns"), [("lose", 5, 5), ("resume", 10, 25)])
def test_a_node_that_is_down_draws_no_power(work, compute_ns, busy_ns):
    # Up 0..5 and 20..: with another job from 40 to 50 the run is over at 50: 35 ns of idle power.
    workload = Workload(np.array([0, 40], np.int64), np.zeros(2, np.int64))
    deployment, _ = server(workload, 10, 0)
    machine = replace(deployment.machines[0], power=Power(2, 3, 0, 0, None))
    trace = run(replace(deployment, machines=(machine,), faults=(crash(0, [(5, 20)], work),)))
    assert rows(trace, "nodes")[0]["energy_j"] == (2 * 35 + 3 * (compute_ns + 10)) / 1e15
    assert rows(trace, "nodes")[0]["busy_ns"] == busy_ns + 10


def test_a_node_with_an_empty_battery_does_not_recover():
    workload = Workload(np.array([0, 40], np.int64), np.zeros(2, np.int64))
    deployment, _ = server(workload, 10, 0)
    # 5 until 5, then down until 20; 5 more until 25: empty.
    machine = replace(deployment.machines[0], power=Power(1, 0, 0, 0, 10))
    faults = (crash(0, [(5, 20), (30, 35)]),)
    trace = run(replace(deployment, machines=(machine,), faults=faults))
    node = rows(trace, "nodes")[0]
    assert (node["down_ns"], node["captures"], node["energy_j"]) == (15 + 15, 1, 10 / 1e15)


def test_a_crash_empties_the_memory():
    workload = Workload(np.array([0, 1, 40], np.int64), np.zeros(3, np.int64))
    deployment, _ = server(workload, 1, 0)
    machine = replace(deployment.machines[0], memory=Memory(100, 60))
    trace = run(replace(deployment, machines=(machine,), faults=(crash(0, [(5, 20)]),)))
    assert rows(trace, "nodes")[0]["memory_max_bytes"] == 60


def test_queues_are_looked_at_when_all_else_has_happened():
    # A machine of two servers; one link of a byte a ns is idle, the other has 0..10 and 10..20. Looks at 5, 10, ...
    workload = Workload(np.array([3, 3, 3, 3], np.int64), np.zeros(4, np.int64))
    deployment, _ = server(workload, 7, 0, 2)
    trace = run(replace(deployment, window_ns=5, faults=(crash(0, [(12, 14)], "resume"),)))
    # 3..10, then 10..19 by two ns of standstill: at 10 the second two are in service, at 15 as well; none at 19.
    assert [(q["at_ns"], q["node"], q["waiting"], q["serving"]) for q in rows(trace, "queues")] == [
        (5, 0, 2, 2),
        (10, 0, 0, 2),
        (15, 0, 0, 2),
    ]
    assert trace.end_ns == 19
    links = [link(0, 1, NS_A_BYTE), link(1, 0, NS_A_BYTE)]
    sending = replace(deployed(links, [Courier((0,), 10)] * 2), window_ns=10, faults=(outage(0, [(15, 32)], "resume"),))
    looks = [q for q in rows(run(sending), "queues") if q["link"] in (0, 1)]
    assert [(q["at_ns"], q["link"], q["waiting"], q["serving"]) for q in looks] == [
        *((10, 0, 0, 1), (10, 1, 0, 0)),
        *((20, 0, 0, 1), (20, 1, 0, 0)),
        *((30, 0, 0, 1), (30, 1, 0, 0)),
    ]


# --- recursions: servers and FIFO links that fail, message by message ---------------------------------


Spell = tuple[int, int]


@st.composite
def spells(draw: st.DrawFn) -> list[Spell]:
    """Draw spells that follow one another, now and then at once."""
    found, at = [], 0
    for _ in range(draw(st.integers(0, 5))):
        begin = at + draw(st.integers(0, 20))
        at = begin + draw(st.integers(1, 20))
        found.append((begin, at))
    return found


def queued(at: list[int], sizes: list[int], down: list[Spell]) -> list[int | None]:
    """Return when each of *sizes*, that come *at*, has been done one after another; None: it was lost.

    What is under way, or waits, when one of the spells *down* begins is lost; so is what comes within.
    """
    free, failed, ends = 0, -1, []
    for came, size in zip(at, sizes, strict=True):
        end = max(came, free) + size
        failure = next((begin for begin, _ in down if came < begin and (begin < end or begin == failed)), None)
        if any(begin <= came < until for begin, until in down):
            ends.append(None)
        elif failure is None:
            ends.append(end)
            free = end
        else:
            ends.append(None)
            free = failed = failure
    return ends


def stopped(at: list[int], sizes: list[int], down: list[Spell]) -> list[int]:
    """Return when each of *sizes* has been done, where nothing moves within the spells *down*."""
    free, ends = 0, []
    for came, size in zip(at, sizes, strict=True):
        now, left = _up(max(came, free), down), size
        while left:
            begin = min((begin for begin, _ in down if begin > now), default=now + left)
            step = min(left, begin - now)
            now, left = now + step, left - step
            if left:
                now = _up(now, down)
        free = now
        ends.append(now)
    return ends


def _up(now: int, down: list[Spell]) -> int:
    while held := [until for begin, until in down if begin <= now < until]:
        now = max(held)
    return now


TIMES = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 15)), min_size=1, max_size=12).map(sorted)


@given(TIMES, spells())
@settings(max_examples=60)
def test_a_link_that_loses_message_by_message(traffic, down):
    at, sizes = map(list, zip(*traffic, strict=True))
    assert delivered(at, sizes, down, "lose") == queued(at, sizes, down)


@given(TIMES, spells())
@settings(max_examples=60)
def test_a_link_that_resumes_message_by_message(traffic, down):
    at, sizes = map(list, zip(*traffic, strict=True))
    assert delivered(at, sizes, down, "resume") == stopped(at, sizes, down)


def delivered(at: list[int], sizes: list[int], down: list[Spell], work: str) -> list[int | None]:
    sending = [Courier((0,), size, came) for came, size in zip(at, sizes, strict=True)]
    trace = carried([link(0, 1, NS_A_BYTE)], sending, [outage(0, down, work)])
    return [arrived for _, _, arrived, _ in hops(trace)]


@given(TIMES, spells(), st.integers(1, 10))
@settings(max_examples=60)
def test_a_server_that_loses_job_by_job(traffic, down, service):
    at = [came for came, _ in traffic]
    trace = jobs(at, service, [crash(0, down)])
    assert trace.requests["answered_ns"].tolist() == queued(at, [service] * len(at), down)


@given(TIMES, spells(), st.integers(1, 10))
@settings(max_examples=60)
def test_a_server_that_resumes_job_by_job(traffic, down, service):
    at = [came for came, _ in traffic]
    sensed = [came for came in at if not any(begin <= came < until for begin, until in down)]
    answered = [end for end in jobs(at, service, [crash(0, down, "resume")]).requests["answered_ns"].tolist() if end]
    assert answered == stopped(sensed, [service] * len(sensed), down)
