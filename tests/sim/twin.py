"""The engine's run and that of the second implementation, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from recursion import expected

from ddnnsim.deployment import Deployment
from ddnnsim.oracle import TableOracle
from ddnnsim.sim import simulate
from ddnnsim.trace import Trace


def plain(column: Any) -> list[Any]:
    return np.ma.asarray(column).tolist()


def check(deployment: Deployment, oracle: TableOracle) -> dict[str, Any]:
    """Hold the engine's run to that of the second implementation, and return the latter."""
    trace = simulate(deployment, oracle)
    due = expected(deployment, oracle)
    _check_records(simulate(deployment, oracle, record="messages"), trace, due, oracle)
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
        assert {m["outcome"] for m in due["messages"]} <= {"delivered"}
        assert {x["outcome"] for x in due["executions"]} <= {"complete"}
        if deployment.reply_to is not None:
            assert all(r["replied_ns"] is not None for r in due["requests"])
    return due


CODED = {
    "messages": ("kind", "outcome"),
    "hops": ("outcome",),
    "executions": ("outcome",),
    "decisions": ("verdict",),
}
"""By table of `record: messages`, the columns of names."""


def _check_records(recorded: Trace, trace: Trace, due: dict[str, Any], oracle: TableOracle) -> None:
    """Hold *recorded* to what is *due* message by message, and in all else to *trace*, the run without a record."""
    for table in ("requests", "links", "nodes"):
        assert _plain_table(getattr(recorded, table)) == _plain_table(getattr(trace, table)), table
    assert recorded.end_ns == trace.end_ns
    assert not trace.tables
    assert set(recorded.tables) == {*CODED, "sections", "exits"}
    for table, coded in CODED.items():
        columns = _plain_table(recorded.tables[table])
        for name in coded:
            columns[name] = [recorded.names[name][code] for code in columns[name]]
        if table == "decisions":
            columns["views"] = [oracle.view_sets.masks[v] for v in columns["views"]]
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        assert rows == due[table], table


def _plain_table(columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: plain(column) for name, column in columns.items()}
