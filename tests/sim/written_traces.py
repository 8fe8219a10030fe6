"""Traces written by hand, row by row, for what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ddnnsim.trace import FATES, OUTCOMES, REASONS, VERDICTS, Trace

KINDS = ("summary", "features", "raw", "control", "heartbeat", "reply")
NAMES = {
    "fate": FATES,
    "reason": REASONS,
    "outcome": OUTCOMES,
    "verdict": VERDICTS,
    "kind": KINDS,
    "rule": ("entropy", "probability", "margin"),
    "views": ("",),
    "tier": ("device", "cloud"),
}
COLUMNS = {
    "requests": "sample label captured_ns answered_ns replied_ns exit fate reason prediction views entropy late",
    "links": "source target messages lost",
    "nodes": "tier servers jobs down_ns",
    "sections": "level node exit parent view",
    "exits": "level node section coordinator rule threshold",
    "messages": "message request kind section exit source target size_bytes sent_ns delivered_ns outcome",
    "hops": "message packet link queued_ns start_ns end_ns arrived_ns attempts outcome",
    "executions": "request section exit node queued_ns start_ns end_ns batch outcome",
    "decisions": "request exit at_ns views prediction entropy verdict",
}


def column(table: str, name: str, values: Sequence[Any]) -> Any:
    """Return *values* as a column: names as their codes, None as masked."""
    coded = [NAMES[name].index(v) if isinstance(v, str) else v for v in values]
    kind = np.float64 if name in ("entropy", "threshold") else np.int64
    if None not in coded:
        return np.array(coded, kind)
    return np.ma.array([0 if v is None else v for v in coded], kind, mask=[v is None for v in coded])


def written(end_ns: int, nodes: Sequence[str], links: Sequence[tuple[str, int, int]], replies: bool = False,
            down_ns: Sequence[int] | None = None, **rows: Sequence[tuple[Any, ...]]) -> Trace:  # fmt: skip
    """Return a trace of *rows* by table, in the order of `COLUMNS`; a first column of ids comes by itself.

    Links are (name, source, target).
    """
    rows["nodes"] = [(0, 1, 0, 0 if down_ns is None else down_ns[i]) for i in range(len(nodes))]
    rows["links"] = [(source, target, 0, 0) for _, source, target in links]
    tables = {}
    for table, names in COLUMNS.items():
        of = rows.get(table, [])
        columns = {name: column(table, name, values) for name, values in _by_column(names.split(), of)}
        if table in ("requests", "links", "nodes", "sections", "exits"):
            columns = {table[:-1]: np.arange(len(of)), **columns}
        tables[table] = columns
    names = {
        **NAMES,
        "node": nodes,
        "source": nodes,
        "target": nodes,
        "link": [name for name, _, _ in links],
        "section": [f"s{i}" for i in range(len(rows["sections"]))],
        "exit": [f"e{i}" for i in range(len(rows["exits"]))],
    }
    whole = {name: tables.pop(name) for name in ("requests", "links", "nodes")}
    return Trace(**whole, names=names, replies=replies, end_ns=end_ns, tables=tables)


def _by_column(names: list[str], rows: Sequence[tuple[Any, ...]]) -> list[tuple[str, list[Any]]]:
    return [(name, [row[i] for row in rows]) for i, name in enumerate(names)]


# One device (or several), an exit on the second node, a section with the last exit in its job on the third.
TWO_LEVELS = {
    "sections": [(0, 0, 0, 2, 0), (0, 1, 0, 2, 1), (1, 3, 1, None, None)],
    "exits": [(0, 2, None, None, "entropy", 0.5), (1, 3, 2, None, "entropy", None)],
}
NODES = ("camera1", "camera2", "gateway", "cloud")
LINKS = (("camera1>gateway", 0, 2), ("camera2>gateway", 1, 2), ("gateway>cloud", 2, 3))


def request(answered_ns: int | None, exit_: int | None, fate: str = "answered", reason: str | None = None,
            replied_ns: int | None = None, captured_ns: int = 0) -> tuple[Any, ...]:  # fmt: skip
    """Return the row of a request of sample 4, class 7; where an exit answers it says 7."""
    prediction = None if exit_ is None else 7
    return (4, 7, captured_ns, answered_ns, replied_ns, exit_, fate, reason, prediction, 0, 0.25, 0)


def summary(message: int, camera: int, sent_ns: int, delivered_ns: int | None, outcome: str = "delivered",
            of: int = 0) -> tuple[Any, ...]:  # fmt: skip
    return (message, of, "summary", camera, None, camera, 2, 40, sent_ns, delivered_ns, outcome)
