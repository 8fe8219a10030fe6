"""What a run tells beside the usual, where it has it: faults, parts of latency, deadlines, losses, memory, energy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ddnnsim.report.tables import NONE, milliseconds, new_table, percent

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ddnnsim.metrics import PartOfLatency, Summary
    from ddnnsim.metrics.availability import Circumstances
    from ddnnsim.metrics.timeliness import Age, Timeliness


def extras(summary: Summary, reply_to: str | None) -> Iterator[RenderableType]:
    """Yield a line or a table for each of these that *summary* has; for a plain run nothing.

    Whoever asks for answers by a deadline, or at *reply_to*, is told how old what they tell is.
    """
    if summary.availability is not None and summary.availability < 1:
        yield _availability(summary)
    if summary.circumstances is not None:
        yield _circumstances(summary.circumstances)
    if summary.timeliness is not None:
        yield _timeliness(summary.timeliness)
    if summary.timeliness is not None or reply_to is not None:
        yield _age(summary.age, reply_to)
    if summary.parts is not None:
        yield _parts(summary.parts, summary)
    if any(link.lost or link.dropped or link.resent_bytes or link.down_s for link in summary.links.values()):
        yield _losses_on_links(summary)
    if any(node.lost or node.refused or node.down_s for node in summary.nodes.values()):
        yield _losses_of_nodes(summary)
    if any(node.energy_j is not None or node.memory_max_bytes is not None for node in summary.nodes.values()):
        yield _means(summary)


def _availability(summary: Summary) -> str:
    right = percent(summary.accuracy_of_requests)
    degraded = sum(summary.degraded.values()) / summary.created
    some = f", {percent(degraded)} a degraded one" if degraded else ""
    return f"Available: {percent(summary.availability)} of the requests got an answer{some}; {right} got the right one"


def _circumstances(told: Circumstances) -> RenderableType:
    caption = "by what was in force at the capture; right: of all requests; latency in ms"
    table = new_table("With and without faults", caption)
    table.add_column("captured", no_wrap=True)
    for heading in ("requests", "answered", "degraded", "right", "accuracy", "mean", "p95"):
        table.add_column(heading, justify="right")
    for name, served in (("during a fault", told.with_faults), ("else", told.without_faults)):
        shares = served.availability, served.degraded, served.accuracy_of_requests, served.accuracy
        times = served.latency.mean_s, served.latency.p95_s
        table.add_row(name, f"{served.requests:,}", *map(percent, shares), *map(milliseconds, times))
    return table


def _timeliness(told: Timeliness) -> str:
    goodput = NONE if told.goodput_per_s is None else f"{told.goodput_per_s:,.2f}"
    return (
        f"Within {milliseconds(told.deadline_s)} ms: {percent(told.in_time)} of the requests, "
        f"{percent(told.correct_in_time)} and right, {goodput} a second"
    )


def _age(age: Age, reply_to: str | None) -> str:
    where = "" if reply_to is None else f" at {reply_to}"
    mean, peaks = milliseconds(age.mean_s), milliseconds(age.peak_mean_s)
    return f"Age of information{where}: {mean} ms, at its peaks {peaks} ms"


def _parts(overall: dict[str, PartOfLatency], summary: Summary) -> RenderableType:
    table = new_table("Latency in parts", "means in ms; they add up to the mean latency")
    table.add_column("exit", no_wrap=True)
    for name in overall:
        table.add_column(name, justify="right")
    for name, of_exit in summary.exits.items():
        if of_exit.parts is not None:
            table.add_row(name, *(milliseconds(part.mean_s) for part in of_exit.parts.values()))
    table.add_section()
    table.add_row("overall", *(milliseconds(part.mean_s) for part in overall.values()))
    return table


def _losses_on_links(summary: Summary) -> RenderableType:
    table = new_table("Lost and sent again", "dropped: its queue was full, or it was down")
    table.add_column("link")
    for heading in ("messages", "lost", "dropped", "bytes sent again", "down for s"):
        table.add_column(heading, justify="right")
    for name, link in summary.links.items():
        if link.lost or link.dropped or link.resent_bytes or link.down_s:
            counts = (link.messages, link.lost, link.dropped, link.resent_bytes)
            table.add_row(name, *(f"{count:,}" for count in counts), f"{link.down_s:,.1f}")
    return table


def _losses_of_nodes(summary: Summary) -> RenderableType:
    table = new_table("Refused and lost", "refused: jobs that found the queue full or the node down")
    table.add_column("node")
    for heading in ("jobs", "refused", "lost", "down for s"):
        table.add_column(heading, justify="right")
    for name, node in summary.nodes.items():
        if node.refused or node.lost or node.down_s:
            table.add_row(name, f"{node.jobs:,}", f"{node.refused:,}", f"{node.lost:,}", f"{node.down_s:,.1f}")
    return table


def _means(summary: Summary) -> RenderableType:
    table = new_table("Memory and energy")
    table.add_column("node")
    for heading in ("most bytes held", "energy in J"):
        table.add_column(heading, justify="right")
    for name, node in summary.nodes.items():
        if node.memory_max_bytes is not None or node.energy_j is not None:
            memory = NONE if node.memory_max_bytes is None else f"{node.memory_max_bytes:,}"
            table.add_row(name, memory, NONE if node.energy_j is None else f"{node.energy_j:,.3f}")
    return table
