"""Laws that hold of any run: nothing appears, nothing is lost, and every account is the sum of what is on record."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from deployments import SHAPES, networks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ddnnsim.deployment import Deployment
from ddnnsim.sim import simulate
from ddnnsim.trace import ANSWER, ANSWERED, COMPLETE, DELIVERED, IN_FLIGHT, QUEUED, RUNNING, UNFINISHED, Trace

BOUNDED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}


def runs(shapes: tuple[str, ...] = SHAPES) -> st.SearchStrategy[tuple[Deployment, Trace]]:
    """Draw deployments of *shapes*, drained or stopped, and run them with every message on record."""
    cases = st.tuples(st.sampled_from(shapes), st.booleans()).flatmap(lambda case: networks(*case))
    return cases.map(lambda case: (case[0], simulate(*case, record="messages")))


@given(runs())
@settings(max_examples=40, **BOUNDED)
def test_every_request_and_message_and_job_is_somewhere(case):
    deployment, trace = case
    fate = trace.requests["fate"]
    assert np.isin(fate, [ANSWERED, UNFINISHED]).all()
    messages, jobs = trace.tables["messages"], trace.tables["executions"]
    assert ((messages["outcome"] == DELIVERED) == ~np.ma.getmaskarray(messages["delivered_ns"])).all()
    assert np.isin(messages["outcome"], [DELIVERED, IN_FLIGHT]).all()
    assert np.isin(jobs["outcome"], [COMPLETE, RUNNING, QUEUED]).all()
    if deployment.until_ns is None:
        assert (fate == ANSWERED).all()
        assert (messages["outcome"] == DELIVERED).all()
        assert (jobs["outcome"] == COMPLETE).all()
    else:
        times = [*messages["sent_ns"], *np.ma.compressed(messages["delivered_ns"]), *np.ma.compressed(jobs["end_ns"])]
        assert max(times, default=0) < deployment.until_ns


@given(runs())
@settings(max_examples=40, **BOUNDED)
def test_every_answer_is_a_decision(case):
    _, trace = case
    requests, decisions = trace.requests, trace.tables["decisions"]
    answers = decisions["verdict"] == ANSWER
    order = np.argsort(decisions["request"][answers])
    answered = requests["fate"] == ANSWERED
    for of_request, of_decision in (
        ("request", "request"),
        ("answered_ns", "at_ns"),
        ("exit", "exit"),
        ("prediction", "prediction"),
        ("entropy", "entropy"),
        ("views", "views"),
    ):
        column = np.ma.getdata(requests[of_request])[answered]
        assert column.tolist() == decisions[of_decision][answers][order].tolist()


@given(runs())
@settings(max_examples=40, **BOUNDED)
def test_accounts_are_sums_of_what_is_on_record(case):
    _, trace = case
    messages, hops, jobs = (trace.tables[name] for name in ("messages", "hops", "executions"))
    links, nodes = trace.links, trace.nodes
    kind, size = messages["kind"][hops["message"]], messages["size_bytes"][hops["message"]]
    for link in links["link"]:
        on = hops["link"] == link
        assert links["messages"][link] == on.sum()
        for code, name in enumerate(trace.names["kind"]):
            assert links[f"{name}_bytes"][link] == size[on & (kind == code)].sum()
    for node in nodes["node"]:
        assert nodes["jobs"][node] == ((jobs["node"] == node) & (jobs["outcome"] == COMPLETE)).sum()


@given(runs())
@settings(max_examples=40, **BOUNDED)
def test_messages_go_hop_by_hop_and_links_serve_in_turn(case):
    deployment, trace = case
    messages, hops = (rows(trace.tables[name]) for name in ("messages", "hops"))
    ways: dict[int, list[dict]] = {}
    for hop in hops:
        ways.setdefault(hop["message"], []).append(hop)
    for message in messages:
        way = ways.get(message["message"], [])
        stays = message["source"] == message["target"]
        assert stays == (not way)
        arrivals = [message["sent_ns"], *(hop["arrived_ns"] for hop in way)]
        assert [hop["queued_ns"] for hop in way] == arrivals[: len(way)]
        if message["delivered_ns"] is not None:
            assert message["delivered_ns"] == arrivals[-1]
            route = () if stays else deployment.routes[message["source"], message["target"]]
            assert [hop["link"] for hop in way] == list(route)
    for link in range(len(deployment.links)):
        for before, after in pairwise(hop for hop in hops if hop["link"] == link and hop["start_ns"] is not None):
            assert after["start_ns"] >= max(before["end_ns"], after["queued_ns"])


def rows(columns: dict) -> list[dict]:
    values = [np.ma.asarray(column).tolist() for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


@pytest.mark.parametrize("table", ["requests", "links", "nodes"])
@given(case=networks("f"))
@settings(max_examples=30, **BOUNDED)
def test_keeping_messages_on_record_changes_nothing(table, case):
    with_messages, without = simulate(*case, record="messages"), simulate(*case)
    assert without.tables == {}
    for name, column in getattr(without, table).items():
        assert column.tolist() == getattr(with_messages, table)[name].tolist(), name
