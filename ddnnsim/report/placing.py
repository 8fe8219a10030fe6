"""What a search for places came to, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ddnnsim.report.tables import NONE, milliseconds, new_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ddnnsim.trials import Tried

ROWS = 20
"""How many placements a report shows."""
UNITS = {"latency_mean": "mean latency in ms", "latency_p95": "p95 latency in ms", "bytes": "bytes a request"}


def placing_report(tried: Tried) -> Iterator[RenderableType]:
    """Yield the placements that were tried, the best first, and how."""
    ranked = sorted(tried.trials, key=lambda trial: (trial.value is None, trial.value or 0.0))
    some = f", the best {ROWS} of {len(ranked):,}" if len(ranked) > ROWS else ""
    with_what = f"each tried with the first {tried.requests:,} requests of the scenario's run"
    table = new_table(f"Placements of {tried.scenario.name}{some}", with_what)
    for path in tried.paths:
        table.add_column(path.removeprefix("placement."), no_wrap=True)
    table.add_column(UNITS[tried.minimise], justify="right")
    for trial in ranked[:ROWS]:
        table.add_row(*trial.places, trial.note or _value(tried.minimise, trial.value))
    yield table


def _value(minimise: str, value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:,.1f}" if minimise == "bytes" else milliseconds(value)
