"""What commands print: tables, JSON, warnings, and how far they are."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

SPEED_PERIOD_S = 3600.0
"""What progress in this time tells of the time that is left: steps may take minutes."""


def print_json(document: object) -> None:
    """Print *document* as JSON on standard output."""
    print(json.dumps(document, indent=2))


def print_rich(tables: Iterator[Any]) -> None:
    """Print *tables*, as wide as the terminal."""
    from rich.console import Console

    console = Console(highlight=False)
    for table in tables:
        console.print(table)


def warn_not_saved(why: str | None) -> None:
    """Say on standard error *why* the weights could not be kept; None: they could."""
    if why is not None:
        print(f"the weights could not be kept, and the next run will train again: {why}", file=sys.stderr)


@contextmanager
def progress_bars(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show how far each stage is and how long it will still take, on standard error."""
    if quiet:
        yield lambda stage, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Progress(*columns, console=Console(stderr=True), transient=True, speed_estimate_period=SPEED_PERIOD_S)
    with bars:
        tasks: dict[str, Any] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:  # what was done before tells nothing of the speed
                tasks[stage] = bars.add_task(stage, total=total, completed=done)
            bars.update(tasks[stage], completed=done, total=total)

        yield progress
