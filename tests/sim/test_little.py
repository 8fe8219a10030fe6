"""Little's law at every queue: the mean number there is the rate of arrivals times the mean time spent.

The number is integrated over time from what goes in and out of each queue (executions, hops); the time spent is what
the recorder says of each request. Both are integers, so they are equal to the nanosecond, and not just on average.
"""

from __future__ import annotations

import numpy as np
import pytest
from stations import MEMORYLESS, SERVICE_NS, arrivals, server, tandem, uplink

from ddnnsim.deployment import Channel
from ddnnsim.sim import simulate
from ddnnsim.trace import Trace


def integral_of_number(came_ns: np.ndarray, left_ns: np.ndarray) -> int:
    """Return the integral over time of how many are there, from the changes alone."""
    times = np.concatenate([came_ns, left_ns])
    change = np.concatenate([np.ones(len(came_ns), np.int64), -np.ones(len(left_ns), np.int64)])
    order = np.argsort(times, kind="stable")
    number = np.cumsum(change[order])
    return int((number[:-1] * np.diff(times[order])).sum())


def integral(trace: Trace, table: str, queue: int | None = None) -> int:
    """Return the integral of the number in the queues of *table* (in one of them), service included."""
    rows = trace.tables[table]
    here = np.ones(len(rows["queued_ns"]), bool)
    if queue is not None:
        here = np.asarray(rows["link" if table == "hops" else "node"]) == queue
    return integral_of_number(np.asarray(rows["queued_ns"])[here], np.asarray(rows["end_ns"])[here])


def time_spent(trace: Trace) -> int:
    return int((trace.requests["answered_ns"] - trace.requests["captured_ns"]).sum())


@pytest.mark.parametrize("servers", [1, 3])
def test_at_a_server(servers: int) -> None:
    trace = server(arrivals(0.8 * servers, 2000, 1), MEMORYLESS, 1, servers, record="messages")
    assert integral(trace, "executions") == time_spent(trace) > 2000 * SERVICE_NS // 2


def test_at_every_queue_of_a_tandem() -> None:
    trace = tandem(arrivals(0.7, 2000, 2), [MEMORYLESS, MEMORYLESS, MEMORYLESS], 2, record="messages")
    # links take no time here: all time is spent at the three servers
    assert sum(integral(trace, "executions", node) for node in range(3)) == time_spent(trace)
    # and at each of them the law holds by itself: jobs of one section come in the order in which they go
    rows = trace.tables["executions"]
    for node in range(3):
        here = np.asarray(rows["node"]) == node
        spent = np.asarray(rows["end_ns"])[here] - np.asarray(rows["queued_ns"])[here]
        assert integral(trace, "executions", node) == int(spent.sum())


@pytest.mark.parametrize("channel", [None, Channel(), Channel("fair")], ids=["own", "fifo", "fair"])
def test_at_a_link(channel: Channel | None) -> None:
    deployment, oracle = uplink(arrivals(0.8, 2000, 3), 3, channel)
    trace = simulate(deployment, oracle, record="messages")
    assert integral(trace, "hops") == time_spent(trace)
