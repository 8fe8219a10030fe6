"""The engine's run and that of the second implementation, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from recursion import expected

from ddnnsim.deployment import Deployment
from ddnnsim.oracle import TableOracle
from ddnnsim.sim import simulate


def plain(column: Any) -> list[Any]:
    return np.ma.asarray(column).tolist()


def check(deployment: Deployment, oracle: TableOracle) -> dict[str, Any]:
    """Hold the engine's run to that of the second implementation, and return the latter."""
    trace = simulate(deployment, oracle)
    due = expected(deployment, oracle)
    for name in ("captured_ns", "answered_ns", "replied_ns", "exit", "prediction", "sample", "entropy"):
        assert plain(trace.requests[name]) == [r[name] for r in due["requests"]], name
    masks = [None if v is None else oracle.view_sets.masks[v] for v in plain(trace.requests["views"])]
    assert masks == [r["views"] for r in due["requests"]]
    assert not np.any(trace.requests["late"])
    for table, rows in ((trace.links, due["links"]), (trace.nodes, due["nodes"])):
        for name in rows[0] if rows else ():
            assert plain(table[name]) == [r[name] for r in rows], name
    assert not np.any(trace.links["lost"])
    assert not np.any(trace.links["dropped"])
    assert trace.end_ns == due["end_ns"]

    # conservation: created = answered + unfinished, each unfinished one with its reason
    fates = [trace.names["fate"][i] for i in plain(trace.requests["fate"])]
    reasons = [None if i is None else trace.names["reason"][i] for i in plain(trace.requests["reason"])]
    captured_ns, until = deployment.workload.captured_ns.tolist(), deployment.until_ns
    created = [t for t in captured_ns if until is None or t < until]
    assert plain(trace.requests["request"]) == list(range(len(created)))
    assert fates.count("answered") + fates.count("unfinished") == len(created)
    assert reasons == [None if f == "answered" else "stopped" for f in fates]
    for fate, row in zip(fates, due["requests"], strict=True):
        assert (fate == "answered") == (row["answered_ns"] is not None)
    if until is None:
        assert "unfinished" not in fates
        if deployment.reply_to is not None:
            assert all(r["replied_ns"] is not None for r in due["requests"])
    return due
