"""The engine's run and that of the second implementation, side by side."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from counsel import Notes
from recursion import expected

from ddnnsim.deployment import Deployment
from ddnnsim.oracle import Oracle
from ddnnsim.sim import simulate
from ddnnsim.trace import Trace

TIMES = int(os.environ.get("DDNNSIM_EXAMPLES", "1"))
"""How many times as many examples are drawn as usual."""

TABLES = ("requests", "links", "nodes")
RECORDS = ("messages", "hops", "executions", "decisions", "sections", "exits")
BESIDE = ("faults", "queues")
"""Tables of runs that have faults, or windows."""
CODED = {
    "requests": {"fate", "reason"},
    "nodes": {"tier"},
    "messages": {"kind", "outcome"},
    "hops": {"outcome"},
    "executions": {"outcome"},
    "decisions": {"verdict"},
    "exits": {"rule"},
}
"""By table, the columns of names."""


def plain(column: Any) -> list[Any]:
    return np.ma.asarray(column).tolist()


def check(deployment: Deployment, oracle: Oracle) -> dict[str, Any]:
    """Hold the engine's run to that of the second implementation, row by row, and return the latter.

    Policies see the same, number by number. With every message on record and without, the other tables are the same.
    """
    notes, due_notes = Notes(), Notes()
    trace = simulate(deployment, oracle, record="messages", policies=notes)
    due = expected(deployment, oracle, due_notes)
    got = _tables_of(trace, oracle)
    for exit_ in deployment.exits:
        _compare(f"what {exit_.name} sees", notes.of_exit[exit_.name], due_notes.of_exit[exit_.name])
    beside = [table for table in BESIDE if table in due]
    for table in (*RECORDS, *TABLES, *beside):  # what went wrong first is in the records
        _compare(table, got[table], due[table])
    assert got == due

    without = simulate(deployment, oracle)
    assert set(without.tables) == set(beside)
    assert without.end_ns == trace.end_ns
    for table in TABLES:
        assert _plain_table(getattr(without, table)) == _plain_table(getattr(trace, table)), table
    for table in beside:
        assert _plain_table(without.tables[table]) == _plain_table(trace.tables[table]), table
    return due


def tables(deployment: Deployment, oracle: Oracle) -> dict[str, Any]:
    """Return what the engine makes of *deployment*, in the form of `expected`."""
    return _tables_of(simulate(deployment, oracle, record="messages"), oracle)


def _tables_of(trace: Trace, oracle: Oracle) -> dict[str, Any]:
    assert set(RECORDS) <= set(trace.tables) <= {*RECORDS, *BESIDE}
    of = {name: getattr(trace, name) for name in TABLES} | dict(trace.tables)
    return {name: _rows(trace, name, columns, oracle) for name, columns in of.items()} | {"end_ns": trace.end_ns}


def _rows(trace: Trace, table: str, columns: Mapping[str, Any], oracle: Oracle) -> list[dict[str, Any]]:
    """Return *columns* row by row, with names for codes and masks for sets of views."""
    values = _plain_table(columns)
    for name in values.keys() & CODED.get(table, set()):
        values[name] = [None if code is None else trace.names[name][code] for code in values[name]]
    if "views" in values:
        values["views"] = [None if v is None else oracle.view_sets.masks[v] for v in values["views"]]
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def _compare(table: str, got: list[dict[str, Any]], due: list[dict[str, Any]]) -> None:
    for number, (row, due_row) in enumerate(zip(got, due, strict=False)):
        assert row == due_row, f"{table}, row {number}"
    assert len(got) == len(due), f"{table}: {got[len(due) :] or due[len(got) :]}"


def _plain_table(columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: plain(column) for name, column in columns.items()}
