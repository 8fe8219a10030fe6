"""What becomes of a request that nobody is left to answer, and that nobody can be told of: step by step.

The times of `cameras_and_cloud`: decision at 17, orders with the cameras at 22, features with the cloud at 40 and 44.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from stages import cameras_and_cloud, fates, rows, run
from test_deadlines import CLOUD, LOCAL, UNSURE, seen, sent, two_groups, with_deadline, with_service
from test_what_does_not_come import dead_from, without_queue

from ddnnsim.deployment import Deployment
from ddnnsim.faults import Crash, Fault, Given, Outage
from ddnnsim.recovery import Recovery
from ddnnsim.trace import Trace

BEST_EFFORT = Recovery(fallback="best_effort")


def best_effort(deployment: Deployment) -> Deployment:
    """Return *deployment* in which the best answer there is is given."""
    return replace(deployment, recovery=BEST_EFFORT)


def down(deployment: Deployment, machine: int, from_ns: int, until_ns: int | None, work: str = "lose") -> Deployment:
    """Return *deployment* in which *machine* is down for a while, beside what else goes wrong."""
    fault = Fault(f"down {len(deployment.faults)}", Crash(work), Given(((from_ns, until_ns),)), machines=(machine,))
    return replace(deployment, faults=(*deployment.faults, fault))


def cut(deployment: Deployment, link: int, from_ns: int, until_ns: int | None, work: str = "lose") -> Deployment:
    """Return *deployment* in which *link* is down for a while, beside what else goes wrong."""
    fault = Fault(f"cut {len(deployment.faults)}", Outage(work), Given(((from_ns, until_ns),)), links=(link,))
    return replace(deployment, faults=(*deployment.faults, fault))


def answers(trace: Trace) -> list[tuple[str | None, str | None]]:
    """Return by request the exit that answered, and the views behind."""
    return [(r["exit"], r["views"]) for r in rows(trace, "requests")]


def verdicts(trace: Trace) -> list[tuple[str, int, str]]:
    return [(d["exit"], d["at_ns"], d["verdict"]) for d in rows(trace, "decisions")]


def test_the_local_exit_answers_when_the_cloud_has_nothing_in_time():
    trace = run(best_effort(with_deadline(cameras_and_cloud(2, [0]), CLOUD, 39)), UNSURE)
    assert fates(trace) == [("degraded", "deadline", 39)]
    assert answers(trace) == [("local", "11")]
    assert verdicts(trace) == [("local", 17, "escalate"), ("local", 39, "fallback")]
    assert rows(trace, "requests")[0]["entropy"] == UNSURE
    assert seen(trace) == [("11", 2)]


def test_a_degraded_answer_sends_a_reply():
    deployment = best_effort(with_deadline(cameras_and_cloud(2, [0], reply_to=0), CLOUD, 30))
    trace = run(deployment, UNSURE)
    assert fates(trace) == [("degraded", "deadline", 30)]
    assert rows(trace, "requests")[0]["replied_ns"] == 39
    trace = run(down(deployment, 0, 35, None), UNSURE)
    assert fates(trace) == [("lost", "reply", 30)]


def test_who_is_out_of_reach_answers_at_once():
    """The cloud is closed at 10, and nobody told."""
    trace = run(best_effort(with_deadline(cameras_and_cloud(2, [0]), CLOUD, 10)), UNSURE)
    assert fates(trace) == [("degraded", "out_of_reach", 17)]
    assert verdicts(trace) == [("local", 17, "escalate"), ("local", 17, "fallback")]
    assert sent(trace, "control") == []


@pytest.mark.parametrize("recovery", [Recovery(), BEST_EFFORT])
def test_what_nobody_has_decided_is_lost(recovery):
    deployment = replace(with_deadline(cameras_and_cloud(2, [0]), LOCAL, 10), recovery=recovery)
    assert fates(run(deployment)) == [("lost", "no_view", None)]


def test_a_refusal_in_the_cloud_makes_no_difference_to_who_answers():
    trace = run(best_effort(without_queue(cameras_and_cloud(2, [0, 1]), 3)), UNSURE)
    assert fates(trace) == [("answered", None, 54), ("degraded", "no_view", 52)]


def test_a_node_that_has_lost_its_decision_does_not_answer():
    """The gateway decides at 17; the cloud's deadline is at 39."""
    deployment = best_effort(with_deadline(cameras_and_cloud(2, [0]), CLOUD, 39))
    for from_ns, until_ns, work in [(20, 25, "lose"), (38, 50, "lose"), (38, 50, "resume"), (39, 50, "lose")]:
        assert fates(run(down(deployment, 2, from_ns, until_ns, work), UNSURE)) == [("lost", "deadline", None)]
    for from_ns, until_ns, work in [(10, 12, "lose"), (34, 36, "resume"), (35, 39, "resume"), (40, 50, "lose")]:
        assert fates(run(down(deployment, 2, from_ns, until_ns, work), UNSURE)) == [("degraded", "deadline", 39)]


def test_of_two_groups_the_one_that_decided_last_answers():
    """Group 0 decides at 17, or at 16 by its deadline; group 1 at 17; the cloud is closed at 60."""
    deployment = with_deadline(best_effort(two_groups([7, 7, 7, 7])), 2, 40)
    assert answers(run(deployment, UNSURE, UNSURE)) == [("local 0", "1100")]
    deployment = with_deadline(best_effort(two_groups([6, 9, 7, 7])), 2, 40)
    assert answers(run(with_deadline(deployment, 0, 13), UNSURE, UNSURE)) == [("local 1", "0011")]
    assert answers(run(down(with_deadline(deployment, 0, 13), 5, 37, None), UNSURE, UNSURE)) == [("local 0", "1000")]


def test_an_answer_that_comes_after_a_degraded_one_is_superseded():
    """The cloud's exit decides at 56 on what it has got; its section's job began at 43, before the deadline at 43."""
    deployment = cameras_and_cloud(2, [0])
    exits = (deployment.exits[0], replace(deployment.exits[1], service_ns=3))
    deployment = best_effort(with_deadline(replace(deployment, exits=exits), CLOUD, 43))
    trace = run(deployment, UNSURE)  # nothing at the exit at 43: its summary comes at 53, and is late
    assert fates(trace) == [("degraded", "deadline", 43)]
    assert verdicts(trace) == [("local", 17, "escalate"), ("local", 43, "fallback")]
    late = with_deadline(with_deadline(two_groups([7, 7, 7, 30]), 2, 16), 0, 15)
    trace = run(best_effort(late), UNSURE, 0.1)
    assert fates(trace) == [("answered", None, 40)]  # group 1 is not waited for in vain: 30, 37, 40


# ways that are not whole


def test_cameras_that_cannot_be_told_are_left_out():
    """The link down to camera 1 is cut: camera 0 is told alone, and the cloud knows at 17."""
    deployment = cameras_and_cloud(2, [0])
    trace = run(cut(deployment, 3, 10, 20), UNSURE)
    assert sent(trace, "control", "features") == [(17, "control", "gateway"), (22, "features", "camera 0")]
    assert fates(trace) == [("answered", None, 50)]
    assert answers(trace) == [("cloud", "10")]


@pytest.mark.parametrize(("from_ns", "until_ns", "whole"), [(15, 16, True), (16, 17, False), (17, 18, True)])
def test_a_way_is_whole_at_the_instant_of_the_decision(from_ns, until_ns, whole):
    """The gateway's uplink, which features take from 31 on, is cut: in class 2 of an instant, until class 1 of one."""
    trace = run(cut(best_effort(cameras_and_cloud(2, [0])), 4, from_ns, until_ns), UNSURE)
    assert fates(trace) == [("answered", None, 54) if whole else ("degraded", "out_of_reach", 17)]
    assert len(sent(trace, "control")) == (2 if whole else 0)


def test_without_the_cloud_the_local_exit_answers_at_once():
    deployment = best_effort(cameras_and_cloud(2, [0]))
    for work in ("lose", "resume"):
        assert fates(run(down(deployment, 3, 5, None, work), UNSURE)) == [("degraded", "out_of_reach", 17)]
    drop = replace(down(deployment, 3, 5, None), recovery=Recovery())
    assert fates(run(drop, UNSURE)) == [("lost", "out_of_reach", None)]


def test_a_link_that_resumes_is_no_obstacle():
    """The uplink stands still from 10 to 60: features wait for it from 31 on, and arrive from 69 on."""
    trace = run(cut(best_effort(cameras_and_cloud(2, [0])), 4, 10, 60, "resume"), UNSURE)
    assert fates(trace) == [("answered", None, 83)]


def test_a_cloud_that_crashes_on_what_it_has_got_makes_the_local_answer():
    """It has camera 0's features at 40; at 42 they are gone, and camera 1's, at 44, are lost with it."""
    deployment = best_effort(cameras_and_cloud(2, [0]))
    assert fates(run(down(deployment, 3, 42, 60), UNSURE)) == [("degraded", "no_view", 44)]
    trace = run(down(deployment, 3, 42, 43), UNSURE)  # up again for camera 1's
    assert (fates(trace), answers(trace)) == ([("answered", None, 54)], [("cloud", "01")])
    assert fates(run(down(deployment, 3, 50, 51), UNSURE)) == [("degraded", "no_view", 50)]  # in its job


def test_a_camera_that_has_forgotten_its_features_is_not_told():
    deployment = cameras_and_cloud(2, [0])
    trace = run(down(deployment, 1, 10, 12), UNSURE)
    assert answers(trace) == [("cloud", "10")]
    assert len(sent(trace, "control")) == 1
    trace = run(down(deployment, 1, 18, 20), UNSURE)  # after the order has left: it tells the cloud at 22
    assert answers(trace) == [("cloud", "10")]
    assert len(sent(trace, "control")) == 2
    assert fates(trace) == [("answered", None, 50)]


def test_dead_cameras_are_as_ever_where_nothing_else_is_used():
    """What an empty battery does is said without faults: no order leaves, and the cloud has nothing to wait for."""
    deployment = dead_from(dead_from(cameras_and_cloud(2, [0]), 0, 15), 1, 15)
    assert fates(run(best_effort(deployment), UNSURE)) == [("degraded", "no_view", 17)]
    assert fates(run(deployment, UNSURE)) == [("lost", "no_view", None)]


def test_a_gateway_that_crashes_with_one_summary_decides_on_the_other():
    deployment = with_service(cameras_and_cloud(2, [0]), 1, 10)  # summaries at 14 and 17
    trace = run(down(deployment, 2, 15, 16))
    assert (fates(trace), answers(trace)) == ([("answered", None, 20)], [("local", "01")])
    assert fates(run(down(deployment, 2, 15, 18))) == [("lost", "no_view", None)]
    trace = run(down(deployment, 2, 15, 16, "resume"))
    assert answers(trace) == [("local", "11")]


def test_a_deadline_at_a_gateway_that_is_down():
    """It has camera 0's summary at 14 and is down from 15; the deadline at 16 finds nothing, or (`resume`) its view."""
    deployment = with_deadline(with_service(cameras_and_cloud(2, [0]), 1, 10), LOCAL, 16)
    assert fates(run(down(deployment, 2, 15, 40))) == [("lost", "no_view", None)]
    trace = run(down(deployment, 2, 15, 40, "resume"))
    assert (fates(trace), answers(trace)) == ([("answered", None, 43)], [("local", "10")])
