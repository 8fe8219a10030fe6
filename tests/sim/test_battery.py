"""What a node uses, and when it has used up what there is. A microwatt is a femtojoule a nanosecond."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from deployments import SHAPES, networks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stages import cameras_and_cloud, fates, jobs, lone_node, rows, run, workload

from ddnnsim.deployment import Deployment, Machine, Power
from ddnnsim.sim import simulate
from ddnnsim.sim.clock import IdleClock
from ddnnsim.sim.power import Battery
from ddnnsim.trace import Trace

LOST = ("lost", "no_view", None)


def node(idle: int, compute: int, battery: int | None, servers: int = 1) -> Machine:
    return Machine("node", "device", servers, power=Power(idle, compute, 0, 0, battery))


def powered(deployment: Deployment, machine: int, power: Power) -> Deployment:
    machines = list(deployment.machines)
    machines[machine] = replace(machines[machine], power=power)
    return replace(deployment, machines=tuple(machines))


def used_fj(trace: Trace, machine: int = 0) -> int:
    return round(rows(trace, "nodes")[machine]["energy_j"] * 10**15)


def test_it_is_empty_at_the_next_whole_nanosecond():
    """2 a nanosecond of 21: at 10.5."""
    trace = run(lone_node(node(2, 0, 21), workload([0, 5, 10, 11])))
    assert jobs(trace) == [
        ("net", 0, 10, "complete"),
        ("net", 10, None, "lost"),
        ("net", None, None, "lost"),  # what comes at 11 senses nothing: there is no job
    ]
    assert fates(trace) == [("answered", None, 10), LOST, LOST, LOST]
    at = rows(trace, "nodes")[0]
    assert at["captures"] == 3
    assert (at["jobs"], at["lost"], at["refused"], at["busy_ns"], at["down_ns"]) == (1, 2, 0, 11, 0)
    assert used_fj(trace) == 22
    assert trace.end_ns == 11


def test_servers_that_are_busy_use_it_up_sooner():
    """4 a nanosecond until 10, then 1, from 15 on 4 of the 5 that are left: until 16.25."""
    trace = run(lone_node(node(1, 3, 50), workload([0, 15])))
    assert jobs(trace) == [("net", 0, 10, "complete"), ("net", 15, None, "lost")]
    assert trace.end_ns == 17
    assert used_fj(trace) == 40 + 5 + 8


def test_each_server_uses_its_own():
    """3 a nanosecond until 4, then 5 of the 10 that are left."""
    trace = run(lone_node(node(1, 2, 22, servers=2), workload([0, 4])))
    assert jobs(trace) == [("net", 0, None, "lost"), ("net", 4, None, "lost")]
    assert trace.end_ns == 6


def test_a_job_due_at_the_end_is_complete_and_a_capture_of_then_is_none():
    trace = run(lone_node(node(1, 9, 100), workload([0, 10])))
    assert jobs(trace) == [("net", 0, 10, "complete")]
    assert fates(trace) == [("answered", None, 10), LOST]


def test_a_battery_keeps_no_run_going():
    trace = run(lone_node(node(1, 0, 1000), workload([0])))
    assert trace.end_ns == 10
    assert rows(trace, "nodes")[0]["down_ns"] == 0
    assert used_fj(trace) == 10
    trace = run(lone_node(node(1, 0, 1000), workload([0]), until_ns=1600))
    assert trace.end_ns == 1600
    assert rows(trace, "nodes")[0]["down_ns"] == 600
    assert used_fj(trace) == 1000


@pytest.mark.parametrize("until_ns", [10, 11])
def test_until_comes_before_what_is_due_then(until_ns):
    trace = run(lone_node(node(1, 0, 10), workload([0]), service_ns=20, until_ns=until_ns))
    assert jobs(trace) == [("net", 0, None, "lost" if until_ns == 11 else "running")]
    assert rows(trace, "nodes")[0]["down_ns"] == until_ns - 10


def test_mains_power_is_counted_too():
    trace = run(lone_node(node(2, 3, None), workload([0, 15])))
    assert used_fj(trace) == 2 * 25 + 3 * 20
    assert rows(run(lone_node(Machine("node", "device", 1), workload([0]))), "nodes")[0]["energy_j"] is None


def test_the_byte_that_empties_it_is_still_sent():
    trace = run(powered(cameras_and_cloud(2, [0, 100]), 1, Power(0, 0, 5, 0, 10)), 0.9)
    assert [r["views"] for r in rows(trace, "requests")] == ["10", "10"]  # the summary came, the features are gone
    local = [d["views"] for d in rows(trace, "decisions") if d["exit"] == "local"]
    assert local == ["11", "10"]
    assert used_fj(trace, 1) == 10
    assert rows(trace, "nodes")[1]["down_ns"] == trace.end_ns - 7


@pytest.mark.parametrize(
    ("battery", "lost", "local"),
    [
        (6, 1, [("local", None, None, "refused")]),  # by the first summary at 14; the other comes to a dead node
        (12, 1, [("local", 14, None, "lost")]),  # by the second, with which the decision starts
        (13, 0, [("local", 14, 17, "complete")]),
    ],
)
def test_the_byte_that_empties_it_is_still_taken_in(battery, lost, local):
    trace = run(powered(cameras_and_cloud(2, [0]), 2, Power(0, 0, 0, 3, battery)))
    assert [job for job in jobs(trace) if job[0] == "local"] == local
    at = rows(trace, "nodes")[2]
    assert at["lost"] == lost
    assert used_fj(trace, 2) == min(battery, 12)
    assert fates(trace)[0][0] == ("answered" if local[-1:] == [("local", 14, 17, "complete")] else "lost")


def test_to_forward_costs_both_ways():
    trace = run(powered(cameras_and_cloud(2, [0]), 2, Power(0, 0, 1, 100, None)), 0.9)
    # in: two summaries of 2 bytes and features of 4; out: orders of none, and the features again
    assert used_fj(trace, 2) == 100 * (4 + 8) + 8


def test_what_stays_on_its_node_costs_nothing():
    deployment = cameras_and_cloud(2, [0])
    sections = [replace(section, machine=2) for section in deployment.sections[:2]]
    routes = {**deployment.routes, (2, 3): (4,)}
    deployment = replace(deployment, sections=(*sections, deployment.sections[2]), routes=routes)
    assert used_fj(run(powered(deployment, 2, Power(0, 0, 1, 1, None))), 2) == 0


@given(
    gaps=st.lists(st.integers(0, 12), min_size=1, max_size=12),
    servers=st.integers(1, 3),
    idle=st.integers(0, 3),
    compute=st.integers(0, 5),
    battery=st.integers(1, 200),
)
@settings(max_examples=150, deadline=None)
def test_a_clock_that_ticks_gives_the_same_end(gaps, servers, idle, compute, battery):
    """Nanosecond by nanosecond: what is complete, then whether it is empty, then captures, then what it uses."""
    captured_ns = [sum(gaps[: i + 1]) for i in range(len(gaps))]
    running, waiting, used = dict[int, int](), list[int](), 0
    due = dict.fromkeys(range(len(gaps)))
    now = 0
    dead_ns = None
    while len(waiting) + len(running) > 0 or now <= captured_ns[-1]:
        for job in [job for job, end in running.items() if end == now]:
            del running[job]
            due[job] = now
            if waiting:
                running[waiting.pop(0)] = now + 10
        if used >= battery:
            dead_ns = now
            break
        for job in [job for job, at in enumerate(captured_ns) if at == now]:
            if len(running) < servers:
                running[job] = now + 10
            else:
                waiting.append(job)
        used += idle + compute * len(running)
        now += 1
    trace = run(lone_node(node(idle, compute, battery, servers), workload(captured_ns)))
    assert [at for *_, at in fates(trace)] == list(due.values())
    at = rows(trace, "nodes")[0]
    if dead_ns is not None and due[len(gaps) - 1] is None:
        assert at["down_ns"] == trace.end_ns - dead_ns
    assert at["lost"] == len(running) + len(waiting) if dead_ns is not None else at["lost"] == 0


@given(
    case=st.sampled_from(SHAPES).flatmap(networks),
    idle=st.integers(0, 3),
    compute=st.integers(0, 3),
    send=st.integers(0, 3),
    receive=st.integers(0, 3),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_energy_is_that_of_time_and_jobs_and_bytes(case, idle, compute, send, receive):
    deployment, oracle = case
    power = Power(idle, compute, send, receive, None)
    machines = tuple(replace(machine, power=power) for machine in deployment.machines)
    trace = simulate(replace(deployment, machines=machines), oracle, record="messages")
    for at in rows(trace, "nodes"):
        moved = 0
        for link in rows(trace, "links"):
            size = sum(link[f"{kind}_bytes"] for kind in ("summary", "features", "raw", "control", "reply"))
            moved += size * (send * (link["source"] == at["node"]) + receive * (link["target"] == at["node"]))
        due = Fraction(idle * trace.end_ns + compute * at["busy_ns"] + moved, 10**15)
        assert at["energy_j"] == float(due)


def test_a_battery_is_looked_at_once_however_many_bytes_are_sent():
    clock = IdleClock()
    battery = Battery(clock, 0, Power(1, 0, 1, 1, None), 10**9)
    for _ in range(1000):
        battery.sent(1)
    clock.run(until=10)
    battery.empty = lambda: None
    clock.run()
    assert clock.now == 10  # nothing is left that keeps it going
    assert clock.peek() == 10**9 - 1000
    clock.step()
    assert battery.empty_ns == 10**9 - 1000
    assert clock.peek() == float("inf")  # and no look was left behind
