"""Faults for deployments of tests, and runs of these, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from couriers import Courier, deployed
from deployments import an_oracle

from ddnnsim.deployment import Deployment, Link
from ddnnsim.faults import Crash, Fault, Given, Outage
from ddnnsim.sim import simulate
from ddnnsim.trace import Trace

Spells = Sequence[tuple[int, int | None]]


def outage(links: int | Sequence[int], spells: Spells, work: str = "lose", name: str = "outage") -> Fault:
    links = (links,) if isinstance(links, int) else tuple(links)
    return Fault(name, Outage(work), Given(tuple(spells)), links=links)


def crash(machines: int | Sequence[int], spells: Spells, work: str = "lose", name: str = "crash") -> Fault:
    machines = (machines,) if isinstance(machines, int) else tuple(machines)
    return Fault(name, Crash(work), Given(tuple(spells)), machines=machines)


def rows(trace: Trace, table: str) -> list[dict[str, Any]]:
    """Return *table* row by row, with names for outcomes and fates."""
    columns = getattr(trace, table) if table in ("requests", "links", "nodes") else trace.tables[table]
    values = {name: column.tolist() for name, column in columns.items()}
    for name in values.keys() & {"outcome", "fate", "reason"}:
        values[name] = [None if code is None else trace.names[name][code] for code in values[name]]
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def run(deployment: Deployment) -> Trace:
    """Run *deployment* with every message on record; without that it does the same."""
    trace = simulate(deployment, an_oracle([0.5] * 100), record="messages")
    without = simulate(deployment, an_oracle([0.5] * 100))
    assert rows(without, "requests") == rows(trace, "requests")
    assert rows(without, "links") == rows(trace, "links")
    assert rows(without, "nodes") == rows(trace, "nodes")
    assert without.end_ns == trace.end_ns
    return trace


def carried(links: list[Link], couriers: list[Courier], faults: Sequence[Fault], **more: Any) -> Trace:
    """Return a run of *couriers* over *links* under *faults*."""
    return run(replace(deployed(links, couriers, **more), faults=tuple(faults)))


def hops(trace: Trace, link: int = 0) -> list[tuple[int | None, int | None, int | None, str]]:
    """Return start, end, arrival and outcome of each hop over *link*."""
    on = [hop for hop in rows(trace, "hops") if hop["link"] == link]
    return [(hop["start_ns"], hop["end_ns"], hop["arrived_ns"], hop["outcome"]) for hop in on]
