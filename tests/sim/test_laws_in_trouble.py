"""Laws that hold whatever goes wrong, and whatever is done about it; of the engine's trace alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from circumstances import EVERYTHING, PACKETS, circumstances
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from stages import rows
from troubles import TROUBLES, in_trouble
from twin import TIMES

from ddnnsim.deployment import Deployment
from ddnnsim.recovery import Deadline, Recovery, Retries
from ddnnsim.sim import simulate
from ddnnsim.trace import Trace

BOUNDED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
FAR_NS = 10**15

Run = tuple[Deployment, Trace]


def in_life(*uses: str) -> st.SearchStrategy:
    return st.booleans().flatmap(lambda stopped: circumstances(uses, stopped))


def runs() -> st.SearchStrategy[Run]:
    """Draw deployments in trouble, drained or stopped, and run them with every message on record."""
    cases = in_trouble(in_life(*EVERYTHING), TROUBLES)
    return cases.map(lambda case: (case[0], simulate(*case, record="messages")))


@given(runs())
@settings(max_examples=25 * TIMES, **BOUNDED)
def test_each_request_has_one_fate_for_a_reason(case):
    deployment, trace = case
    answers: dict[int, list[str]] = defaultdict(list)
    for decision in rows(trace, "decisions"):
        if decision["verdict"] in ("answer", "fallback"):
            answers[decision["request"]].append(decision["verdict"])
    for row in rows(trace, "requests"):
        fate, reason, verdicts = row["fate"], row["reason"], answers.pop(row["request"], [])
        assert (
            reason
            in {
                "answered": {None},
                "degraded": {"no_view", "deadline", "out_of_reach"},
                "lost": {"no_view", "deadline", "out_of_reach", "reply"},
                "unfinished": {"waiting" if deployment.until_ns is None else "stopped"},
            }[fate]
        )
        assert (row["answered_ns"] is not None) == (len(verdicts) == 1)
        if reason != "reply":
            assert verdicts == {"answered": ["answer"], "degraded": ["fallback"]}.get(fate, [])
        if fate == "degraded":
            assert deployment.recovery.fallback == "best_effort"
        if not any(exit_.deadline for exit_ in deployment.exits):
            assert row["late"] == 0
            assert reason != "deadline"
    assert not answers


@given(runs())
@settings(max_examples=25 * TIMES, **BOUNDED)
def test_every_byte_is_delivered_lost_dropped_or_in_flight(case):
    deployment, trace = case
    assume(deployment.forwarding == "message")
    messages = rows(trace, "messages")
    size = {kind: defaultdict(Counter) for kind in trace.names["kind"]}
    for hop in rows(trace, "hops"):
        message = messages[hop["message"]]
        size[message["kind"]][hop["link"]][hop["outcome"] == "dropped"] += message["size_bytes"]
        assert hop["outcome"] in ("delivered", "lost", "dropped", "in_flight")
    for name, link in zip(trace.names["link"], range(len(deployment.links)), strict=True):
        for kind, of_kind in size.items():
            assert trace.links[f"{kind}_bytes"][link] == of_kind[name][False]
        assert trace.links["dropped_bytes"][link] == sum(of_kind[name][True] for of_kind in size.values())
    for message in messages:
        assert (message["delivered_ns"] is not None) == (message["outcome"] == "delivered")
        assert message["outcome"] in ("delivered", "lost", "dropped", "in_flight")


@given(runs())
@settings(max_examples=25 * TIMES, **BOUNDED)
def test_what_was_delivered_is_not_sent_again_and_nothing_too_often(case):
    deployment, trace = case
    retries = deployment.recovery.retries
    attempts = 1 if retries is None else retries.attempts
    sendings: dict[tuple, list[str]] = defaultdict(list)
    for m in rows(trace, "messages"):
        if m["kind"] != "heartbeat":
            kind = "verdict" if m["kind"] == "control" and m["exit"] is not None else m["kind"]
            sendings[m["request"], kind, m["section"], m["exit"]].append(m["outcome"])
    for outcomes in sendings.values():
        assert len(outcomes) <= attempts
        assert set(outcomes[:-1]) <= {"lost", "dropped"}


@given(runs())
@settings(max_examples=25 * TIMES, **BOUNDED)
def test_only_jobs_of_requests_that_are_over_are_cancelled(case):
    deployment, trace = case
    fates = {r["request"]: r["fate"] for r in rows(trace, "requests")}
    for job in rows(trace, "executions"):
        if job["outcome"] == "cancelled":
            assert deployment.recovery.cancel
            assert job["start_ns"] is None
            assert fates[job["request"]] != "unfinished"


@given(in_life(*EVERYTHING, *PACKETS))
@settings(max_examples=25 * TIMES, **BOUNDED)
def test_what_is_there_and_not_needed_changes_nothing(case):
    """Deadlines that never come, retries of what is never lost, and fallback of what never comes to nothing."""
    deployment, oracle = case
    trace = simulate(deployment, oracle, record="messages")
    requests = rows(trace, "requests")
    assume(all(r["reason"] in (None, "stopped") for r in requests))
    assume(all(m["outcome"] not in ("lost", "dropped") for m in rows(trace, "messages")))
    exits = tuple(replace(exit_, deadline=Deadline(FAR_NS, "capture")) for exit_ in deployment.exits)
    recovery = Recovery(fallback="best_effort", retries=Retries(2, 1, 1.0))
    other = simulate(replace(deployment, exits=exits, recovery=recovery), oracle, record="messages")
    assert other.end_ns == trace.end_ns
    assert rows(other, "requests") == requests
    for table in ("messages", "hops", "executions", "decisions", "nodes"):
        assert rows(other, table) == rows(trace, table)
