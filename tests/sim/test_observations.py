"""No policy sees the label or the future: what it sees is what the record tells of the past, on any deployment."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from typing import Any

import numpy as np
from circumstances import EVERYTHING, circumstances
from deployments import networks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spies import Spies, watched
from traffic import rows
from twin import TIMES

from ddnnsim.deployment import Deployment
from ddnnsim.oracle import TableOracle
from ddnnsim.policy import ESCALATE, EXIT, Escalates, Fixed, Observation, Verdict
from ddnnsim.sim import simulate
from ddnnsim.trace import Trace

BOUNDED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
LAST = 32
FOREVER = 2**62


@st.composite
def cases(draw: st.DrawFn) -> tuple[Deployment, TableOracle, int]:
    """Draw a deployment with policies that see any link, and a seed of what these say."""
    deployment, oracle = draw(circumstances(EVERYTHING, draw(st.booleans()), ("d", "e", "f", "any")))
    links = st.integers(0, len(deployment.links) - 1)
    uplinks = {
        number: draw(links) for number in range(len(deployment.exits)) if deployment.links and draw(st.integers(0, 4))
    }
    deadline_ns = draw(st.none() | st.integers(0, 20))
    return watched(replace(deployment, deadline_ns=deadline_ns), uplinks), oracle, draw(st.integers(0, 1000))


def capricious(seed: int) -> Spies:
    """Return policies that say anything that they may."""
    random_ = random.Random(seed)

    def decide(seen: Observation) -> Verdict:
        names = sorted(seen.features_bytes)
        some = frozenset(random_.sample(names, random_.randint(1, len(names))))
        return random_.choice([EXIT, ESCALATE, Escalates(some)])

    return Spies(decide)


@given(cases())
@settings(max_examples=25 * TIMES, **BOUNDED)
def test_a_policy_sees_what_the_record_tells_of_the_past(case) -> None:
    deployment, oracle, seed = case
    spies = capricious(seed)
    trace = simulate(deployment, oracle, record="messages", policies=spies)
    decisions, views = rows(trace, "decisions"), trace.names["views"]
    requests = {name: np.ma.asarray(column).tolist() for name, column in trace.requests.items()}
    made_of, jobs, hops = _views_by_section(trace), rows(trace, "executions"), rows(trace, "hops")
    messages = rows(trace, "messages")
    for number, exit_ in enumerate(deployment.exits):
        of_exit = [row for row in decisions if row["exit"] == number]
        seen = spies.seen[exit_.name]
        assert len(seen) == (0 if exit_.policy is None else len(of_exit))
        for row, sight in zip(of_exit, seen, strict=False):
            at, request = row["at_ns"], row["request"]
            captured, sample = requests["captured_ns"][request], requests["sample"][request]
            assert (sight.now_ns, sight.captured_ns) == (at, captured)
            assert sight.slack_ns == (
                None if deployment.deadline_ns is None else captured + deployment.deadline_ns - at
            )
            assert sight.escalation_ns == number
            assert (sight.rule, sight.threshold, sight.entropy) == (exit_.rule, exit_.threshold, row["entropy"])
            there = [s for s in exit_.sections if _mask(views[row["views"]]) & made_of[s]]
            alone = {s: oracle.view_sets.id(_mask(views[row["views"]]) & made_of[s]) for s in there}
            due = {deployment.sections[s].name: oracle.decide(number, sample, alone[s]).entropy for s in there}
            assert list(sight.entropies.items()) == list(due.items())
            assert sight.features_bytes == {
                deployment.sections[s].name: deployment.sections[s].features_bytes for s in exit_.sections
            }
            _check_queue(sight, jobs, exit_.machine)
            _check_link(sight, deployment, hops, messages, exit_.policy.uplinks.get(exit_.machine))


def _views_by_section(trace: Trace) -> list[int]:
    """Return by section the views that it can be made of."""
    made_of = [0 if row["view"] is None else 1 << row["view"] for row in rows(trace, "sections")]
    for row in rows(trace, "sections"):
        if row["parent"] is not None:
            made_of[row["parent"]] |= made_of[row["section"]]
    return made_of


def _mask(text: str) -> int:
    return sum(1 << i for i, letter in enumerate(text) if letter == "1")


def _check_queue(sight: Observation, jobs: list[dict[str, Any]], node: int) -> None:
    """What happens at the instant itself may be before the decision or after it."""
    at = sight.now_ns
    jobs = [job for job in jobs if job["node"] == node and job["outcome"] != "refused"]
    start = [FOREVER if job["start_ns"] is None else job["start_ns"] for job in jobs]
    end = [FOREVER if job["end_ns"] is None else job["end_ns"] for job in jobs]
    waiting = [
        sum(job["queued_ns"] < at + late and begun > at - late for job, begun in zip(jobs, start, strict=True))
        for late in (0, 1)
    ]
    serving = [
        sum(begun < at + late and over > at - late for begun, over in zip(start, end, strict=True)) for late in (0, 1)
    ]
    assert waiting[0] <= sight.waiting <= waiting[1]
    assert serving[0] <= sight.serving <= serving[1]


def _check_link(
    sight: Observation,
    deployment: Deployment,
    hops: list[dict[str, Any]],
    messages: list[dict[str, Any]],
    link: int | None,
) -> None:
    at = sight.now_ns
    if link is None:
        assert (sight.backlog_bytes, sight.rate_bps) == (0, None)
        return
    given_, sent = [0, 0], []
    for hop in hops:
        if hop["link"] != link or hop["outcome"] == "dropped" or hop["queued_ns"] > at:
            continue
        size = messages[hop["message"]]["size_bytes"]
        size += _header(deployment, messages[hop["message"]], link)
        if hop["end_ns"] is None or hop["end_ns"] > at:
            given_[0] += size * (hop["queued_ns"] < at)
            given_[1] += size
        elif hop["end_ns"] > hop["start_ns"]:
            sent.append((hop["end_ns"], hop["start_ns"], 8 * hop["attempts"] * size))
    assert given_[0] <= sight.backlog_bytes <= given_[1]
    assert len(sent) <= LAST or not _fair(deployment, link), "who of those that end at once is first would matter"
    last = sorted(sent)[-LAST:]
    busy = len({ns for end, start, _ in last for ns in range(start, end)}) if last and last[-1][0] < 10**5 else None
    if not last:
        assert sight.rate_bps is None
    elif busy is not None:
        assert sight.rate_bps == 10**9 * sum(bits for *_, bits in last) / busy


def _fair(deployment: Deployment, link: int) -> bool:
    channel = deployment.links[link].channel
    return channel is not None and deployment.channels[channel].sharing == "fair"


def _header(deployment: Deployment, message: dict[str, Any], link: int) -> int:
    """Return the headers of *message* on *link*: of fair links that are taken together those of the first."""
    route = deployment.route(message["source"], message["target"], message["size_bytes"])
    first = route.index(link)
    while _fair(deployment, link) and first and _fair(deployment, route[first - 1]):
        first -= 1
    plan, size = deployment.links[route[first]], message["size_bytes"]
    return (-(-size // plan.mtu_bytes) if plan.mtu_bytes else bool(size)) * plan.header_bytes


@given(cases())
@settings(max_examples=10 * TIMES, **BOUNDED)
def test_only_those_are_told_that_a_policy_names(case) -> None:
    deployment, oracle, seed = case
    spies = capricious(seed)
    trace = simulate(deployment, oracle, record="messages", policies=spies)
    named: dict[int, set[str]] = {}
    for number, exit_ in enumerate(deployment.exits):
        of_exit = [row for row in rows(trace, "decisions") if row["exit"] == number]
        for row, said in zip(of_exit, spies.said[exit_.name], strict=False):
            if isinstance(said, Escalates) and said.sections is not None:
                named[row["request"], number] = said.sections
    heard = {
        (m["request"], m["exit"])
        for m in rows(trace, "messages")
        if m["kind"] == "control" and m["exit"] is not None and m["outcome"] == "delivered"
    }
    for message in rows(trace, "messages"):
        if message["kind"] == "control" and message["section"] is not None:
            section = deployment.sections[message["section"]]
            key = message["request"], section.exit
            if key in named and (deployment.exits[section.exit].coordinator is None or key in heard):
                assert section.name in named[key]
    fates = [trace.names["fate"][fate] for fate in trace.requests["fate"]]
    assert len(fates) == len(trace.requests["request"])
    assert "unfinished" not in fates or deployment.until_ns is not None or _stuck(trace)


def _stuck(trace: Trace) -> bool:
    """Tell whether something waits for what a link never sends."""
    return any(hop["outcome"] == "in_flight" for hop in rows(trace, "hops"))


@given(cases(), st.integers(1, 30))
@settings(max_examples=10 * TIMES, **BOUNDED)
def test_what_is_seen_until_an_instant_does_not_depend_on_what_is_later(case, until_ns: int) -> None:
    deployment, oracle, _ = case
    early, late = Spies(Fixed().decide), Spies(Fixed().decide)
    simulate(replace(deployment, until_ns=until_ns), oracle, policies=early)
    simulate(replace(deployment, until_ns=until_ns + 1000), oracle, policies=late)
    for name, seen in late.seen.items():
        assert early.seen[name] == [sight for sight in seen if sight.now_ns < until_ns]


@given(networks("any") | networks("f"), st.booleans())
@settings(max_examples=10 * TIMES, **BOUNDED)
def test_the_fixed_rule_as_a_policy_changes_nothing(case, some: bool) -> None:
    deployment, oracle = case
    guided = watched(deployment, {number: 0 for number in range(len(deployment.exits)) if some and deployment.links})
    plain, same = (
        simulate(of, oracle, record="messages", policies=lambda plan: Fixed()) for of in (deployment, guided)
    )
    one, other = ({"requests": of.requests, "links": of.links, "nodes": of.nodes, **of.tables} for of in (plain, same))
    for table, columns in one.items():
        for name, column in columns.items():
            assert np.ma.asarray(column).tolist() == np.ma.asarray(other[table][name]).tolist(), (table, name)


def test_an_observation_has_no_place_for_a_label() -> None:
    assert {field.name for field in fields(Observation)} == {
        "exit", "now_ns", "captured_ns", "rule", "threshold", "entropy", "top", "margin", "entropies",
        "features_bytes", "waiting", "serving", "backlog_bytes", "rate_bps", "slack_ns", "escalation_ns",
    }  # fmt: skip
