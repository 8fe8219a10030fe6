"""What a run tells beside the usual, where it has it: faults, parts of latency, deadlines, losses, memory, energy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ddnnsim.report.tables import (
    MOST_ANSWERS,
    NONE,
    answers_by_exit,
    caption,
    foremost,
    milliseconds,
    new_table,
    percent,
)

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
    yield from _losses_on_links(summary)
    yield from _losses_of_nodes(summary)
    yield from _means(summary)


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
    answers = answers_by_exit(summary)
    table = new_table(
        "Latency in parts", caption("means in ms; they add up to the mean latency", answers, MOST_ANSWERS)
    )
    table.add_column("exit", no_wrap=True)
    for name in overall:
        table.add_column(name, justify="right")
    for name in foremost(answers):
        if (of_exit := summary.exits[name].parts) is not None:
            table.add_row(name, *(milliseconds(part.mean_s) for part in of_exit.values()))
    table.add_section()
    table.add_row("overall", *(milliseconds(part.mean_s) for part in overall.values()))
    return table


def _losses_on_links(summary: Summary) -> Iterator[RenderableType]:
    ranks = {name: (link.lost + link.dropped, link.resent_bytes, link.down_s) for name, link in summary.links.items()}
    hit = {name: rank for name, rank in ranks.items() if any(rank)}
    table = new_table("Lost and sent again", caption("dropped: its queue was full, or it was down", hit, "hit hardest"))
    table.add_column("link")
    for heading in ("messages", "lost", "dropped", "bytes sent again", "down for s"):
        table.add_column(heading, justify="right")
    for name in foremost(hit):
        link = summary.links[name]
        counts = (link.messages, link.lost, link.dropped, link.resent_bytes)
        table.add_row(name, *(f"{count:,}" for count in counts), f"{link.down_s:,.1f}")
    if hit:
        yield table


def _losses_of_nodes(summary: Summary) -> Iterator[RenderableType]:
    ranks = {name: (node.refused + node.lost, node.down_s) for name, node in summary.nodes.items()}
    hit = {name: rank for name, rank in ranks.items() if any(rank)}
    words = "refused: jobs that found the queue full or the node down"
    table = new_table("Refused and lost", caption(words, hit, "hit hardest"))
    table.add_column("node")
    for heading in ("jobs", "refused", "lost", "down for s"):
        table.add_column(heading, justify="right")
    for name in foremost(hit):
        node = summary.nodes[name]
        table.add_row(name, f"{node.jobs:,}", f"{node.refused:,}", f"{node.lost:,}", f"{node.down_s:,.1f}")
    if hit:
        yield table


def _means(summary: Summary) -> Iterator[RenderableType]:
    used = {
        name: (node.energy_j or 0, node.memory_max_bytes or 0)
        for name, node in summary.nodes.items()
        if node.memory_max_bytes is not None or node.energy_j is not None
    }
    table = new_table("Memory and energy", caption("", used, "that use most"))
    table.add_column("node")
    for heading in ("most bytes held", "energy in J"):
        table.add_column(heading, justify="right")
    for name in foremost(used):
        node = summary.nodes[name]
        memory = NONE if node.memory_max_bytes is None else f"{node.memory_max_bytes:,}"
        table.add_row(name, memory, NONE if node.energy_j is None else f"{node.energy_j:,.3f}")
    if used:
        yield table
