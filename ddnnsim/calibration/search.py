"""The search among outcomes: the best for a goal, and all those that no other beats."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from ddnnsim.errors import UserError

from .goals import Goal
from .landscape import Landscape

_SLACK = 1e-9
"""Relative: sums of floats may miss a limit that they reach by so much."""


def choose(landscape: Landscape, goal: Goal) -> int:
    """Return the row of *landscape* that is best for *goal*.

    Of equal accuracy (for `loss`: of equally many early exits, then of equal bytes and latency, the more
    accurate) it is the one with the fewest bytes, then the lowest latency, then the lowest thresholds.
    Raises UserError where no row keeps to the limit, and names the least that one does.
    """
    rows = np.flatnonzero(_allowed(landscape, goal))
    right, early = -landscape.right[rows], -landscape.early()[rows]
    costs = (landscape.mean_bytes[rows], landscape.mean_latency_ns[rows])
    ranks = (early, *costs, right) if goal.kind == "loss" else (right, *costs)
    thresholds = landscape.thresholds[rows].T
    return int(rows[np.lexsort((*thresholds[::-1], *ranks[::-1]))[0]])


def front(landscape: Landscape) -> NDArray[np.int64]:
    """Return the rows that no other beats: as accurate, with as few bytes and as low a latency, and better in one.

    Of rows that come to the same the first is kept. In order of accuracy, the most accurate first.
    """
    costs = np.stack([-landscape.right, landscape.mean_bytes, landscape.mean_latency_ns], axis=1)
    distinct, rows = np.unique(costs, axis=0, return_index=True)  # in order: no row beats an earlier one
    kept = []
    left = np.arange(len(distinct))
    while len(left):
        best = left[0]
        kept.append(rows[best])
        left = left[(distinct[left] < distinct[best]).any(axis=1)]
    return np.array(kept, np.int64)


def _allowed(landscape: Landscape, goal: Goal) -> NDArray[np.bool_]:
    """Return which rows keep to the limit of *goal*."""
    if goal.kind in ("bytes", "latency"):
        return _affordable(landscape, goal)
    allowed = np.ones(len(landscape.right), dtype=bool)
    if goal.kind == "loss":
        lost = landscape.right.max() - landscape.right
        allowed &= lost <= goal.limit * landscape.samples + _SLACK
    elif goal.kind == "local-rate":
        allowed &= _local(landscape) >= goal.limit * landscape.samples - _SLACK
    return allowed


def _affordable(landscape: Landscape, goal: Goal) -> NDArray[np.bool_]:
    """Return which rows keep to a budget of bytes or latency."""
    used = landscape.mean_bytes if goal.kind == "bytes" else landscape.mean_latency_ns
    allowed: NDArray[np.bool_] = used <= goal.limit * (1 + _SLACK)
    if not allowed.any():
        raise UserError(f"goal '{goal.text}': out of reach; {_least(goal, float(used.min()))}")
    return allowed


def _local(landscape: Landscape) -> NDArray[np.int64]:
    if "local" not in landscape.keys:
        raise UserError("goal 'local-rate': the scenario has no local exit; write e.g. 'accuracy' or 'latency=120 ms'")
    return landscape.count("local")


def _least(goal: Goal, used: float) -> str:
    """Return a sentence on what is possible: *used* or more, rounded up to what can be asked for."""
    if goal.kind == "bytes":
        return f"the least possible is {ceil(used * (1 - _SLACK))} B per sample and device"
    return f"the least possible is {ceil(used / 1e4 * (1 - _SLACK)) / 100:g} ms on average"
