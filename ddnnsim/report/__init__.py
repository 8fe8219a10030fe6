"""What a run came to, as tables for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING

from ddnnsim.report.extras import extras
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
from ddnnsim.report.worth import worth

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ddnnsim.calibration import Calibration, Outcome
    from ddnnsim.metrics import ExitSummary, Latency, Summary
    from ddnnsim.results import Result

BUSIEST = 6
"""How many links a report names."""
FRONT_ROWS = 8
"""How many points of a Pareto front a report shows."""


def report(result: Result) -> Iterator[RenderableType]:
    """Yield the tables and lines that tell what *result* came to."""
    summary = result.summary
    yield f"[bold]{result.scenario.name}[/bold]: {_fates(summary)} in {summary.simulated_s:,.1f} simulated seconds"
    if late := unreached(summary):
        answers, reply_to = "answer" if late == 1 else "answers", result.scenario.workload.reply_to
        yield f"{late:,} {answers} had not reached {reply_to} when the run ended: not counted below"
    yield _exits(summary)
    yield from worth(result)
    yield _bytes(summary)
    yield _use(summary)
    yield from extras(summary, result.scenario.workload.reply_to)


def unreached(summary: Summary) -> int:
    """Return how many answers were given and had not arrived, where a reply is asked for, when the run ended."""
    given = summary.fates["answered"] + summary.fates["degraded"]
    return given - sum(of_exit.answers for of_exit in summary.exits.values())


def training_report(
    name: str,
    accuracy: Mapping[str, Mapping[str, float]],
    alone: Mapping[str, tuple[float, float | None]],
    costs: Sequence[Mapping[str, object]],
) -> Iterator[RenderableType]:
    """Yield what the network *name* can do, and what it costs.

    *accuracy* is by split and by exit; *alone* by device, of all test samples and of those that it sees; *costs*
    are rows, one for sections that cost the same.
    """
    table = new_table("Accuracy, if every sample left at this exit")
    table.add_column("exit")
    for split in accuracy:
        table.add_column(split, justify="right")
    for exit_name in next(iter(accuracy.values())):
        table.add_row(exit_name, *(percent(of_split[exit_name]) for of_split in accuracy.values()))
    yield f"[bold]{name}[/bold]"
    yield table
    if alone:
        yield _alone(alone)
    yield _costs(costs)


def _alone(alone: Mapping[str, tuple[float, float | None]]) -> RenderableType:
    table = new_table("Accuracy of each device alone, on test", "not to see the object is to be wrong")
    table.add_column("device", no_wrap=True)
    for heading in ("all samples", "where it sees"):
        table.add_column(heading, justify="right")
    for device, (overall, where_seen) in alone.items():
        table.add_row(device, percent(overall), percent(where_seen))
    return table


def _costs(costs: Sequence[Mapping[str, object]]) -> RenderableType:
    table = new_table("Sections", "for one sample; operations on numbers and on bits; sizes in bytes")
    table.add_column("level", no_wrap=True)
    for heading in ("sections", "number ops", "binary ops", "parameters", "summary", "features"):
        table.add_column(heading, justify="right")
    for row in costs:
        level, *numbers = row.values()
        table.add_row(str(level), *(f"{number:,}" for number in numbers))
    return table


def calibration_report(calibration: Calibration) -> Iterator[RenderableType]:
    """Yield the thresholds of *calibration*, what they come to, and what no other thresholds beat."""
    yield f"[bold]{calibration.name}[/bold]: thresholds for {calibration.goal.text}, chosen on the validation split"
    yield "\n".join(f"  --set {path}={plain(value)}" for path, value in calibration.settings.items())
    yield _outcomes(calibration.validation, calibration.test)
    yield _front(calibration)
    yield _trust(calibration)


def calibration_document(calibration: Calibration) -> dict[str, object]:
    """Return *calibration* as a document of plain values."""
    return {
        "goal": calibration.goal.text,
        "settings": calibration.settings,
        "thresholds": calibration.thresholds,
        "temperatures": calibration.temperatures,
        "validation": asdict(calibration.validation),
        "test": asdict(calibration.test),
        "pareto": calibration.pareto.to_dict("records"),
        "trust": calibration.trust.to_dict("records"),
    }


def plain(number: float) -> str:
    """Return *number* in decimals, exactly, without an exponent or a superfluous 0."""
    return f"{Decimal(repr(number)):f}".removesuffix(".0")


def _outcomes(validation: Outcome, test: Outcome) -> RenderableType:
    caption = "the thresholds were chosen on validation: report the test column"
    table = new_table("At these thresholds", caption)
    table.add_column("")
    for split in ("validation", "test"):
        table.add_column(split, justify="right")
    table.add_row("accuracy", percent(validation.accuracy), percent(test.accuracy))
    for name, share in validation.shares.items():
        table.add_row(f"leave at {name}", percent(share), percent(test.shares[name]))
    sent = validation.bytes_per_sample_per_device, test.bytes_per_sample_per_device
    table.add_row("bytes per sample and device", *(f"{of_split:,.1f}" for of_split in sent))
    latencies = validation.latency_ms, test.latency_ms
    table.add_row("mean latency in ms, without queueing", *(f"{of_split:,.1f}" for of_split in latencies))
    return table


def _front(calibration: Calibration) -> RenderableType:
    front = calibration.pareto
    ranks = sorted({round(i * (len(front) - 1) / (FRONT_ROWS - 1)) for i in range(FRONT_ROWS)})
    some = f", {len(ranks)} of {len(front)}" if len(ranks) < len(front) else ""
    table = new_table(
        f"Pareto front of the validation split{some}",
        "bytes per sample and device; latency in ms; last column: the same thresholds on test",
    )
    headings = [f"{key} threshold" for key in calibration.thresholds]
    for heading in (*headings, "early exits", "accuracy", "bytes", "latency", "test accuracy"):
        table.add_column(heading, justify="right")
    last = [name for name in front.columns if name.endswith("_share")][-1]
    for row in front.iloc[ranks].to_dict("records"):
        thresholds = (plain(row[f"{key}_threshold"]) for key in calibration.thresholds)
        shares = percent(1 - row[last]), percent(row["accuracy"])
        costs = f"{row['bytes']:,.1f}", f"{row['latency_ms']:,.1f}"
        table.add_row(*thresholds, *shares, *costs, percent(row["test_accuracy"]))
    return table


def _trust(calibration: Calibration) -> RenderableType:
    caption = "on test, as given and with the temperature fitted on validation"
    table = new_table("Probabilities", caption)
    table.add_column("exit")
    for heading in ("temperature", "ECE", "NLL", "fitted", "ECE", "NLL"):
        table.add_column(heading, justify="right")
    for name, states in calibration.trust.groupby("exit", sort=False):
        cells = [
            (f"{row['temperature']:g}", percent(row["ece"]), f"{row['nll']:.3f}") for row in states.to_dict("records")
        ]
        table.add_row(str(name), *cells[0], *cells[1])
    return table


def _fates(summary: Summary) -> str:
    fates = ", ".join(f"{count:,} {fate}" for fate, count in summary.fates.items() if count)
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in summary.reasons.items() if count)
    told = f"{summary.created:,} requests" + (f": {fates}" if fates else "")
    return told + (f" ({reasons})" if reasons else "")


def _exits(summary: Summary) -> RenderableType:
    ranks = answers_by_exit(summary)
    words = "accuracy: of the answers given; all here: if every sample left there; latency in ms"
    table = new_table("Exits", caption(words, ranks, MOST_ANSWERS))
    table.add_column("exit", no_wrap=True)
    for heading in ("answers", "share", "accuracy", "all here", "mean", "p50", "p95", "p99"):
        table.add_column(heading, justify="right")
    for name in foremost(ranks):
        table.add_row(name, *_exit_cells(summary.exits[name]))
    answered = sum(of_exit.answers for of_exit in summary.exits.values())
    table.add_section()
    table.add_row(
        "overall", f"{answered:,}", percent(1.0 if answered else None), percent(summary.accuracy), "",
        *_latency_cells(summary.latency),
    )  # fmt: skip
    return table


def _exit_cells(of_exit: ExitSummary) -> Iterator[str]:
    yield f"{of_exit.answers:,}"
    yield percent(of_exit.share)
    yield percent(of_exit.accuracy)
    yield percent(of_exit.accuracy_all)
    yield from _latency_cells(of_exit.latency)


def _latency_cells(latency: Latency) -> Iterator[str]:
    for seconds in (latency.mean_s, latency.p50_s, latency.p95_s, latency.p99_s):
        yield milliseconds(seconds)


def _bytes(summary: Summary) -> str:
    sent, raw = summary.bytes.per_sample_per_device, summary.bytes.raw_per_sample_per_device
    if not sent:
        return f"Bytes per sample and device: {NONE if sent is None else 0}; raw offload {raw:,}"
    if not raw:  # nobody has said how large a view is
        return f"Bytes per sample and device: {sent:,.1f}"
    return f"Bytes per sample and device: {sent:,.1f}; raw offload {raw:,}, {raw / sent:.1f} times as many"


def _use(summary: Summary) -> RenderableType:
    nodes = foremost({name: (node.utilisation or 0,) for name, node in summary.nodes.items() if node.jobs})
    links = foremost({name: (link.utilisation or 0,) for name, link in summary.links.items()}, BUSIEST)
    of_nodes = f"{len(nodes)} of {len(summary.nodes):,} nodes"
    table = new_table("Use", f"the busiest: {of_nodes}, {len(links)} of {len(summary.links):,} directed links")
    table.add_column("node or link")
    for heading in ("jobs or messages", "busy", "longest queue"):
        table.add_column(heading, justify="right")
    for name in nodes:
        node = summary.nodes[name]
        table.add_row(name, f"{node.jobs:,}", percent(node.utilisation), f"{node.queue_max:,}")
    table.add_section()
    for name in sorted(links, key=lambda name: -(summary.links[name].utilisation or 0)):
        link = summary.links[name]
        table.add_row(name, f"{link.messages:,}", percent(link.utilisation), f"{link.queue_max:,}")
    return table
