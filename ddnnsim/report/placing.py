"""What a search for places came to, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ddnnsim.report.tables import NONE, milliseconds, new_table
from ddnnsim.search import rank

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ddnnsim.search import Trial
    from ddnnsim.trials import Tried

ROWS = 20
"""How many placements a report shows."""
UNITS = {"latency_mean": "mean latency in ms", "latency_p95": "p95 latency in ms", "bytes": "bytes a request"}


def placing_report(tried: Tried) -> Iterator[RenderableType]:
    """Yield the placements that were tried, the best first, and how."""
    ranked = sorted(tried.trials, key=rank)
    some = f", the best {ROWS} of {len(ranked):,}" if len(ranked) > ROWS else ""
    with_what = f"each tried with the first {tried.requests:,} requests of the scenario's run"
    table = new_table(f"Placements of {tried.scenario.name}{some}", with_what)
    for path in tried.paths:
        table.add_column(path.removeprefix("placement."), no_wrap=True)
    table.add_column(UNITS[tried.minimise], justify="right")
    partly = any(trial.value is not None and trial.answered < 1 for trial in ranked)
    if partly:
        table.add_column("answered", justify="right")
    for trial in ranked[:ROWS]:
        table.add_row(*trial.places, *_came_to(trial, tried.minimise)[: 1 + partly])
    yield table


def _came_to(trial: Trial, minimise: str) -> tuple[str, str]:
    """Return what *trial* came to, or why it cannot be, and the share of requests that were answered."""
    if trial.value is None:
        return trial.note, NONE
    value = f"{trial.value:,.1f}" if minimise == "bytes" else milliseconds(trial.value)
    return value, f"{trial.answered:.1%}"
