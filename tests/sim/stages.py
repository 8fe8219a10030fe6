"""Small deployments for one matter each, and what happened in them, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from deployments import NS_A_BYTE, Tree
from twin import plain

from ddnnsim.deployment import ClosedLoop, Deployment, Exit, Machine, Section, Workload
from ddnnsim.oracle import DecisionTable, TableOracle
from ddnnsim.sim import simulate
from ddnnsim.trace import Trace

LINK = (NS_A_BYTE, 5)
"""A byte takes a nanosecond, and 5 ns to propagate."""


def workload(captured_ns: Sequence[int]) -> Workload:
    """Return a request of sample 0 at each of *captured_ns*."""
    return Workload(np.array(captured_ns, np.int64), np.zeros(len(captured_ns), np.int64))


def lone_node(
    machine: Machine,
    load: Workload | ClosedLoop,
    service_ns: int = 10,
    until_ns: int | None = None,
    **section: Any,
) -> Deployment:
    """Return a node that does all by itself: a section, whose exit always answers at the end of its job."""
    return Deployment(
        machines=(machine,),
        links=(),
        sections=(Section("net", 0, 0, 0, None, 0, service_ns, 0, 0, **section),),
        exits=(Exit("last", 0, 0, (0,), "entropy", None, None, 0),),
        routes={},
        workload=load,
        reply_to=None,
        until_ns=until_ns,
    )


def cameras_and_cloud(
    cameras: int, captured_ns: Sequence[int], reply_to: int | None = None, until_ns: int | None = None
) -> Deployment:
    """Return *cameras*, then the gateway with the local exit, then the cloud.

    A camera computes for 7 ns, a decision takes 3, the cloud computes for 10. Scores are 2 bytes, features 4,
    orders none. From a camera to the gateway: 7 ns for scores; to the cloud: 18 for features, where they need not wait.
    """
    tree = Tree()
    for i in range(cameras):
        tree.machine(f"camera {i}", "device")
    gateway, cloud = tree.machine("gateway", "edge"), tree.machine("cloud", "cloud")
    for i in range(cameras):
        tree.join(i, gateway, LINK, LINK)
    tree.join(gateway, cloud, LINK, LINK)
    sections = [Section(f"camera {i}", 0, i, 0, cameras, i, 7, 2, 4) for i in range(cameras)]
    sections.append(Section("cloud", 1, cloud, 1, None, None, 10, 2, 0))
    exits = [
        Exit("local", 0, gateway, tuple(range(cameras)), "entropy", 0.5, 3, 0),
        Exit("cloud", 1, cloud, (cameras,), "entropy", None, None, 0),
    ]
    return tree.deployment(sections, exits, list(captured_ns), [0] * len(captured_ns), reply_to, until_ns)


def run(deployment: Deployment, *entropies: float) -> Trace:
    """Run *deployment*; its exits have *entropies*, those that are not given 0, whatever they see."""
    tables, samples = [], max(deployment.workload.samples) + 1
    for number in range(len(deployment.exits)):
        entropy = np.full(samples, entropies[number] if number < len(entropies) else 0.0)
        tables.append(DecisionTable(np.full(samples, number), entropy, 1 - entropy, 1 - entropy))
    return simulate(deployment, TableOracle(tables), record="messages")


def rows(trace: Trace, table: str) -> list[dict[str, Any]]:
    """Return the rows of *table*, or of `requests` or `nodes`, with names for codes."""
    of = trace.tables[table] if table in trace.tables else getattr(trace, table)
    columns = {name: plain(column) for name, column in of.items()}
    for name in columns.keys() & trace.names.keys():
        columns[name] = [None if code is None else trace.names[name][code] for code in columns[name]]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def jobs(trace: Trace) -> list[tuple[Any, ...]]:
    """Return by job, in the order of queueing: whose, start, end, outcome."""
    return [(r["section"] or r["exit"], r["start_ns"], r["end_ns"], r["outcome"]) for r in rows(trace, "executions")]


def fates(trace: Trace) -> list[tuple[str, str | None, int | None]]:
    """Return by request: fate, reason, and when it was answered."""
    return [(r["fate"], r["reason"], r["answered_ns"]) for r in rows(trace, "requests")]
