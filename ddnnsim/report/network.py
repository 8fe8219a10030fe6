"""A network before it runs, as tables: what is where, what joins it, what a request alone would take."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from ddnnsim.report.tables import NONE, add_numbers, new_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ddnnsim.overview import ExitRow, LinkRow, NodeRow, Overview

PARTS = {"queueing": "queue", "service": "work", "serialisation": "send", "propagation": "travel", "waiting": "wait"}
"""By part of the latency, how a column is headed."""
ROWS = 40
"""How many rows of nodes, and of links, a report shows."""
_Row = TypeVar("_Row")
_Kind = Callable[[_Row], Hashable]
"""Rows for which this is equal are alike."""


def network_report(shown: Overview) -> Iterator[RenderableType]:
    """Yield the tables that tell what *shown* is."""
    yield f"[bold]{shown.name}[/bold]: configuration {shown.configuration}, {len(shown.nodes):,} nodes"
    if shown.searched:
        yield f"A run searches for {', '.join(shown.searched)}; shown are the first candidates"
    yield _exits(shown)
    yield _levels(shown)
    yield _nodes(shown.nodes)
    yield _links(shown.nodes, shown.links)


def _exits(shown: Overview) -> RenderableType:
    alone = "one request alone" if shown.exits[0].device is None else "one capture alone, of the best placed device,"
    caption = f"in ms, of {alone} in the network; bytes: of a device on its first hop, and over all hops"
    table = new_table("If a request leaves here", caption)
    for heading in ("exit", "at"):
        table.add_column(heading, overflow="fold")
    for heading in ("latency", *PARTS.values(), "bytes", "all hops"):
        add_numbers(table, heading)
    for told, alike in groupby(shown.exits, _exit_numbers):
        names, places = zip(*((row.name, row.node) for row in alike), strict=True)
        levels = {name: name.partition(".")[0] for name in names}
        table.add_row(_span(names, levels), _span(list(dict.fromkeys(places))), *told)
    return table


def _exit_numbers(row: ExitRow) -> tuple[str, ...]:
    times = (row.latency_ms, *(row.parts_ms[part] for part in PARTS))
    return (*(f"{time:,.2f}" for time in times), f"{row.bytes_per_device:,.1f}", f"{row.carried_bytes:,}")


def _levels(shown: Overview) -> RenderableType:
    table = new_table("Sections", "of each section, in bytes; the greatest of its level")
    table.add_column("level", no_wrap=True)
    for heading in ("sections", "parameters", "summary", "features"):
        add_numbers(table, heading)
    for row in shown.levels:
        numbers = (row.sections, row.parameter_bytes, row.summary_bytes, row.features_bytes)
        table.add_row(row.level, *(f"{number:,}" for number in numbers))
    return table


def _nodes(nodes: Sequence[NodeRow]) -> RenderableType:
    kinds: tuple[_Kind[NodeRow], _Kind[NodeRow]] = (
        lambda node: (node.entry, node.runs, node.parameter_bytes),
        lambda node: (node.tier, node.kinds, node.compute, node.parameter_bytes, node.memory_bytes),
    )
    folded = _folded(nodes, kinds)
    table = new_table("Nodes", _shown(len(folded), "parameters: of the sections on it and of those it stands in for"))
    for heading, breaks in (("node", True), ("tier", False), ("runs", True)):
        table.add_column(heading, overflow="fold", no_wrap=not breaks)
    for heading in ("compute", "parameters", "memory"):
        add_numbers(table, heading)
    entries = {node.name: node.entry for node in nodes}
    for alike in folded[:ROWS]:
        row = alike[0]
        memory = NONE if row.memory_bytes is None else f"{row.parameter_bytes / (row.memory_bytes or 1):.0%} used"
        runs = ", ".join(row.kinds) or NONE
        name = _span([node.name for node in alike], entries)
        table.add_row(name, row.tier, runs, row.compute or NONE, f"{row.parameter_bytes:,}", memory)
    return table


def _links(nodes: Sequence[NodeRow], links: Sequence[LinkRow]) -> RenderableType:
    entries, tiers = {node.name: node.entry for node in nodes}, {node.name: node.tier for node in nodes}
    kinds: tuple[_Kind[LinkRow], _Kind[LinkRow]] = (
        lambda row: (row.link, row.rate, row.delay),
        lambda row: (tiers[row.source], tiers[row.target], row.rate, row.delay),
    )
    folded = _folded(links, kinds)
    by_ends = all(row.link == f"{entries[row.source]}-{entries[row.target]}" for row in links)
    table = new_table("Links", _shown(len(folded), "rate and delay at the start; from / back where they differ"))
    for heading in ("link",) if by_ends else ("link", "from", "to"):
        table.add_column(heading, overflow="fold")
    for heading in ("rate", "delay"):
        add_numbers(table, heading)
    for alike in folded[:ROWS]:
        names, sources, targets = (
            list(dict.fromkeys(of)) for of in zip(*((r.link, r.source, r.target) for r in alike), strict=True)
        )
        ends = () if by_ends else (_span(sources, entries), _span(targets, entries))
        table.add_row(_span(names), *ends, alike[0].rate, alike[0].delay)
    return table


def _folded(rows: Sequence[_Row], kinds: tuple[_Kind[_Row], _Kind[_Row]]) -> list[list[_Row]]:
    """Return *rows* by those of a table: those that follow one another and are alike by the first of *kinds*.

    Where that is too much for a table, all that are alike by the second.
    """
    strictly, loosely = kinds
    in_order = [list(alike) for _, alike in groupby(rows, strictly)]
    if len(in_order) <= ROWS:
        return in_order
    found: dict[Hashable, list[_Row]] = {}
    for row in rows:
        found.setdefault(loosely(row), []).append(row)
    return list(found.values())


def _span(names: Sequence[str], entries: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return *names* in short: how many of which of their *entries*, or the first and the last."""
    if len(names) == 1:
        return names[0]
    of = {entries.get(name, name) for name in names}
    return f"{len(names):,} × {of.pop()}" if len(of) == 1 else f"{names[0]} .. {names[-1]} ({len(names):,})"


def _shown(rows: int, words: str) -> str:
    return words if rows <= ROWS else f"{words}; the first {ROWS} rows of {rows:,}, all with --json"
