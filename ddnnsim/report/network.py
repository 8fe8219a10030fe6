"""A network before it runs, as tables: what is where, what joins it, what a request alone would take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ddnnsim.report.tables import NONE, new_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ddnnsim.overview import LinkRow, NodeRow, Overview

PARTS = {"queueing": "queue", "service": "work", "serialisation": "send", "propagation": "travel", "waiting": "wait"}
"""By part of the latency, how a column is headed."""
ROWS = 40
"""How many rows of nodes, and of links, a report shows."""


def network_report(shown: Overview) -> Iterator[RenderableType]:
    """Yield the tables that tell what *shown* is."""
    yield f"[bold]{shown.name}[/bold]: configuration {shown.configuration}, {len(shown.nodes):,} nodes"
    if shown.searched:
        yield f"A run searches for {', '.join(shown.searched)}; shown are the first candidates"
    yield _exits(shown)
    yield _levels(shown)
    yield _nodes(shown.nodes)
    yield _links(shown.links)


def _exits(shown: Overview) -> RenderableType:
    caption = "in ms, of one request alone in the network; bytes: of a device on its first hop, and over all hops"
    table = new_table("If a request leaves here", caption)
    table.add_column("exit", no_wrap=True)
    table.add_column("at", no_wrap=True)
    for heading in ("latency", *PARTS.values(), "bytes", "all hops"):
        table.add_column(heading, justify="right")
    for row in shown.exits:
        times = (row.latency_ms, *(row.parts_ms[part] for part in PARTS))
        told = (*(f"{time:,.2f}" for time in times), f"{row.bytes_per_device:,.1f}", f"{row.carried_bytes:,}")
        table.add_row(row.name, row.node, *told)
    return table


def _levels(shown: Overview) -> RenderableType:
    table = new_table("Sections", "of each section, in bytes; the greatest of its level")
    table.add_column("level", no_wrap=True)
    for heading in ("sections", "parameters", "summary", "features"):
        table.add_column(heading, justify="right")
    for row in shown.levels:
        numbers = (row.sections, row.parameter_bytes, row.summary_bytes, row.features_bytes)
        table.add_row(row.level, *(f"{number:,}" for number in numbers))
    return table


def _nodes(nodes: Sequence[NodeRow]) -> RenderableType:
    folded = _folded(nodes)
    table = new_table("Nodes", _shown(len(folded), "parameters: of the sections on it and of those it stands in for"))
    table.add_column("node", no_wrap=True)
    for heading in ("tier", "runs", "compute"):
        table.add_column(heading)
    for heading in ("parameters", "memory"):
        table.add_column(heading, justify="right")
    for alike in folded[:ROWS]:
        row = alike[0]
        memory = NONE if row.memory_bytes is None else f"{row.parameter_bytes / (row.memory_bytes or 1):.0%} used"
        runs = ", ".join(row.runs) or NONE
        name = _span([node.name for node in alike])
        table.add_row(name, row.tier, runs, row.compute or NONE, f"{row.parameter_bytes:,}", memory)
    return table


def _folded(nodes: Sequence[NodeRow]) -> list[list[NodeRow]]:
    """Return *nodes* by rows of a table: those that follow one another and are alike, or all that are of many."""
    in_order = [list(alike) for _, alike in groupby(nodes, _node_kind)]
    if len(in_order) <= ROWS:
        return in_order
    alike: dict[tuple[object, ...], list[NodeRow]] = {}
    for node in nodes:
        alike.setdefault((node.tier, node.runs, node.compute, node.parameter_bytes, node.memory_bytes), []).append(node)
    return list(alike.values())


def _node_kind(row: NodeRow) -> tuple[object, ...]:
    return row.entry, row.runs, row.parameter_bytes


def _links(links: Sequence[LinkRow]) -> RenderableType:
    folded = [list(alike) for _, alike in groupby(links, lambda row: (row.link, row.rate, row.delay))]
    table = new_table("Links", _shown(len(folded), "rate and delay at the start; from / back where they differ"))
    for heading in ("link", "from", "to"):
        table.add_column(heading, no_wrap=True)
    for heading in ("rate", "delay"):
        table.add_column(heading, justify="right")
    for alike in folded[:ROWS]:
        sources, targets = (dict.fromkeys(names) for names in zip(*((r.source, r.target) for r in alike), strict=True))
        table.add_row(alike[0].link, _span(list(sources)), _span(list(targets)), alike[0].rate, alike[0].delay)
    return table


def _span(names: Sequence[str]) -> str:
    """Return *names* in short: the first and the last, and how many."""
    return names[0] if len(names) == 1 else f"{names[0]} .. {names[-1]} ({len(names):,})"


def _shown(rows: int, words: str) -> str:
    return words if rows <= ROWS else f"{words}; the first {ROWS} rows of {rows:,}, all with --json"
