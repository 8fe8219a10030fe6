"""Deadlines of exits, step by step.

The times of `cameras_and_cloud`: cameras compute until 7, their summaries are at the gateway at 14, the decision is
made at 17, orders are with the cameras at 22, features with the cloud at 40 and (behind them) 44.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import pytest
from deployments import Tree
from hypothesis import given, settings
from hypothesis import strategies as st
from stages import LINK, cameras_and_cloud, fates, jobs, rows, run

from ddnnsim.deployment import Deployment, Exit, Power, Section
from ddnnsim.recovery import Deadline
from ddnnsim.trace import Trace

UNSURE = 0.9
LOCAL, CLOUD = 0, 1


def with_deadline(deployment: Deployment, exit_: int, after_ns: int, since: str = "capture") -> Deployment:
    """Return *deployment* in which the exit *exit_* has a deadline."""
    exits = list(deployment.exits)
    exits[exit_] = replace(exits[exit_], deadline=Deadline(after_ns, since))
    return replace(deployment, exits=tuple(exits))


def with_service(deployment: Deployment, section: int, service_ns: int) -> Deployment:
    sections = list(deployment.sections)
    sections[section] = replace(sections[section], service_ns=service_ns)
    return replace(deployment, sections=tuple(sections))


def seen(trace: Trace) -> list[tuple[str | None, int]]:
    """Return by request the views behind the answer, and how many came late."""
    return [(r["views"], r["late"]) for r in rows(trace, "requests")]


def sent(trace: Trace, *kinds: str) -> list[tuple[int, str, str]]:
    """Return the messages of *kinds*: when, what, from where."""
    return [(m["sent_ns"], m["kind"], m["source"]) for m in rows(trace, "messages") if m["kind"] in kinds]


# the lowest exit


@pytest.mark.parametrize(
    ("after_ns", "decision", "due"),
    [
        (18, ("local", 17, 20, "complete"), ("11", 0)),
        (17, ("local", 17, 20, "complete"), ("11", 0)),  # the view arrives at that very instant: in time
        (16, ("local", 16, 19, "complete"), ("10", 1)),
        (14, ("local", 14, 17, "complete"), ("10", 1)),
    ],
)
def test_a_decision_waits_until_the_deadline(after_ns, decision, due):
    trace = run(with_deadline(with_service(cameras_and_cloud(2, [0]), 1, 10), LOCAL, after_ns))
    assert jobs(trace)[-1] == decision
    assert seen(trace) == [due]
    assert fates(trace) == [("answered", None, decision[2])]


def test_an_exit_without_any_view_decides_nothing():
    trace = run(with_deadline(cameras_and_cloud(2, [0]), LOCAL, 13))
    assert fates(trace) == [("lost", "no_view", None)]
    assert seen(trace) == [(None, 2)]
    assert trace.end_ns == 14


def test_a_deadline_of_no_time_comes_after_all_captures_of_the_instant():
    trace = run(with_deadline(with_service(cameras_and_cloud(2, [5]), 1, 0), LOCAL, 0))
    assert fates(trace) == [("lost", "no_view", None)]
    assert len(jobs(trace)) == 2


def test_the_first_view_begins_a_deadline():
    deployment = with_service(cameras_and_cloud(3, [0]), 1, 10)  # the summaries come at 14, 17 and 14 or 27
    for last_ns, after_ns, start_ns, due in [(20, 3, 17, ("110", 1)), (20, 2, 16, ("100", 2)), (7, 2, 16, ("101", 1))]:
        trace = run(with_deadline(with_service(deployment, 2, last_ns), LOCAL, after_ns, "first_view"))
        assert jobs(trace)[-1] == ("local", start_ns, start_ns + 3, "complete")
        assert seen(trace) == [due]


def test_a_deadline_is_that_of_each_request():
    deployment = with_service(cameras_and_cloud(2, [0, 4]), 1, 10)  # camera 1 is done at 10 and 20: 17 and 27
    trace = run(with_deadline(deployment, LOCAL, 20))
    assert jobs(trace)[-2:] == [("local", 17, 20, "complete"), ("local", 24, 27, "complete")]
    assert seen(trace) == [("11", 0), ("10", 1)]


def test_a_first_view_begins_no_deadline_of_a_request_that_is_over():
    """Group 0 answers at 17; summaries come to group 1 at 37 and 47, and its decision waits for both."""
    deployment = with_deadline(two_groups([7, 7, 30, 40]), 1, 5, "first_view")
    trace = run(deployment, 0.1, UNSURE)
    assert fates(trace) == [("answered", None, 17)]
    assert jobs(trace)[-1] == ("local 1", 47, 50, "complete")


# escalation


def test_a_camera_whose_summary_is_late_is_told_to_escalate():
    trace = run(with_deadline(with_service(cameras_and_cloud(2, [0]), 1, 10), LOCAL, 16), UNSURE)
    assert sent(trace, "control", "features") == [
        (19, "control", "gateway"),
        (19, "control", "gateway"),
        (24, "features", "camera 0"),
        (24, "features", "camera 1"),
    ]
    assert jobs(trace)[-1] == ("cloud", 46, 56, "complete")
    assert seen(trace) == [("11", 1)]


def test_a_camera_that_is_told_before_it_is_ready_sends_both_when_it_is():
    """The order comes at 24; it computes until 30, sends its summary, and behind it, from 32 on, its features."""
    trace = run(with_deadline(with_service(cameras_and_cloud(2, [0]), 1, 30), LOCAL, 16), UNSURE)
    assert sent(trace, "summary", "features") == [
        (7, "summary", "camera 0"),
        (24, "features", "camera 0"),
        (30, "summary", "camera 1"),
        (30, "features", "camera 1"),
    ]
    assert jobs(trace)[-1] == ("cloud", 50, 60, "complete")  # 36, 41 at the gateway, 45, 50
    assert seen(trace) == [("11", 1)]


@pytest.mark.parametrize("service_ns", [23, 24, 25])
def test_an_order_may_come_before_at_and_after_the_completion(service_ns):
    """The order comes at 24."""
    trace = run(with_deadline(with_service(cameras_and_cloud(2, [0]), 1, service_ns), LOCAL, 16), UNSURE)
    features = [m for m in rows(trace, "messages") if m["kind"] == "features" and m["source"] == "camera 1"]
    assert [m["sent_ns"] for m in features] == [max(24, service_ns)]
    assert seen(trace) == [("11", 1)]


def test_a_camera_whose_job_is_lost_after_the_order_tells_the_cloud():
    deployment = with_deadline(with_service(cameras_and_cloud(2, [0]), 1, 60), LOCAL, 16)
    machines = list(deployment.machines)
    for death_ns, start_ns in [(30, 42), (50, 50)]:  # camera 0's features come at 42
        machines[1] = replace(machines[1], power=Power(1, 0, 0, 0, death_ns))
        trace = run(replace(deployment, machines=tuple(machines)), UNSURE)
        assert jobs(trace)[-1] == ("cloud", start_ns, start_ns + 10, "complete")
        assert seen(trace) == [("10", 0)]


def test_a_camera_that_never_computes_is_not_told():
    """Its job is lost at 12, before the decision: the cloud knows from 19 on."""
    deployment = with_deadline(with_service(cameras_and_cloud(3, [0]), 1, 60), LOCAL, 16)
    machines = list(deployment.machines)
    machines[1] = replace(machines[1], power=Power(1, 0, 0, 0, 12))
    trace = run(with_service(replace(deployment, machines=tuple(machines)), 2, 12), UNSURE)
    assert len(sent(trace, "control")) == 2
    assert seen(trace) == [("101", 1)]


# levels above


@pytest.mark.parametrize(
    ("after_ns", "start_ns", "due"),
    [(44, 44, ("11", 0)), (43, 43, ("10", 1)), (40, 40, ("10", 1))],
)
def test_the_cloud_waits_until_its_deadline(after_ns, start_ns, due):
    trace = run(with_deadline(cameras_and_cloud(2, [0]), CLOUD, after_ns), UNSURE)
    assert jobs(trace)[-1] == ("cloud", start_ns, start_ns + 10, "complete")
    assert seen(trace) == [due]


def test_the_cloud_without_any_view_loses_what_is_left_to_it():
    trace = run(with_deadline(cameras_and_cloud(2, [0]), CLOUD, 39), UNSURE)
    assert fates(trace) == [("lost", "deadline", None)]
    assert seen(trace) == [(None, 2)]
    assert trace.end_ns == 44  # what was sent arrives


def test_the_cloud_is_only_closed_while_the_gateway_has_still_to_decide():
    """At 17 the deadline of that instant, of class 5, finds the decision made, and the orders gone."""
    deployment = cameras_and_cloud(2, [0])
    for after_ns in (0, 10, 16):
        assert fates(run(with_deadline(deployment, CLOUD, after_ns), 0.1)) == [("answered", None, 17)]
        trace = run(with_deadline(deployment, CLOUD, after_ns), UNSURE)
        assert fates(trace) == [("lost", "out_of_reach", None)]
        assert sent(trace, "control") == []
        assert trace.end_ns == 17
    trace = run(with_deadline(deployment, CLOUD, 17), UNSURE)
    assert fates(trace) == [("lost", "deadline", None)]
    assert len(sent(trace, "control")) == 2
    assert seen(trace) == [(None, 2)]


def test_a_deadline_that_is_not_needed_keeps_no_run_going():
    deployment = with_deadline(with_deadline(cameras_and_cloud(2, [0]), LOCAL, 1000), CLOUD, 2000)
    assert run(deployment).end_ns == 17
    assert run(deployment, UNSURE).end_ns == 54


def test_an_exit_apart_from_its_section_closes_the_section_first():
    """The cloud's exit is at the gateway: its section runs on what is there at 41, and its scores come after that."""
    deployment = cameras_and_cloud(2, [0])
    exits = (deployment.exits[0], replace(deployment.exits[1], machine=2, service_ns=3))
    deployment = replace(deployment, exits=exits, routes={**deployment.routes, (3, 2): (5,)})
    trace = run(with_deadline(deployment, CLOUD, 41), UNSURE)
    assert jobs(trace)[-1] == ("cloud", 41, 51, "complete")
    assert fates(trace) == [("lost", "deadline", None)]
    assert seen(trace) == [(None, 2)]  # camera 1's at the section, and camera 0's at the exit
    trace = run(with_deadline(deployment, CLOUD, 62), UNSURE)  # 54, 56, 61
    assert fates(trace) == [("answered", None, 64)]
    trace = run(with_deadline(deployment, CLOUD, 39), UNSURE)
    assert fates(trace) == [("lost", "deadline", None)]


def test_sensors_that_are_late():
    """Two views of 4 bytes: at the gateway at 9, in the cloud at 18 and 22."""
    deployment = cameras_and_cloud(2, [0])
    sensors = [replace(s, exit=None, raw_bytes=(4,)) for s in deployment.sections[:2]]
    cloud = replace(deployment.sections[2], exit=0)
    deployment = replace(deployment, sections=(*sensors, cloud), exits=(replace(deployment.exits[1], sections=(2,)),))
    for after_ns, fate, due in [
        (22, ("answered", None, 32), ("11", 0)),
        (21, ("answered", None, 31), ("10", 1)),
        (17, ("lost", "no_view", None), (None, 2)),
    ]:
        trace = run(with_deadline(deployment, 0, after_ns))
        assert (fates(trace), seen(trace)) == ([fate], [due])


# groups


def two_groups(services_ns: Sequence[int]) -> Deployment:
    """Return two groups of two cameras, a gateway with an exit for each, and the cloud as their coordinator.

    As in `cameras_and_cloud`, by group: with services of 7 decisions at 17, verdicts with the cloud at 22, orders
    (of no bytes) at the cameras at 32; features at 41 at a gateway, and from 50 on in the cloud.
    """
    tree = Tree()
    for i in range(4):
        tree.machine(f"camera {i}", "device")
    gateways = [tree.machine(f"gateway {i}", "edge") for i in range(2)]
    cloud = tree.machine("cloud", "cloud")
    for i in range(4):
        tree.join(i, gateways[i // 2], LINK, LINK)
    for gateway in gateways:
        tree.join(gateway, cloud, LINK, LINK)
    sections = [Section(f"camera {i}", 0, i, i // 2, 4, i, services_ns[i], 2, 4) for i in range(4)]
    sections.append(Section("cloud", 1, cloud, 2, None, None, 10, 2, 0))
    exits = [Exit(f"local {i}", 0, gateways[i], (2 * i, 2 * i + 1), "entropy", 0.5, 3, 0, 2) for i in range(2)]
    exits.append(Exit("cloud", 1, cloud, (4,), "entropy", None, None, 0))
    return tree.deployment(sections, exits, [0], [0])


def test_an_exit_of_a_group_without_any_view_counts_as_a_no():
    """Group 1 has nothing at 13; group 0's no is in the cloud at 22. Orders go to all; camera 2 is ready at 60."""
    deployment = with_deadline(two_groups([7, 7, 60, 7]), 1, 13)
    trace = run(deployment, UNSURE, UNSURE)
    assert [m[0] for m in sent(trace, "control")] == [17, 22, 22, 22, 22]
    assert jobs(trace)[-1] == ("cloud", 80, 90, "complete")  # summary until 62, features until 66, 71, 75, 80
    assert seen(trace) == [("1111", 2)]


def test_groups_none_of_which_has_a_view_in_time():
    deployment = with_deadline(with_deadline(two_groups([7, 7, 7, 7]), 0, 13), 1, 12)
    trace = run(deployment, UNSURE, UNSURE)
    assert fates(trace) == [("lost", "no_view", None)]
    assert sent(trace, "control") == []


def test_two_exits_that_are_confident_by_their_deadlines():
    """Both decide at 16 on one view: the lower one answers."""
    deployment = with_deadline(with_deadline(two_groups([6, 20, 6, 20]), 0, 13), 1, 13)
    trace = run(deployment)
    assert fates(trace) == [("answered", None, 16)]
    assert rows(trace, "requests")[0]["exit"] == "local 0"
    assert [(d["exit"], d["verdict"]) for d in rows(trace, "decisions")] == [
        ("local 0", "answer"),
        ("local 1", "superseded"),
    ]


def test_a_cloud_that_is_closed_before_its_groups_have_decided():
    deployment = with_deadline(two_groups([7, 7, 7, 7]), 2, 20)
    trace = run(deployment, UNSURE, UNSURE)  # all have decided: nobody below is left
    assert fates(trace) == [("lost", "deadline", None)]
    deployment = with_deadline(two_groups([7, 7, 7, 7]), 2, 16)
    trace = run(deployment, UNSURE, UNSURE)  # known at 22 to be out of reach
    assert fates(trace) == [("lost", "out_of_reach", None)]
    assert trace.end_ns == 22


# any services: a recursion of its own


@given(
    st.lists(st.integers(0, 9), min_size=3, max_size=3),
    st.lists(st.integers(0, 8), min_size=1, max_size=6),
    st.integers(0, 30),
    st.sampled_from(["capture", "first_view"]),
    st.integers(0, 5),
)
@settings(max_examples=60)
def test_a_star_of_cameras_by_a_recursion(services_ns, gaps_ns, after_ns, since, decision_ns):
    """Each camera a FIFO queue, then 2 ns for its scores, one after another, and 5 of delay; one gateway decides."""
    captured_ns = list(accumulate(gaps_ns))
    deployment = with_deadline(cameras_and_cloud(3, captured_ns), LOCAL, after_ns, since)
    exits = (replace(deployment.exits[0], service_ns=decision_ns), deployment.exits[1])
    deployment = replace(deployment, exits=exits)
    for camera in range(3):
        deployment = with_service(deployment, camera, services_ns[camera])
    trace = run(deployment)

    ready = []  # (when the gather is closed, whether by the deadline, request, which views are in time)
    done_ns, sent_ns = [0] * 3, [0] * 3
    for request, at_ns in enumerate(captured_ns):
        arrivals_ns = []
        for camera, service_ns in enumerate(services_ns):
            done_ns[camera] = max(done_ns[camera], at_ns) + service_ns
            sent_ns[camera] = max(sent_ns[camera], done_ns[camera]) + 2
            arrivals_ns.append(sent_ns[camera] + 5)
        deadline_ns = (at_ns if since == "capture" else min(arrivals_ns)) + after_ns
        in_time = [arrival_ns <= deadline_ns for arrival_ns in arrivals_ns]
        ready.append((min(deadline_ns, max(arrivals_ns)), not all(in_time), request, in_time))
    due: list[tuple[str, str | None, int | None]] = [("lost", "no_view", None)] * len(ready)
    free_ns = 0
    for closed_ns, _, request, in_time in sorted(ready):
        if any(in_time):
            free_ns = max(free_ns, closed_ns) + decision_ns
            due[request] = ("answered", None, free_ns)
    assert fates(trace) == due
    in_times = [gather[-1] for gather in ready]
    views = ["".join("01"[view] for view in in_time) if any(in_time) else None for in_time in in_times]
    assert seen(trace) == [(of, 3 - sum(in_time)) for of, in_time in zip(views, in_times, strict=True)]
