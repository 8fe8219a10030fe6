"""What nodes know by beats alone, step by step.

The times of `cameras_and_cloud`: cameras compute until 7, their summaries are at the gateway at 14, the decision is
made at 17, orders are with the cameras at 22, features with the cloud at 40 and (behind them) 44. Beats of no bytes
take 5 from a camera to the gateway, and 10 to the cloud.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stages import cameras_and_cloud, fates, jobs, rows, run
from test_deadlines import UNSURE, seen, sent, two_groups, with_deadline, with_service
from test_fallback import answers, cut, down
from test_retries import lossy

from ddnnsim.deployment import Captures, Channel, Deployment
from ddnnsim.recovery import Heartbeats, Retries
from ddnnsim.trace import Trace


def beating(
    deployment: Deployment, period_ns: int = 10, timeout_ns: int = 25, size_bytes: int = 0, deadline_ns: int = 200
) -> Deployment:
    """Return *deployment* with beats, and a deadline at each of its exits."""
    for number in range(len(deployment.exits)):
        deployment = with_deadline(deployment, number, deadline_ns)
    recovery = replace(deployment.recovery, heartbeats=Heartbeats(period_ns, timeout_ns, size_bytes))
    return replace(deployment, recovery=recovery)


def beats(trace: Trace, source: str, target: str) -> list[tuple[int, int | None, str]]:
    """Return the beats from *source* to *target*: when they were sent and arrived, and what became of them."""
    return [
        (m["sent_ns"], m["delivered_ns"], m["outcome"])
        for m in rows(trace, "messages")
        if m["kind"] == "heartbeat" and (m["source"], m["target"]) == (source, target)
    ]


def decisions(trace: Trace) -> list[tuple[str, int]]:
    return [(d["exit"], d["at_ns"]) for d in rows(trace, "decisions")]


def test_cameras_beat_to_the_gateway_and_to_the_cloud_and_keep_no_run_going():
    trace = run(beating(cameras_and_cloud(2, [0])))
    assert fates(trace) == [("answered", None, 17)]
    assert trace.end_ns == 17
    for camera in ("camera 0", "camera 1"):
        assert beats(trace, camera, "gateway") == [(0, 5, "delivered"), (10, 15, "delivered")]
        assert beats(trace, camera, "cloud") == [(0, 10, "delivered"), (10, None, "in_flight")]
    assert next(m for m in rows(trace, "messages") if m["kind"] == "heartbeat") | {"message": 0} == {
        "message": 0,
        "request": None,
        "kind": "heartbeat",
        "source": "camera 0",
        "target": "gateway",
        "size_bytes": 0,
        "sent_ns": 0,
        "delivered_ns": 5,
        "section": None,
        "exit": None,
        "outcome": "delivered",
    }


def test_beats_share_links():
    """A beat of 4 bytes to each of gateway and cloud is on the link from 0 and 10 on, 8 together: until 18."""
    trace = run(beating(cameras_and_cloud(1, [0]), 10, 25, 4))
    # the job is done at 7; its summary waits until 8, is sent until 10, and arrives at 15
    assert decisions(trace) == [("local", 18)]
    assert rows(trace, "links")[0]["heartbeat_bytes"] == 16
    assert rows(trace, "links")[0]["busy_ns"] == 8 + 2 + 8


@pytest.mark.parametrize(
    ("death_ns", "start_ns"),
    [
        (1, 30),  # its last beat is that of 0, at the gateway at 5: suspected at 30
        (10, 30),  # a crash comes before a beat
        (11, 40),
        (6, 30),
    ],
)
def test_a_gather_does_not_wait_for_a_node_that_is_silent(death_ns, start_ns):
    trace = run(down(beating(with_service(cameras_and_cloud(2, [0]), 1, 60)), 1, death_ns, None))
    assert jobs(trace)[-1] == ("local", start_ns, start_ns + 3, "complete")
    assert seen(trace) == [("10", 0)]


def test_a_beat_at_the_instant_of_the_timeout_is_in_time():
    """With a period of 25 a beat comes at 5, 30, 55, ...; the timeout is 25, or one less: at 29."""
    deployment = with_service(cameras_and_cloud(2, [0]), 1, 60)
    assert decisions(run(beating(deployment, 25, 25))) == [("local", 70)]
    assert decisions(run(beating(deployment, 25, 24))) == [("local", 32)]


def test_before_the_first_beat_a_node_is_taken_for_alive():
    trace = run(down(beating(with_service(cameras_and_cloud(2, [0]), 1, 60)), 1, 0, None))
    assert decisions(trace) == [("local", 28)]  # from 0 on: suspected at 25


def test_without_any_view_a_gather_waits_for_its_deadline():
    """Both are silent from 30 on."""
    deployment = beating(with_service(with_service(cameras_and_cloud(2, [0]), 0, 60), 1, 60), deadline_ns=100)
    trace = run(down(down(deployment, 0, 1, None), 1, 1, None))
    assert fates(trace) == [("lost", "no_view", None)]
    assert trace.end_ns == 100


def test_who_is_suspected_when_something_comes_is_not_waited_for():
    """Camera 1 is down from 1 on, and suspected from 30 on; camera 0's summary comes at 37."""
    trace = run(down(beating(with_service(cameras_and_cloud(2, [0]), 0, 30)), 1, 1, None))
    assert decisions(trace) == [("local", 40)]


def test_who_beats_again_is_waited_for():
    """Camera 1 is down from 1 to 32, suspected from 30 to 45; a request of 40 finds it suspected, and waits at 54."""
    deployment = beating(with_service(cameras_and_cloud(2, [40]), 1, 60), deadline_ns=300)
    trace = run(down(deployment, 1, 1, 32))
    assert decisions(trace) == [("local", 110)]
    assert seen(trace) == [("11", 0)]


def test_what_is_lost_is_not_known():
    """Camera 1's summary is lost, and its beats are not: the gateway waits until its deadline."""
    deployment = cut(beating(cameras_and_cloud(2, [0]), deadline_ns=60), 2, 6, 9)
    trace = run(deployment)  # dropped at 7
    assert decisions(trace) == [("local", 63)]
    assert seen(trace) == [("10", 0)]


def test_a_crash_that_loses_a_job_is_not_known():
    """Camera 1 loses its job at 3 and is up again at 4."""
    trace = run(down(beating(cameras_and_cloud(2, [0]), deadline_ns=60), 1, 3, 4))
    assert decisions(trace) == [("local", 63)]


def test_orders_go_to_those_that_are_not_suspected():
    """Camera 1 is done at 7 and down from 16 on: at 17 it is told all the same, and the cloud waits until it knows."""
    trace = run(down(beating(cameras_and_cloud(2, [0])), 1, 16, None), UNSURE)
    assert len(sent(trace, "control")) == 2
    assert jobs(trace)[-1] == ("cloud", 45, 55, "complete")  # its beat of 10 was in the cloud at 20
    assert answers(trace) == [("cloud", "10")]
    deployment = with_service(with_service(cameras_and_cloud(3, [0]), 2, 30), 0, 30)
    trace = run(down(beating(deployment), 1, 8, None), UNSURE)  # suspected at 30; 37, 40: told are 0 and 2
    assert len(sent(trace, "control")) == 2
    assert answers(trace) == [("cloud", "101")]


def test_the_cloud_expects_what_it_takes_to_be_told():
    """Camera 1 is silent to the gateway from 30 on, and the cloud learns at 40 that it is not told."""
    deployment = down(beating(with_service(cameras_and_cloud(2, [0]), 0, 30)), 1, 8, None)
    trace = run(deployment, UNSURE)
    assert decisions(trace)[0] == ("local", 40)
    assert jobs(trace)[-1] == ("cloud", 63, 73, "complete")  # 45, 49, 54, 58, 63


def test_where_all_are_suspected_nobody_is_in_reach():
    """Both are down from 16 on; a decision that takes until 60 finds both suspected, from 40 on."""
    deployment = cameras_and_cloud(2, [0])
    exits = (replace(deployment.exits[0], service_ns=46), deployment.exits[1])
    deployment = down(down(beating(replace(deployment, exits=exits)), 0, 16, None), 1, 16, None)
    trace = run(deployment, UNSURE)
    assert fates(trace) == [("lost", "out_of_reach", None)]
    trace = run(replace(deployment, recovery=replace(deployment.recovery, fallback="best_effort")), UNSURE)
    assert fates(trace) == [("degraded", "out_of_reach", 60)]


def test_a_cloud_that_is_down_is_known_by_its_deadline():
    """Orders and features go nowhere; the gateway, whose exit decided last, answers when the cloud's time is over."""
    deployment = beating(cameras_and_cloud(2, [0]), deadline_ns=90)
    deployment = replace(deployment, recovery=replace(deployment.recovery, fallback="best_effort"))
    trace = run(down(deployment, 3, 5, None), UNSURE)
    assert len(sent(trace, "features")) == 2
    assert fates(trace) == [("degraded", "deadline", 90)]


def test_a_gateway_takes_all_for_alive_when_it_recovers():
    """It is down from 12 to 60, and both cameras from 50 on: they are suspected 25 after it is up again."""
    deployment = with_service(cameras_and_cloud(2, [45]), 1, 60)
    deployment = down(beating(deployment, deadline_ns=300), 2, 12, 58)
    assert decisions(run(down(deployment, 1, 50, None))) == [("local", 86)]  # 52, 59 with a view, 83


def test_verdicts_of_exits_that_are_silent_count_as_no():
    """Group 1's gateway is down from 12 on: its beats of 0 and 10 are in the cloud at 5 and 15; suspected at 40."""
    deployment = beating(two_groups([7, 7, 7, 7]))
    trace = run(down(deployment, 5, 12, None), UNSURE, UNSURE)
    assert decisions(trace) == [("local 0", 17), ("cloud", 82)]
    # orders leave at 40, also to cameras 2 and 3, whose beats come to the cloud by that gateway: suspected from 35 on
    assert [m[0] for m in sent(trace, "control")] == [17, 40, 40]
    assert answers(trace) == [("cloud", "1100")]


def test_retries_are_made_all_the_same():
    deployment = cut(beating(cameras_and_cloud(2, [0]), deadline_ns=60), 2, 6, 9)
    deployment = replace(deployment, recovery=replace(deployment.recovery, retries=Retries(3, 5, 1.0)))
    assert decisions(run(deployment)) == [("local", 22)]  # again at 12, there at 19
    trace = run(lossy(replace(deployment, faults=()), 2))
    for to in ("gateway", "cloud"):
        lost = [at_ns for at_ns, _, outcome in beats(trace, "camera 1", to) if outcome == "lost"]
        assert lost == [0, 10, 20]  # once each
    assert decisions(trace) == [("local", 28)]  # nothing from camera 1: suspected from 25 on, with a view


@pytest.mark.parametrize("shape", ["fair", "packets"])
def test_beats_of_any_shape_keep_no_run_going(shape):
    """A beat of 40 bytes is always under way, in fair shares or in packets: the decision is still the end."""
    deployment = beating(cameras_and_cloud(1, [0]), 30, 1000, 40, 1000)
    if shape == "fair":
        links = tuple(replace(link, channel=number) for number, link in enumerate(deployment.links))
        deployment = replace(deployment, links=links, channels=(Channel("fair"),) * len(links))
    else:
        links = tuple(replace(link, mtu_bytes=1) for link in deployment.links)
        deployment = replace(deployment, links=links, forwarding="packet")
    trace = run(deployment)
    (request,) = rows(trace, "requests")
    assert trace.end_ns == request["answered_ns"] < 1000
    assert next(reversed(beats(trace, "camera 0", "cloud")))[-1] == "in_flight"


def test_beats_of_a_run_with_an_end():
    trace = run(beating(replace(cameras_and_cloud(1, [0]), until_ns=35)))
    assert [at_ns for at_ns, _, _ in beats(trace, "camera 0", "gateway")] == [0, 10, 20, 30]
    assert trace.end_ns == 35


def test_who_has_no_view_of_a_request_is_told_nothing():
    deployment = cameras_and_cloud(3, [0])
    captures = Captures(np.array([0, 0]), np.array([0, 0]), np.array([0, 2]))
    trace = run(beating(replace(deployment, workload=replace(deployment.workload, captures=captures))), UNSURE)
    orders = [m["section"] for m in rows(trace, "messages") if m["kind"] == "control"]
    assert orders == ["camera 0", "camera 2"]
    assert seen(trace) == [("101", 0)]
