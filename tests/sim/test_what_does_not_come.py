"""Who learns when that something will never come, and what is made of the rest: step by step.

The times of `cameras_and_cloud`: cameras compute until 7, their summaries are at the gateway at 14, the decision is
made at 17, orders are with the cameras at 22, features with the cloud at 40 and (behind them) 44.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from deployments import Tree
from stages import LINK, cameras_and_cloud, fates, jobs, lone_node, rows, run, workload

from ddnnsim.deployment import Deployment, Exit, Machine, Power, Section
from ddnnsim.trace import Trace

LOST = ("lost", "no_view", None)
UNSURE = 0.9


def without_queue(deployment: Deployment, *machines: int) -> Deployment:
    """Return *deployment* in which *machines* refuse what they cannot start at once."""
    return replace(
        deployment,
        machines=tuple(
            replace(machine, queue_limit=0) if number in machines else machine
            for number, machine in enumerate(deployment.machines)
        ),
    )


def dead_from(deployment: Deployment, machine: int, at_ns: int) -> Deployment:
    """Return *deployment* in which *machine* dies at *at_ns*, of being idle."""
    machines = list(deployment.machines)
    machines[machine] = replace(machines[machine], power=Power(1, 0, 0, 0, at_ns))
    return replace(deployment, machines=tuple(machines))


def messages(trace: Trace, request: int) -> list[tuple[int, str, str, str]]:
    """Return the messages of *request*: when, what, from where and to where."""
    return [
        (m["sent_ns"], m["kind"], m["source"], m["target"]) for m in rows(trace, "messages") if m["request"] == request
    ]


def views(trace: Trace) -> list[str | None]:
    return [r["views"] for r in rows(trace, "requests")]


def test_an_exit_does_without_the_summary_of_a_job_that_is_refused():
    trace = run(without_queue(cameras_and_cloud(2, [0, 2]), 1), UNSURE)
    assert messages(trace, 1) == [
        (14, "summary", "camera 0", "gateway"),
        (24, "control", "gateway", "camera 0"),  # camera 1 has nothing to send
        (29, "features", "camera 0", "cloud"),
    ]
    assert jobs(trace)[-2:] == [("cloud", 44, 54, "complete"), ("cloud", 54, 64, "complete")]
    assert views(trace) == ["11", "10"]
    assert fates(trace)[1] == ("answered", None, 64)


def test_a_decision_waits_for_what_is_still_to_come_alone():
    """A camera's second job is refused at 2, after which the other's summary comes; or it is refused last, at 30."""
    deployment = without_queue(cameras_and_cloud(2, [0, 2]), 1)
    assert jobs(run(deployment))[-1] == ("local", 21, 24, "complete")
    slow = replace(deployment.sections[1], service_ns=100)
    late = replace(deployment, sections=(deployment.sections[0], slow, deployment.sections[2]))
    trace = run(late)
    assert [job for job in jobs(trace) if job[0] == "local"] == [
        ("local", 21, 24, "complete"),
        ("local", 107, 110, "complete"),
    ]
    assert views(trace) == ["11", "10"]


def test_a_request_without_any_view_is_lost_at_once():
    trace = run(without_queue(cameras_and_cloud(2, [0, 2]), 0, 1))
    assert fates(trace) == [("answered", None, 17), LOST]
    assert messages(trace, 1) == []
    assert [job for job in jobs(trace) if job[0] == "local"] == [("local", 14, 17, "complete")]
    assert trace.end_ns == 17


@pytest.mark.parametrize(("threshold", "answer"), [(None, LOST), (0.5, LOST)])
def test_the_exit_in_a_job_is_told_by_it(threshold, answer):
    deployment = without_queue(lone_node(Machine("node", "device", 1), workload([0, 9])), 0)
    if threshold is not None:
        cloud = Section("cloud", 1, 0, 1, None, None, 1, 0, 0)
        sections = (replace(deployment.sections[0], parent=1), cloud)
        exits = (replace(deployment.exits[0], threshold=threshold), Exit("cloud", 1, 0, (1,), "entropy", None, None, 0))
        deployment = replace(deployment, sections=sections, exits=exits)
    trace = run(deployment)
    assert fates(trace) == [("answered", None, 10), answer]
    assert len(rows(trace, "decisions")) == 1


def test_a_refusal_at_the_top_loses_the_request():
    deployment = cameras_and_cloud(1, [0, 5])
    deployment = without_queue(deployment, 2)
    slow = replace(deployment.sections[1], service_ns=30)
    trace = run(replace(deployment, sections=(deployment.sections[0], slow)), UNSURE)
    assert [job for job in jobs(trace) if job[0] == "cloud"] == [
        ("cloud", 40, 70, "complete"),
        ("cloud", None, None, "refused"),
    ]
    assert fates(trace) == [("answered", None, 70), LOST]


def test_a_parent_does_without_the_features_of_a_section_that_has_no_exit():
    deployment = without_queue(cameras_and_cloud(2, [0, 2]), 1)
    sections = [replace(section, exit=None) for section in deployment.sections[:2]]
    sections.append(replace(deployment.sections[2], exit=0))
    last = replace(deployment.exits[1], sections=(2,))
    trace = run(replace(deployment, sections=tuple(sections), exits=(last,)))
    assert views(trace) == ["11", "10"]
    # features leave at 7 and 14, and are with the cloud at 25, 29 and 32; the first job takes until 39
    assert jobs(trace)[-2:] == [("cloud", 29, 39, "complete"), ("cloud", 39, 49, "complete")]


def test_an_exit_beside_others_that_has_nothing_to_decide_on_counts_as_a_no():
    deployment = groups([0, 2], 0)
    trace = run(without_queue(deployment, 0), UNSURE, UNSURE)
    # a camera's exit is part of its job; the coordinator hears of the refusal at 2 and of the other's no at 14 + 5
    assert messages(trace, 1) == [
        (14, "control", "camera 1", "cloud"),
        (19, "control", "cloud", "camera 1"),
        (24, "features", "camera 1", "cloud"),
    ]
    # the features are there at 33, the cloud has computed the first request from 26 to 36
    assert fates(trace)[1] == ("answered", None, 46)
    assert views(trace) == ["11", "01"]


def test_a_coordinator_none_of_whose_exits_decided_loses_the_request():
    trace = run(without_queue(groups([0, 2], 0), 0, 1), UNSURE, UNSURE)
    assert fates(trace)[1] == LOST
    assert messages(trace, 1) == []


def groups(captured_ns: list[int], control_bytes: int) -> Deployment:
    """Return two cameras with an exit each, and the cloud as their coordinator, 5 ns away."""
    tree = Tree()
    for i in range(2):
        tree.machine(f"camera {i}", "device")
    cloud = tree.machine("cloud", "cloud")
    for i in range(2):
        tree.join(i, cloud, LINK, LINK)
    sections = [Section(f"camera {i}", 0, i, i, 2, i, 7, 2, 4) for i in range(2)]
    sections.append(Section("cloud", 1, cloud, 2, None, None, 10, 2, 0))
    exits = [Exit(f"local {i}", 0, i, (i,), "entropy", 0.5, None, control_bytes, 2) for i in range(2)]
    exits.append(Exit("cloud", 1, cloud, (2,), "entropy", None, None, 0))
    return tree.deployment(sections, exits, captured_ns, [0] * len(captured_ns))


# --- dead nodes -----------------------------------------------------------------------------------


def test_a_summary_that_comes_to_a_dead_gateway_is_lost():
    trace = run(dead_from(cameras_and_cloud(2, [0]), 2, 10))
    assert fates(trace) == [LOST]
    assert trace.end_ns == 14
    at = rows(trace, "nodes")[2]
    assert (at["lost"], at["refused"], at["down_ns"]) == (2, 0, 4)


def test_a_decision_dies_with_its_node():
    trace = run(dead_from(cameras_and_cloud(2, [0]), 2, 16))
    assert jobs(trace)[-1] == ("local", 14, None, "lost")
    assert fates(trace) == [LOST]
    assert trace.end_ns == 16
    assert rows(trace, "nodes")[2]["busy_ns"] == 2


def test_a_decision_due_at_the_instant_of_death_is_made():
    trace = run(dead_from(cameras_and_cloud(2, [0]), 2, 17))
    assert fates(trace) == [("answered", None, 17)]
    assert rows(trace, "nodes")[2]["down_ns"] == 0


def test_a_decision_that_reaches_a_dead_gateway_is_refused():
    deployment = cameras_and_cloud(2, [0])
    far = replace(deployment.links[2], delay_ns=8)  # camera 1's summary comes at 17
    links = (*deployment.links[:2], far, *deployment.links[3:])
    trace = run(dead_from(replace(deployment, links=links), 2, 15))
    assert jobs(trace)[-1] == ("local", None, None, "refused")
    at = rows(trace, "nodes")[2]
    assert (at["lost"], at["refused"]) == (1, 1)
    assert fates(trace) == [LOST]
    assert trace.end_ns == 17


@pytest.mark.parametrize(
    ("death_ns", "arrivals", "seen"),
    [
        (6, 1, "10"),  # its job dies with it
        (7, 1, "10"),  # its summary is under way, and its features are gone at the decision
        (21, 1, "10"),  # the order finds it dead
        (22, 1, "10"),  # the order comes at 22: after its death at that instant
        (23, 2, "11"),  # the features are under way
    ],
)
def test_features_are_gone_with_their_camera(death_ns, arrivals, seen):
    trace = run(dead_from(cameras_and_cloud(2, [0]), 1, death_ns), UNSURE)
    features = [m for m in rows(trace, "messages") if m["kind"] == "features"]
    assert len(features) == arrivals
    start = 40 if arrivals == 1 else 44
    assert jobs(trace)[-1] == ("cloud", start, start + 10, "complete")
    assert views(trace) == [seen]
    orders = [m["target"] for m in rows(trace, "messages") if m["kind"] == "control"]
    assert orders == (["camera 0"] if death_ns <= 7 else ["camera 0", "camera 1"])


def test_a_coordinator_that_is_dead_orders_nothing():
    """Both say no at 7; the verdicts come to a dead cloud, which is on no order's way."""
    trace = run(dead_from(groups([0], 0), 2, 10), UNSURE, UNSURE)
    assert [(at, source) for at, _, source, _ in messages(trace, 0)] == [(7, "camera 0"), (7, "camera 1")]
    assert fates(trace) == [LOST]


def test_after_an_answer_a_verdict_that_is_lost_has_nothing_ordered():
    """Camera 0 is sure at 7 and its verdict lost on its way at 12; the other says no at 7, and is heard at 12."""
    deployment = groups([0], 0)
    tree = Tree()
    for name in ("camera 0", "camera 1", "cloud", "forwarder"):
        tree.machine(name, "edge")
    for below, above in ((0, 3), (3, 2), (1, 2)):
        tree.join(below, above, LINK, LINK)
    captured_ns, samples = deployment.workload.captured_ns.tolist(), deployment.workload.samples.tolist()
    deployment = tree.deployment(list(deployment.sections), list(deployment.exits), captured_ns, samples)
    trace = run(dead_from(deployment, 3, 10), 0.1, UNSURE)
    assert fates(trace) == [("answered", None, 7)]
    assert [m[1:] for m in messages(trace, 0)] == [("control", "camera 0", "cloud"), ("control", "camera 1", "cloud")]
    assert trace.end_ns == 12


def test_a_node_that_dies_as_it_is_to_answer_sends_no_reply():
    """Its exit claims the answer at 7 in class 0, it dies at 7 in class 2, the answer is given in class 6."""
    deployment = replace(groups([0], 0), reply_to=1)
    for_exits = {(0, 1): (0, 3), (2, 1): (3,)}
    trace = run(dead_from(replace(deployment, routes={**deployment.routes, **for_exits}), 0, 7), 0.1, UNSURE)
    assert fates(trace) == [("lost", "reply", 7)]
    assert not [m for m in messages(trace, 0) if m[1] == "reply"]


def test_messages_on_their_way_through_a_dead_gateway_are_lost():
    """Orders leave at 17 and features pass the gateway at 31, which dies at 30."""
    trace = run(dead_from(cameras_and_cloud(2, [0]), 2, 30), UNSURE)
    assert fates(trace) == [LOST]
    assert rows(trace, "nodes")[2]["lost"] == 2
    assert trace.end_ns == 31


def test_a_dead_camera_senses_nothing():
    trace = run(dead_from(cameras_and_cloud(2, [0, 100]), 1, 50))
    assert views(trace) == ["11", "10"]
    assert fates(trace)[1] == ("answered", None, 117)
    at = rows(trace, "nodes")[1]
    assert (at["jobs"], at["lost"], at["refused"], at["down_ns"]) == (1, 0, 0, 67)


def test_a_dead_sensor_sends_nothing():
    deployment = cameras_and_cloud(2, [0, 100])
    sensors = [replace(s, exit=None, raw_bytes=(4,)) for s in deployment.sections[:2]]
    cloud = replace(deployment.sections[2], exit=0)
    deployment = replace(deployment, sections=(*sensors, cloud), exits=(replace(deployment.exits[1], sections=(2,)),))
    trace = run(dead_from(deployment, 0, 50))
    assert views(trace) == ["11", "01"]
    assert jobs(trace) == [("cloud", 22, 32, "complete"), ("cloud", 118, 128, "complete")]
    assert fates(run(dead_from(dead_from(deployment, 0, 50), 1, 50)))[1] == LOST


def test_a_reply_that_is_lost_leaves_the_answer_on_record():
    trace = run(dead_from(cameras_and_cloud(2, [0], reply_to=0), 0, 20))
    assert fates(trace) == [("lost", "reply", 17)]
    answer = rows(trace, "requests")[0]
    assert (answer["exit"], answer["replied_ns"], answer["views"]) == ("local", None, "11")
    assert trace.end_ns == 26  # 4 bytes and 5 ns
