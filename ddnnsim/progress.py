"""How far a long piece of work is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Told of a stage (`training`, `simulating`), the steps that are done and how many there are."""


def silent(stage: str, done: int, total: int) -> None:
    """Report no progress."""
