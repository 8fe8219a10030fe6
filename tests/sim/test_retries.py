"""What is lost is sent again, step by step.

The times of `cameras_and_cloud`: cameras compute until 7, their summaries are at the gateway at 14, the decision is
made at 17, orders are with the cameras at 22, features with the cloud at 40 and (behind them) 44.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from stages import cameras_and_cloud, fates, jobs, rows, run
from test_deadlines import UNSURE, seen
from test_fallback import cut, down

from ddnnsim.deployment import Channel, Deployment, Loss
from ddnnsim.recovery import Recovery, Retries
from ddnnsim.trace import Trace


def retrying(deployment: Deployment, attempts: int, backoff_ns: int = 10, factor: float = 2.0) -> Deployment:
    return replace(deployment, recovery=Recovery(retries=Retries(attempts, backoff_ns, factor)))


def lossy(deployment: Deployment, link: int, probability: float = 1.0) -> Deployment:
    links = list(deployment.links)
    links[link] = replace(links[link], loss=Loss(probability))
    return replace(deployment, links=tuple(links))


def outcomes(trace: Trace, kind: str, source: str) -> list[tuple[int, str]]:
    """Return the messages of *kind* from *source*: when they were sent, and what became of them."""
    return [
        (m["sent_ns"], m["outcome"]) for m in rows(trace, "messages") if m["kind"] == kind and m["source"] == source
    ]


@pytest.mark.parametrize(
    ("attempts", "factor", "sent_ns"),
    [(2, 2.0, [7, 24]), (3, 2.0, [7, 24, 51]), (4, 1.0, [7, 24, 41, 58]), (3, 0.25, [7, 24, 33])],
)
def test_a_summary_is_sent_until_it_has_been_lost_often_enough(attempts, factor, sent_ns):
    """It takes 7 each time, the waits are 10, 10 * factor, ... (2.5 is 2); the gateway knows when the last is lost."""
    trace = run(retrying(lossy(cameras_and_cloud(2, [0]), 2), attempts, 10, factor))
    assert outcomes(trace, "summary", "camera 1") == [(at_ns, "lost") for at_ns in sent_ns]
    known_ns = sent_ns[-1] + 7
    assert jobs(trace)[-1] == ("local", known_ns, known_ns + 3, "complete")
    assert seen(trace) == [("10", 0)]
    assert rows(trace, "links")[2]["lost"] == attempts


def test_what_arrives_in_the_end_is_waited_for():
    """The link of camera 1 is down until 20: its summary, dropped at 7 and 17, leaves at 27."""
    deployment = cut(retrying(cameras_and_cloud(2, [0]), 5, 10, 1.0), 2, 5, 20)
    trace = run(deployment)
    assert outcomes(trace, "summary", "camera 1") == [(7, "dropped"), (17, "dropped"), (27, "delivered")]
    assert jobs(trace)[-1] == ("local", 34, 37, "complete")
    assert seen(trace) == [("11", 0)]
    assert rows(trace, "nodes")[1]["origin_bytes"] == 2


def test_features_that_are_dropped_on_their_way_start_from_the_camera_again():
    deployment = cameras_and_cloud(2, [0])
    links, channels = list(deployment.links), (Channel("fifo", 0),)
    links[4] = replace(links[4], channel=0)  # the gateway's uplink has no queue: camera 1's features are dropped at 31
    deployment = replace(deployment, links=tuple(links), channels=channels)
    assert seen(run(deployment, UNSURE)) == [("10", 0)]
    trace = run(retrying(deployment, 2), UNSURE)  # again at 41: 45, 50, 50, 54, 59
    assert outcomes(trace, "features", "camera 1") == [(22, "dropped"), (41, "delivered")]
    assert jobs(trace)[-1] == ("cloud", 59, 69, "complete")


def test_a_sender_that_is_down_gives_up():
    """The summary is lost at 14, and would be sent again from 24 to 26: camera 1 is down then, or before and after."""
    deployment = retrying(lossy(cameras_and_cloud(2, [0]), 2), 2)
    for from_ns, until_ns, sendings in [(20, 30, 1), (24, 30, 1), (26, 30, 2), (16, 24, 2)]:
        trace = run(down(deployment, 1, from_ns, until_ns))
        assert len(outcomes(trace, "summary", "camera 1")) == sendings
        known_ns = 24 if sendings == 1 else 31
        assert jobs(trace)[-1] == ("local", known_ns, known_ns + 3, "complete")


def test_nothing_is_sent_again_for_a_request_that_is_over_but_its_reply():
    deployment = lossy(cameras_and_cloud(1, [0], reply_to=0), 1)  # replies leave at 17, and take 9
    trace = run(retrying(deployment, 3))
    assert outcomes(trace, "reply", "gateway") == [(17, "lost"), (36, "lost"), (65, "lost")]
    assert fates(trace) == [("lost", "reply", 17)]
    assert trace.end_ns == 74


def test_a_retry_of_what_is_over_ends_it():
    """Camera 0's features are lost in the cloud's crash, at 40; the other's too, at 44: nobody is left, at 44 or 50."""
    deployment = down(cameras_and_cloud(2, [0]), 3, 30, 48)
    deployment = replace(deployment, recovery=Recovery(retries=Retries(2, 6, 1.0)))
    trace = run(deployment, UNSURE)  # again at 46 and 50: 50, 55, 59, 64 and 54, 59, 63, 68
    assert outcomes(trace, "features", "camera 0") == [(22, "lost"), (46, "delivered")]
    assert fates(trace) == [("answered", None, 78)]


def test_messages_are_conserved_when_they_are_lost_often():
    deployment = cameras_and_cloud(3, range(0, 400, 20))
    for link in range(len(deployment.links)):
        deployment = lossy(deployment, link, 0.3)
    trace = run(retrying(deployment, 4, 5), UNSURE)
    assert [fate for fate, _, _ in fates(trace)].count("unfinished") == 0
    by_message: dict[tuple, list[str]] = {}
    for m in rows(trace, "messages"):
        by_message.setdefault((m["request"], m["kind"], m["section"], m["exit"]), []).append(m["outcome"])
    for of_one in by_message.values():
        assert of_one[:-1] == ["lost"] * (len(of_one) - 1)
        assert len(of_one) == 4 or of_one[-1] == "delivered"
    assert any(len(of_one) > 1 for of_one in by_message.values())
