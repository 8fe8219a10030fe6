"""Laws that hold of any run, whatever links, machines and loads are like; of the engine's trace alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from circumstances import EVERYTHING, LINKS, NODES, PACKETS, circumstances
from couriers import Courier, deployed, link
from deployments import NS_A_BYTE, an_oracle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twin import TIMES, tables

from ddnnsim.deployment import Course, Deployment

BOUNDED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}

Run = tuple[Deployment, dict[str, Any]]


def runs(*uses: str) -> st.SearchStrategy[Run]:
    """Draw deployments, drained or stopped, and run them with every message on record."""
    cases = st.booleans().flatmap(lambda stopped: circumstances(uses, stopped))
    return cases.map(lambda case: (case[0], tables(*case)))


def hops_by_link(run: dict[str, Any]) -> dict[int, list[dict[str, Any]]]:
    on: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for hop in run["hops"]:
        on[hop["link"]].append(hop)
    return on


def is_fair(deployment: Deployment, number: int) -> bool:
    channel = deployment.links[number].channel
    return channel is not None and deployment.channels[channel].sharing == "fair"


@given(runs(*EVERYTHING, *PACKETS))
@settings(max_examples=20 * TIMES, **BOUNDED)
def test_requests_are_conserved(case):
    deployment, run = case
    for row in run["requests"]:
        assert row["fate"] in ("answered", "lost", "unfinished")
        assert (row["reason"] is None) == (row["fate"] == "answered")
        assert (row["answered_ns"] is not None) == (row["fate"] == "answered" or row["reason"] == "reply")
        stopped = deployment.until_ns is not None
        assert row["reason"] != ("waiting" if stopped else "stopped")
    answers = Counter(d["request"] for d in run["decisions"] if d["verdict"] == "answer")
    assert set(answers.values()) <= {1}
    assert set(answers) == {r["request"] for r in run["requests"] if r["answered_ns"] is not None}


@given(runs(*EVERYTHING, *PACKETS))
@settings(max_examples=20 * TIMES, **BOUNDED)
def test_messages_and_bytes_are_conserved_by_link_and_kind(case):
    deployment, run = case
    messages = run["messages"]
    on = hops_by_link(run)
    for row in run["links"]:
        hops = on[row["link"]]
        outcomes = Counter(hop["outcome"] for hop in hops)
        assert set(outcomes) <= {"delivered", "lost", "dropped", "in_flight"}
        assert row["messages"] == outcomes["delivered"] + outcomes["lost"] + outcomes["in_flight"]
        assert row["dropped"] == outcomes["dropped"]
        if not is_fair(deployment, row["link"]):
            assert row["lost"] == outcomes["lost"]
        if deployment.forwarding == "packet":
            continue  # the size of a packet is not on record
        size = {kind: Counter() for kind in {m["kind"] for m in messages}}
        for hop in hops:
            message = messages[hop["message"]]
            size[message["kind"]][hop["outcome"] == "dropped"] += message["size_bytes"]
        assert row["dropped_bytes"] == sum(of_kind[True] for of_kind in size.values())
        for kind, of_kind in size.items():
            assert row[f"{kind}_bytes"] == of_kind[False]
    for message in messages:
        hops = [hop for hop in run["hops"] if hop["message"] == message["message"]]
        if message["outcome"] == "delivered":
            assert {hop["outcome"] for hop in hops} <= {"delivered"}
        if message["outcome"] == "in_flight" and deployment.until_ns is None:
            assert any(hop["end_ns"] is None and hop["outcome"] == "in_flight" for hop in hops)
    jobs = Counter((x["node"], x["outcome"]) for x in run["executions"])
    for node in run["nodes"]:
        assert node["jobs"] == jobs[node["node"], "complete"]
        assert node["refused"] == jobs[node["node"], "refused"]
        assert node["lost"] >= jobs[node["node"], "lost"]


@given(runs(*LINKS, *PACKETS))
@settings(max_examples=20 * TIMES, **BOUNDED)
def test_a_channel_carries_one_after_another_and_is_never_idle_for_nothing(case):
    deployment, run = case
    channels: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for hop in run["hops"]:
        channel = deployment.links[hop["link"]].channel
        if hop["outcome"] != "dropped":
            channels[("own", hop["link"]) if channel is None else channel].append(hop)
    for hops in channels.values():
        free = 0
        for hop in hops:
            if hop["start_ns"] is None:
                break
            assert hop["start_ns"] == max(hop["queued_ns"], free)
            free = hop["end_ns"]
            if free is None:
                break
    for hops in hops_by_link(run).values():
        there = [hop["arrived_ns"] for hop in hops if hop["arrived_ns"] is not None]
        assert there == sorted(there)


@given(runs(*EVERYTHING, *PACKETS))
@settings(max_examples=20 * TIMES, **BOUNDED)
def test_no_effect_before_its_cause(case):
    deployment, run = case
    ways: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for hop in run["hops"]:
        ways[hop["message"], hop["packet"]].append(hop)
        _in_order(hop["queued_ns"], hop["start_ns"], hop["end_ns"], hop["arrived_ns"])
    for (number, _), hops in ways.items():
        assert hops[0]["queued_ns"] == run["messages"][number]["sent_ns"]
        for before, after in pairwise(hops):
            fair = is_fair(deployment, before["link"]) and is_fair(deployment, after["link"])
            assert after["queued_ns"] == before["queued_ns" if fair else "arrived_ns"]
        _in_order(hops[-1]["arrived_ns"], run["messages"][number]["delivered_ns"])
    for job in run["executions"]:
        _in_order(run["requests"][job["request"]]["captured_ns"], job["queued_ns"], job["start_ns"], job["end_ns"])
        if job["exit"] is not None:
            mine = set(deployment.exits[job["exit"]].sections)
            done = [x["end_ns"] for x in run["executions"] if x["request"] == job["request"] and x["section"] in mine]
            assert any(end is not None and end <= job["queued_ns"] for end in done)
    for decision in run["decisions"]:
        assert decision["at_ns"] >= run["requests"][decision["request"]]["captured_ns"]
        assert decision["views"] > 0
    for row in run["requests"]:
        _in_order(row["captured_ns"], row["answered_ns"], row["replied_ns"])


def _in_order(*times: int | None) -> None:
    """Hold *times* to be in order, and those that are missing to be the last."""
    given_ = [t for t in times if t is not None]
    assert given_ == sorted(given_)
    assert list(times[: len(given_)]) == given_


@given(runs(*EVERYTHING, *PACKETS))
@settings(max_examples=20 * TIMES, **BOUNDED)
def test_nothing_is_used_more_than_whole(case):
    deployment, run = case
    for row in run["links"]:
        assert 0 <= row["busy_ns"] <= run["end_ns"]
    for channel, plan in enumerate(deployment.channels):
        members = [row for row in run["links"] if deployment.links[row["link"]].channel == channel]
        if plan.sharing == "fifo":
            assert sum(row["busy_ns"] for row in members) <= run["end_ns"]
            assert len({row["queue_max"] for row in members}) <= 1
    for row, plan in zip(run["nodes"], deployment.machines, strict=True):
        assert 0 <= row["busy_ns"] <= plan.servers * (run["end_ns"] - row["down_ns"])
        if plan.memory is not None:
            assert plan.memory.sections_bytes <= row["memory_max_bytes"] <= plan.memory.size_bytes


@given(runs(*NODES))
@settings(max_examples=20 * TIMES, **BOUNDED)
def test_a_node_does_no_more_at_once_than_it_has_servers(case):
    deployment, run = case
    for node, plan in enumerate(deployment.machines):
        over = run["end_ns"] - run["nodes"][node]["down_ns"]
        batches = Counter()
        for x in run["executions"]:
            if x["node"] == node and x["start_ns"] is not None:
                end = over if x["end_ns"] is None else x["end_ns"]
                batches[x["start_ns"], end] += 1 / x["batch"]
        for at in {start for start, _ in batches}:
            busy = sum(n for (start, end), n in batches.items() if start <= at < end)
            assert busy <= plan.servers + 1e-9


# --- more of it is never worse --------------------------------------------------------------------

GAPS = st.sampled_from([0, 0, 1, 2, 3, 5, 8])


@st.composite
def _chains(draw: st.DrawFn) -> Deployment:
    """Draw messages that go down a chain of FIFO links one after another: no batches, no limits, no loss."""
    hops = draw(st.integers(1, 3))
    mtus = st.none() | st.integers(1, 3)
    links = []
    for i in range(hops):
        rate = draw(st.sampled_from([NS_A_BYTE, NS_A_BYTE // 2, 3 * 10**9]))
        course = st.builds(Course, st.just((0, 2)), st.permutations([rate, 0]), st.integers(3, 6))
        rates = draw(st.none() | course)
        more = {"mtu_bytes": draw(mtus), "header_bytes": draw(st.integers(0, 2)), "rates": rates}
        more["overhead_ns"] = draw(st.integers(0, 2))
        links.append(link(i, i + 1, rate, draw(GAPS), **more))
    at, couriers = 0, []
    for _ in range(draw(st.integers(1, 8))):
        at += draw(GAPS)
        couriers.append(Courier(tuple(range(hops)), draw(st.integers(0, 6)), at))
    return deployed(links, couriers, forwarding=draw(st.sampled_from(["message", "packet"])))


@given(_chains(), st.sets(st.integers(0, 2), min_size=1))
@settings(max_examples=50 * TIMES, **BOUNDED)
def test_twice_the_rate_is_never_slower_on_a_chain(chain, which):
    faster = tuple(
        replace(
            k,
            rate_bps=2 * k.rate_bps,
            rates=None if k.rates is None else replace(k.rates, values=tuple(2 * v for v in k.rates.values)),
        )
        if i in which
        else k
        for i, k in enumerate(chain.links)
    )
    before, after = (
        [m["delivered_ns"] for m in tables(d, an_oracle([0.5]))["messages"] if m["kind"] == "raw"]
        for d in (chain, replace(chain, links=faster))
    )
    assert all(b <= a for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("uses", [LINKS, NODES], ids=["links", "nodes"])
def test_a_run_is_a_function_of_its_deployment(uses):
    @given(circumstances(uses))
    @settings(max_examples=10, **BOUNDED)
    def is_the_same_again(case):
        assert tables(*case) == tables(*case)

    is_the_same_again()
