"""Latency in parts: they add up on any deployment, and are those of cases done by hand."""

from __future__ import annotations

import numpy as np
from deployments import SHAPES, networks, two_levels
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ddnnsim.metrics import latencies_ns
from ddnnsim.sim import simulate
from ddnnsim.story import PARTS, Records, legs, parts

BOUNDED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}


def any_network() -> st.SearchStrategy:
    """Draw deployments of every shape, drained or stopped."""
    shaped = st.tuples(st.sampled_from(SHAPES), st.booleans()).flatmap(lambda case: networks(*case))
    return shaped | st.tuples(st.booleans(), st.booleans()).flatmap(lambda case: two_levels(*case))


@given(any_network())
@settings(max_examples=200, **BOUNDED)
def test_parts_add_up_to_the_latency(case):
    trace = simulate(*case, record="messages")
    table = parts(trace)
    done = ~np.ma.getmaskarray(trace.requests["replied_ns" if trace.replies else "answered_ns"])
    columns = np.array([np.ma.getdata(table[f"{name}_ns"]) for name in PARTS])
    assert (columns[:, done] >= 0).all()
    assert (columns.sum(axis=0)[done] == latencies_ns(trace)[done]).all()
    assert all((~np.ma.getmaskarray(table[f"{name}_ns"]) == done).all() for name in PARTS)


@given(any_network())
@settings(max_examples=200, **BOUNDED)
def test_the_legs_of_a_way_follow_one_another(case):
    trace = simulate(*case, record="messages")
    ways = legs(Records(trace), np.arange(len(trace.requests["request"])))
    captured_ns = trace.requests["captured_ns"]
    assert (ways.begin_ns <= ways.end_ns).all()
    first = np.flatnonzero(np.diff(ways.request, prepend=-1))
    assert ways.request[first].tolist() == trace.requests["request"].tolist()
    assert ways.begin_ns[first].tolist() == captured_ns.tolist()
    inner = np.diff(ways.request) == 0
    assert (ways.begin_ns[1:][inner] == ways.end_ns[:-1][inner]).all()
