"""What is not done any more for requests that are over, step by step.

The times of `cameras_and_cloud`: cameras compute until 7, their summaries are at the gateway at 14, the decision is
made at 17, orders are with the cameras at 22, features with the cloud at 40 and (behind them) 44.
"""

from __future__ import annotations

from dataclasses import replace

from stages import cameras_and_cloud, fates, jobs, rows, run
from test_deadlines import CLOUD, LOCAL, UNSURE, sent, two_groups, with_deadline, with_service

from ddnnsim.deployment import Batching, Deployment
from ddnnsim.recovery import Recovery


def cancelling(deployment: Deployment) -> Deployment:
    return replace(deployment, recovery=replace(deployment.recovery, cancel=True))


def test_a_job_that_waits_is_not_started():
    """Camera 1 takes 30 for each of two jobs; both requests are answered on the other's view, at 19 and 29."""
    deployment = with_deadline(with_service(cameras_and_cloud(2, [0, 10]), 1, 30), LOCAL, 16)
    trace = run(deployment)
    assert fates(trace) == [("answered", None, 19), ("answered", None, 29)]
    assert [job for job in jobs(trace) if job[0] == "camera 1"] == [
        ("camera 1", 0, 30, "complete"),
        ("camera 1", 30, 60, "complete"),
    ]
    assert trace.end_ns == 67
    trace = run(cancelling(deployment))
    assert fates(trace) == [("answered", None, 19), ("answered", None, 29)]
    assert [job for job in jobs(trace) if job[0] == "camera 1"] == [
        ("camera 1", 0, 30, "complete"),
        ("camera 1", None, None, "cancelled"),
    ]
    assert trace.end_ns == 30  # nor is the summary of the first sent
    assert rows(trace, "nodes")[1]["jobs"] == 1
    assert [r["late"] for r in rows(trace, "requests")] == [0, 0]


def test_the_next_job_starts_in_its_place():
    """Of three requests the second is over, at 21, when its turn comes at 25; the third starts then."""
    deployment = cameras_and_cloud(2, [0, 0, 12])
    deployment = with_service(with_service(deployment, 0, 1), 1, 25)
    trace = run(cancelling(with_deadline(deployment, LOCAL, 15)))
    assert [job for job in jobs(trace) if job[0] == "camera 1"] == [
        ("camera 1", 0, 25, "complete"),
        ("camera 1", None, None, "cancelled"),
        ("camera 1", 25, 50, "complete"),
    ]


def test_an_order_is_not_followed():
    """Group 0 orders nothing by itself; the cloud's deadline at 24 ends it while orders (22 to 32) are under way."""
    deployment = replace(with_deadline(two_groups([7] * 4), 2, 24), recovery=Recovery(fallback="best_effort"))
    trace = run(deployment, UNSURE, UNSURE)
    assert fates(trace) == [("degraded", "deadline", 24)]
    assert len(sent(trace, "features")) == 4
    trace = run(cancelling(deployment), UNSURE, UNSURE)
    assert fates(trace) == [("degraded", "deadline", 24)]
    assert len(sent(trace, "control")) == 6
    assert sent(trace, "features") == []
    assert trace.end_ns == 32


def test_what_was_handed_to_links_stays():
    deployment = replace(with_deadline(cameras_and_cloud(2, [0]), CLOUD, 23), recovery=Recovery(fallback="best_effort"))
    trace = run(cancelling(deployment), UNSURE)
    assert fates(trace) == [("degraded", "deadline", 23)]
    assert [m["delivered_ns"] for m in rows(trace, "messages") if m["kind"] == "features"] == [40, 44]


def test_a_decision_that_is_complete_when_its_request_is_over_is_none():
    """Group 0 is confident at 17; group 1's decision, from 16 to 19, is followed by nothing."""
    deployment = two_groups([7, 7, 7, 9])
    assert len(rows(run(deployment), "decisions")) == 2
    trace = run(cancelling(deployment))
    assert fates(trace) == [("answered", None, 17)]
    assert [(d["exit"], d["verdict"]) for d in rows(trace, "decisions")] == [("local 0", "answer")]
    assert len(sent(trace, "control")) == 1


def test_jobs_of_a_batch_are_cancelled_before_it_starts():
    """Camera 1 does up to 4 at once, next at 30: of the four that wait then two are over, at 21 and 24."""
    deployment = with_service(cameras_and_cloud(2, [0, 1, 2, 25, 25]), 1, 30)
    machines = list(deployment.machines)
    machines[1] = replace(machines[1], batching=Batching(4, 0, ((1, 1), (1, 2), (1, 3), (1, 4))))
    deployment = with_deadline(with_service(replace(deployment, machines=tuple(machines)), 0, 1), LOCAL, 15)
    trace = run(cancelling(deployment))
    assert [(r["request"], r["start_ns"], r["batch"], r["outcome"]) for r in rows(trace, "executions")
            if r["section"] == "camera 1"] == [
        (0, 0, 1, "complete"),
        (1, None, 1, "cancelled"),
        (2, None, 1, "cancelled"),
        (3, 30, 2, "complete"),
        (4, 30, 2, "complete"),
    ]  # fmt: skip
