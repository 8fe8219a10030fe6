"""The numbers of a summary, each by its path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ddnnsim.results.layout import SUMMARY

OF_PARTS = ("links", "nodes")
"""Where the numbers of single links and nodes are, of which there may be thousands."""


def numbers_of(run: Path) -> dict[str, float | None]:
    """Return every number of the summary in the folder *run* by its path, such as `latency.p95_s`; None: no such."""
    summary = json.loads((run / SUMMARY).read_text(encoding="utf-8"))
    return dict(_numbers(summary, ""))


def _numbers(part: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, float | None]]:
    for name, value in part.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{prefix}{name}.")
        elif value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            yield f"{prefix}{name}", value
