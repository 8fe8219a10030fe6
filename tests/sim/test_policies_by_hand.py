"""Policies at an exit: what they see and whom they tell, step by step, and what an escalation takes as planned.

The times of `cameras_and_cloud`: cameras compute until 7, their summaries are at the gateway at 14, the decision is
made at 17, orders are with the cameras at 22, features with the gateway at 31.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from deployments import NS_A_BYTE, Tree, an_oracle, networks
from hypothesis import given, settings
from spies import Spies, watched
from stages import LINK, cameras_and_cloud, rows
from twin import TIMES

from ddnnsim.deployment import Channel, Course, Deployment, Exit, Loss, Section
from ddnnsim.distribution import Distribution
from ddnnsim.escalations import with_escalations
from ddnnsim.faults import Crash, Fault, Given, Misreading, Outage
from ddnnsim.oracle import DecisionTable, TableOracle
from ddnnsim.policy import ESCALATE, EXIT, Escalates, Observation, Verdict
from ddnnsim.sim import simulate
from ddnnsim.trace import Trace


def uplink(deployment: Deployment) -> int:
    return next(number for number, link in enumerate(deployment.links) if link.name == "gateway>cloud")


def with_uplink(deployment: Deployment, **changes: object) -> Deployment:
    """Return *deployment* with other values of its uplink."""
    number = uplink(deployment)
    links = list(deployment.links)
    links[number] = replace(links[number], **changes)
    return replace(deployment, links=tuple(links))


def spied(deployment: Deployment, *said: Verdict) -> tuple[Trace, list[Observation]]:
    """Return what happens when the local exit says *said*, and then to exit, and what it sees."""
    rest = iter(said)
    spies = Spies(lambda seen: next(rest, EXIT))
    oracle = an_oracle([0.9], [0.9])
    trace = simulate(watched(deployment, {0: uplink(deployment)}), oracle, record="messages", policies=spies)
    return trace, spies.seen["local"]


def test_those_alone_are_told_that_are_named_and_the_cloud_waits_for_no_other():
    trace, _ = spied(cameras_and_cloud(3, [0]), Escalates(frozenset({"camera 1"})))
    late = [(m["sent_ns"], m["kind"], m["target"]) for m in rows(trace, "messages") if m["sent_ns"] >= 17]
    assert late == [(17, "control", "camera 1"), (22, "features", "cloud")]
    (answer,) = rows(trace, "requests")
    assert (answer["views"], answer["answered_ns"]) == ("010", 50), "features at 40, and 10 to compute"


def test_who_is_named_has_no_features_and_the_request_is_lost():
    deployment = cameras_and_cloud(2, [0, 2])
    machines = list(deployment.machines)
    machines[1] = replace(machines[1], queue_limit=0)  # the second job of camera 1 is refused
    named = Escalates(frozenset({"camera 1"}))
    trace, seen = spied(replace(deployment, machines=tuple(machines)), EXIT, named)
    assert [list(sight.entropies) for sight in seen] == [["camera 0", "camera 1"], ["camera 0"]]
    assert [(r["fate"], r["reason"]) for r in rows(trace, "requests")] == [("answered", None), ("lost", "no_view")]


def test_a_sensor_at_fault_is_seen_as_it_shows_and_not_as_it_should():
    blank = ((0, None),)
    sure, unsure = (DecisionTable(np.zeros(1, np.int64), *np.full((3, 1), entropy)) for entropy in (0.1, 0.9))
    spies = Spies(lambda seen: EXIT)
    fault = Fault("blank", Misreading("blank", 0.0), Given(((0, None),)), machines=(0,))
    deployment = watched(replace(cameras_and_cloud(2, [0]), faults=(fault,)), {})
    simulate(deployment, TableOracle([sure, sure], by_readings={(0, blank): unsure}), policies=spies)
    (sight,) = spies.seen["local"]
    assert (sight.entropy, sight.entropies["camera 0"]) == (0.9, 0.9)


QUARTER = NS_A_BYTE // 4


@pytest.mark.parametrize(
    ("sharing", "early", "seen_then"),
    [
        ("alone", 0, [(0, None), (8, None), (4, QUARTER), (0, QUARTER)]),
        ("alone", 1, [(0, None), (8, None), (8, None), (4, QUARTER)]),
        ("fifo", 0, [(0, None), (8, None), (4, QUARTER), (0, QUARTER)]),
        ("fair", 0, [(0, None), (8, None), (8, None), (0, QUARTER)]),
        ("fair", 1, [(0, None), (8, None), (8, None), (8, None)]),
    ],
)
def test_the_uplink_is_seen_as_it_is_by_now(sharing: str, early: int, seen_then: list[tuple[int, float | None]]):
    """Of the first request 4 bytes are with the gateway twice at 31: sent by 47 and 63, or in fair shares by 63.

    Of the second the summaries wait for these features: the decisions are at 17, 36, 47 and 63, the last two *early*.
    """
    deployment = with_uplink(cameras_and_cloud(2, [0, 16, 30 - early, 46 - early]), rate_bps=QUARTER)
    if sharing != "alone":
        deployment = replace(with_uplink(deployment, channel=0), channels=(Channel(sharing),))
    _, seen = spied(deployment, ESCALATE)
    assert [sight.now_ns for sight in seen] == [17, 36, 47 - early, 63 - early]
    assert [(sight.backlog_bytes, sight.rate_bps) for sight in seen] == seen_then


@pytest.mark.parametrize("sharing", ["alone", "fair"])
@pytest.mark.parametrize("work", ["lose", "resume"])
def test_what_a_failure_cuts_short_is_gone_and_measures_nothing(sharing: str, work: Literal["lose", "resume"]):
    """The uplink, which has 8 bytes to send from 31 on, fails from 40 to 46: if they go on they are sent by 69."""
    deployment = with_uplink(cameras_and_cloud(2, [0, 29, 53]), rate_bps=QUARTER)
    if sharing != "alone":
        deployment = replace(with_uplink(deployment, channel=0), channels=(Channel("fair"),))
    outage = Fault("f", Outage(work), Given(((40, 46),)), links=(uplink(deployment),))
    _, seen = spied(replace(deployment, faults=(outage,)), ESCALATE)
    assert [sight.now_ns for sight in seen] == [17, 46, 70]
    if work == "lose":
        assert [(sight.backlog_bytes, sight.rate_bps) for sight in seen] == [(0, None)] * 3
    else:
        assert [sight.backlog_bytes for sight in seen] == [0, 8, 0]
        assert seen[-1].rate_bps == 10**9 * 64 / (69 - 31), "the time of the failure is time that it took"


@pytest.mark.parametrize("sharing", ["alone", "fair"])
def test_at_the_instant_of_a_failure_a_decision_is_before_it(sharing: str):
    """The uplink, which has 8 bytes to send from 31 on, fails at 40, when the second request is decided on."""
    deployment = with_uplink(cameras_and_cloud(2, [0, 23]), rate_bps=QUARTER)
    if sharing != "alone":
        deployment = replace(with_uplink(deployment, channel=0), channels=(Channel("fair"),))
    outage = Fault("f", Outage("lose"), Given(((40, 46),)), links=(uplink(deployment),))
    _, seen = spied(replace(deployment, faults=(outage,)), ESCALATE)
    assert [(sight.now_ns, sight.backlog_bytes) for sight in seen] == [(17, 0), (40, 8)]


def test_headers_and_repetitions_count():
    deployment = with_uplink(
        cameras_and_cloud(1, [0, 100]), mtu_bytes=3, header_bytes=2, rate_bps=NS_A_BYTE // 4, overhead_ns=8
    )
    _, seen = spied(deployment, ESCALATE)
    assert seen[1].rate_bps == 10**9 * 8 * 8 / (8 * 4 + 2 * 8), "4 bytes in two packets"
    _, early = spied(replace(deployment, workload=cameras_and_cloud(1, [0, 20]).workload), ESCALATE)
    assert early[1].now_ns < 31 + 48
    assert early[1].backlog_bytes == 8


def test_the_rate_is_that_of_the_last_32_transmissions():
    """From 2000 ns on the uplink is half as fast; the k-th request, at 100 k, is behind k transmissions of 4 bytes."""
    course = Course((0, 2000), (NS_A_BYTE, NS_A_BYTE // 2))
    deployment = with_uplink(cameras_and_cloud(1, [100 * k for k in range(60)]), rates=course)
    _, seen = spied(deployment, *[ESCALATE] * 60)
    fast, slow = 4, 8
    assert seen[0].rate_bps is None
    assert seen[20].rate_bps == 8 * 10**9
    assert seen[40].rate_bps == 10**9 * 32 * 32 / (12 * fast + 20 * slow)
    assert seen[52].rate_bps == seen[59].rate_bps == 4 * 10**9


def over_a_fair_uplink(deployment: Deployment, sizes: Sequence[int]) -> Deployment:
    """Return *deployment*, the features of whose cameras have *sizes*, with an uplink that all share."""
    cameras = [replace(of, features_bytes=size) for of, size in zip(deployment.sections, sizes, strict=False)]
    deployment = replace(deployment, sections=(*cameras, deployment.sections[-1]))
    return replace(with_uplink(deployment, channel=0), channels=(Channel("fair"),))


@pytest.mark.parametrize(("sizes", "last"), [(range(1, 41), range(9, 41)), (range(40, 0, -1), range(1, 33))])
def test_of_those_that_have_been_sent_at_one_instant_those_given_last_are_the_last(sizes: range, last: range):
    deployment = over_a_fair_uplink(cameras_and_cloud(40, [0, 200]), sizes)
    fast = tuple(replace(link, rate_bps=5000 * NS_A_BYTE) for link in deployment.links)
    _, (_, sight) = spied(replace(deployment, links=fast), ESCALATE)
    assert sight.rate_bps == 8 * 10**9 * sum(last), "all of them together took a nanosecond"


def test_what_has_no_bits_measures_nothing():
    """Features of no bytes wait from 31 to 40 for the uplink to recover."""
    outage = Fault("f", Outage("resume"), Given(((25, 40),)), links=(uplink(cameras_and_cloud(1, [0])),))
    deployment = over_a_fair_uplink(cameras_and_cloud(1, [0, 60]), [0])
    _, seen = spied(replace(deployment, faults=(outage,)), ESCALATE)
    assert [(sight.backlog_bytes, sight.rate_bps) for sight in seen] == [(0, None)] * 2


def test_jobs_on_the_node_are_seen_without_the_decision_itself():
    """A decision takes 20 ns: the summaries are there at 14, 21 and 28, the decisions at 34, 54 and 74."""
    deployment = cameras_and_cloud(1, [0, 1, 2])
    exits = (replace(deployment.exits[0], service_ns=20), *deployment.exits[1:])
    _, seen = spied(replace(deployment, exits=exits))
    assert [(sight.now_ns, sight.waiting, sight.serving) for sight in seen] == [(34, 1, 1), (54, 0, 1), (74, 0, 0)]


def test_the_slack_is_what_the_deadline_of_the_workload_leaves():
    _, seen = spied(replace(cameras_and_cloud(1, [0, 40]), deadline_ns=30))
    assert [sight.slack_ns for sight in seen] == [13, 13]
    _, (unhurried,) = spied(cameras_and_cloud(1, [0]))
    assert unhurried.slack_ns is None


@pytest.mark.parametrize(("verdicts", "told"), [("heard", [0, 2]), ("lost", [0, 2, 3]), ("forgotten", [0, 1, 2])])
def test_of_a_verdict_that_does_not_come_all_are_told(verdicts: str, told: list[int]):
    """Two groups of two cameras, each with a gateway and an exit there; their verdicts meet in the cloud.

    That of the east does not come; or that of the west is there at 22, and the cloud crashes before the other comes.
    """
    tree = Tree()
    cameras = [tree.machine(f"camera {i}", "device") for i in range(4)]
    gateways, cloud = [tree.machine(name, "edge") for name in ("west", "east")], tree.machine("cloud", "cloud")
    for i, camera in enumerate(cameras):
        tree.join(camera, gateways[i // 2], LINK, LINK)
    for gateway in gateways:
        tree.join(gateway, cloud, LINK, LINK)
    sections = [Section(f"camera {i}", 0, i, i // 2, 4, i, 7, 2, 4) for i in range(4)]
    sections.append(Section("cloud", 1, cloud, 2, None, None, 10, 2, 0))
    exits = [Exit(f"local.{i}", 0, at, (2 * i, 2 * i + 1), "entropy", 0.5, 3, 0, 2) for i, at in enumerate(gateways)]
    exits.append(Exit("cloud", 1, cloud, (4,), "entropy", None, None, 0))
    deployment = watched(tree.deployment(sections, exits, [0], [0]), {})
    faults = (Fault("crash", Crash("lose"), Given(((30, 40),)), machines=(cloud,)),)
    late_or_lost = {"heard": {}, "lost": {"loss": Loss(1.0)}, "forgotten": {"delay_ns": 50}}[verdicts]
    links = tuple(replace(k, **late_or_lost) if k.name == "east>cloud" else k for k in deployment.links)
    deployment = replace(deployment, links=links, faults=faults if verdicts == "forgotten" else ())
    spies = Spies(lambda seen: Escalates(frozenset({next(iter(seen.features_bytes))})))
    trace = simulate(deployment, an_oracle([0.9], [0.9], [0.9]), record="messages", policies=spies)
    orders = [m for m in rows(trace, "messages") if m["kind"] == "control" and m["section"] is not None]
    assert [m["target"] for m in orders] == [f"camera {i}" for i in told]


# -- as planned --------------------------------------------------------------------------------------


def planned(deployment: Deployment) -> tuple[dict[int, int], int]:
    policy = with_escalations(watched(deployment, {})).exits[0].policy
    assert policy is not None
    return policy.uplinks, policy.escalation_ns


def test_an_escalation_takes_at_least_order_features_and_what_is_above():
    deployment = cameras_and_cloud(2, [0])
    gateway = deployment.links[uplink(deployment)].source
    assert planned(deployment) == ({gateway: uplink(deployment)}, 5 + (4 + 5 + 4 + 5) + 10)
    assert planned(replace(deployment, reply_to=gateway))[1] == 33 + 4 + 5
    shaped = with_uplink(deployment, mtu_bytes=2, header_bytes=1, overhead_ns=7)
    assert planned(shaped)[1] == 33 + 2 + 2 * 7
    sections = (*deployment.sections[:2], replace(deployment.sections[2], service=Distribution("uniform", (0.0, 4e-8))))
    assert planned(replace(deployment, sections=sections))[1] == 33 + 10


@given(networks("any") | networks("e") | networks("f"))
@settings(max_examples=15 * TIMES)
def test_alone_in_the_system_an_escalation_takes_no_less_than_planned(case):
    deployment, oracle = case
    first = slice(0, 1)
    load = deployment.workload
    one = replace(load, captured_ns=load.captured_ns[first], samples=load.samples[first])
    deployment = with_escalations(watched(replace(deployment, workload=one, reply_to=None), {}))
    trace = simulate(deployment, oracle, record="messages", policies=Spies(lambda seen: ESCALATE))
    decided = {row["exit"]: row["at_ns"] for row in rows(trace, "decisions")}
    names = [exit_.name for exit_ in deployment.exits]
    for number, exit_ in enumerate(deployment.exits):
        if exit_.policy is not None:
            above = max(decided[names[_next(deployment, section)]] for section in exit_.sections)
            assert above - decided[names[number]] >= exit_.policy.escalation_ns


def _next(deployment: Deployment, number: int) -> int:
    """Return the exit that reads what becomes of the features of the section *number*."""
    parent = deployment.sections[number].parent
    above = deployment.sections[parent].exit
    return _next(deployment, parent) if above is None else above
