"""Speed of the engine on a chain, where a request is one message over two hops, beside a bare SimPy loop."""

from __future__ import annotations

import numpy as np
import pytest
from test_six_cameras import bare_events_per_s

from ddnnsim.deployment import Deployment, Exit, Link, Machine, Section, Workload
from ddnnsim.oracle import DecisionTable, TableOracle
from ddnnsim.sim import simulate

pytestmark = pytest.mark.benchmark

REQUESTS = 50_000
SAMPLES = 1000


def a_chain(requests: int) -> tuple[Deployment, TableOracle]:
    """Return a camera that computes, a gateway that forwards its features, and a cloud that answers each request.

    A request takes 42 ms and one comes every 10, so four or five are always under way.
    """
    machines = (Machine("camera", "device", 1), Machine("gateway", "gateway", 1), Machine("cloud", "cloud", 1))
    links = (Link("camera>gateway", 0, 1, 1_000_000, 5_000_000), Link("gateway>cloud", 1, 2, 10_000_000, 20_000_000))
    sections = (
        Section("camera", 0, 0, None, 1, 0, 8_000_000, 0, 1000),
        Section("cloud", 1, 2, 0, None, None, 200_000, 40, 0),
    )
    exits = (Exit("cloud", 1, 2, (1,), "entropy", None, None, 0),)
    captured_ns = np.arange(requests, dtype=np.int64) * 10_000_000
    workload = Workload(captured_ns, np.arange(requests, dtype=np.int64) % SAMPLES)
    half = np.full(SAMPLES, 0.5)
    oracle = TableOracle([DecisionTable(np.arange(SAMPLES) % 10, half, half, half)])
    return Deployment(machines, links, sections, exits, {(0, 2): (0, 1)}, workload, None, None), oracle


def test_chain(benchmark, capsys) -> None:
    deployment, oracle = a_chain(REQUESTS)
    bare = []

    def rested() -> None:
        bare.append(bare_events_per_s())

    trace = benchmark.pedantic(simulate, args=(deployment, oracle), setup=rested, rounds=7, warmup_rounds=1)
    latency_ns = trace.requests["answered_ns"] - trace.requests["captured_ns"]
    assert (latency_ns == 8_000_000 + 8_000_000 + 5_000_000 + 800_000 + 20_000_000 + 200_000).all()
    messages_per_s = REQUESTS / benchmark.stats.stats.min
    ratio = max(bare) / messages_per_s
    benchmark.extra_info |= {"messages_per_s": round(messages_per_s), "bare_events_per_message": round(ratio, 1)}
    with capsys.disabled():
        print(f"\nchain: {messages_per_s:,.0f} messages/s; bare SimPy loop: {max(bare):,.0f} events/s; 1/{ratio:.1f}")
    assert ratio <= 25, f"a message over two hops costs {ratio:.1f} bare events"
