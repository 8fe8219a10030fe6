"""Thresholds worth trying: one for each way in which a rule can part the samples, as short as it can be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .staircase import Staircase

COMBINATIONS = 90_000
"""Combinations of thresholds that a search looks at, at most."""
MOST = 1000
"""Thresholds of one exit, at most: beyond, those that leave equal numbers of samples between them."""
DIGITS = 15
"""Decimals that a threshold has at most."""


def candidates(staircase: Staircase) -> dict[str, NDArray[np.float64]]:
    """Return by key the thresholds to try: 0, 1, and one between each two neighbours of what the rule compares."""
    most = min(MOST, int(COMBINATIONS ** (1 / len(staircase.keys))))
    return {key: parting(staircase.measures(key)[1], most) for key in staircase.keys}


def parting(values: NDArray[np.float64], most: int) -> NDArray[np.float64]:
    """Return thresholds in [0, 1] that part *values* in each possible way, or in *most* ways spread over them.

    Each between two values is the shortest decimal there, near the middle; 0 and 1 are for all and none.
    """
    distinct, counts = np.unique(values, return_counts=True)
    gaps = np.arange(len(distinct) - 1)
    if len(gaps) > most - 2:
        below = np.cumsum(counts)[:-1]
        wanted = np.linspace(0, len(values), most)[1:-1]
        gaps = np.unique(np.searchsorted(below, wanted).clip(0, len(below) - 1))
    between = (short_between(float(distinct[gap]), float(distinct[gap + 1])) for gap in gaps)
    return np.unique([0.0, 1.0, *(value for value in between if value is not None)])


def short_between(low: float, high: float) -> float | None:
    """Return the decimal with the fewest places above *low* and below *high*, the nearest to their middle.

    None where they are so near that none of `DIGITS` places lies between.
    """
    middle = (low + high) / 2
    rounded = (round(middle, places) for places in range(1, DIGITS + 1))
    return next((value for value in rounded if low < value < high), None)
