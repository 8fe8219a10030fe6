"""What each finished job came to, by the paths of the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ddnnsim.results import load_result
from ddnnsim.sweeps.numbers import SINGLE, numbers_of


class Row(NamedTuple):
    """What one job came to."""

    point: int
    replication: int
    numbers: Mapping[str, float | None]
    """By path; None for one that this run does not have."""


def read_rows(runs: Path, jobs: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return what those of *jobs*, as a manifest has them, came to that have a run in the folder *runs*."""
    return [
        Row(job["point"], job["replication"], numbers_of(load_result(runs / job["run"]).summary))
        for job in jobs
        if job["run"] is not None
    ]


def chosen(rows: Iterable[Row], more: Sequence[str] = ()) -> list[Row]:
    """Return *rows* without the numbers of single links and nodes but those that *more* names, or that are below it."""
    return [
        row._replace(numbers={path: number for path, number in row.numbers.items() if _is_chosen(path, more)})
        for row in rows
    ]


def is_below(path: str, holder: str) -> bool:
    """Return whether *path* is *holder* or leads into it."""
    return f"{path}.".startswith(f"{holder}.")


def _is_chosen(path: str, more: Sequence[str]) -> bool:
    return path.partition(".")[0] not in SINGLE or any(is_below(path, holder) for holder in more)
