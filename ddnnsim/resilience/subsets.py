"""Which of several fail together: all sets of one size, or some of them drawn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

from ddnnsim.seeds import stream

if TYPE_CHECKING:
    import numpy as np


def subsets(names: Sequence[str], size: int, most: int, seed: int) -> list[tuple[str, ...]]:
    """Return the sets of *size* of *names*: all, or *most* of them, each as likely, where there are more.

    Names, and sets, are in the order of *names*. What is drawn is that of the stream `resilience/subsets/SIZE`.
    """
    if comb(len(names), size) <= most:
        return list(combinations(names, size))
    return [tuple(names[place] for place in places) for places in _drawn(len(names), size, most, seed)]


def _drawn(count: int, size: int, most: int, seed: int) -> list[tuple[int, ...]]:
    """Return *most* different sets of *size* places below *count*, of which there are more, ascending."""
    draws: np.random.Generator = stream(seed, f"resilience/subsets/{size}")
    found: set[tuple[int, ...]] = set()
    while len(found) < most:
        found.add(tuple(sorted(draws.choice(count, size, replace=False).tolist())))
    return sorted(found)
