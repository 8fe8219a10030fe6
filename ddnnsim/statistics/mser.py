"""Where the start of a run is over."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ddnnsim.statistics.sound import finite

SIZE = 5
"""Values in a mean."""
LEAST_MEANS = 20
ALIKE = 1e-9
"""Two sums of squares that differ by no more than this share are the same but for rounding."""


class Truncation(NamedTuple):
    """What to leave out of a run."""

    values: int
    """So many from the start."""
    enough: bool
    """Whether the run is long enough to tell."""


def mser_5(values: ArrayLike) -> Truncation:
    """Return how many of successive *values*, (n,), belong to the start of the run, which the rest forgets.

    Of the means of five at a time, k of them without what is left over at the end, the first d <= k / 2 are left out
    that make the sum of squares about the mean of the rest, over (k - d)^2, least; of several such d the least. White,
    An effective truncation heuristic for bias reduction in simulation output, Simulation 69(6), 1997. Not long enough
    is a run with d = k // 2, and one with k < 20, of which nothing is left out. Raises ValueError where a value is not
    finite.
    """
    series = finite(values)
    k = len(series) // SIZE
    if k < LEAST_MEANS:
        return Truncation(0, enough=False)
    means = series[: k * SIZE].reshape(k, SIZE).mean(axis=1)
    from_the_end = means[::-1] - means[-1]  # so that nothing but zeros is added up where all of the rest are equal
    rest = np.arange(1, k + 1)
    squares = np.cumsum(from_the_end**2) - np.cumsum(from_the_end) ** 2 / rest
    statistic = (np.maximum(squares, 0) / rest**2)[::-1][: k // 2 + 1]  # by d
    d = int(np.argmax(statistic <= statistic.min() * (1 + ALIKE)))
    return Truncation(d * SIZE, enough=d < k // 2)
