"""What independent values say of a quantile."""

from __future__ import annotations

from math import ceil, log

import numpy as np
from numpy.typing import ArrayLike

from ddnnsim.statistics.estimate import CONFIDENCE, Estimate
from ddnnsim.statistics.sound import finite, require_share
from ddnnsim.statistics.too_short import TooShortError


def quantile_interval(values: ArrayLike, q: float, confidence: float = CONFIDENCE) -> Estimate:
    """Return the *q*-quantile of independent *values*, (n,): the least value that a share q of them does not exceed.

    It lies between two of the values in order. How many of n lie below the true quantile is binomial, so whatever
    they are drawn from, either end errs with probability (1 - confidence) / 2 at most: David and Nagaraja, Order
    Statistics, 2003, sec. 7.1. Raises TooShortError where not even the least or the greatest value will do,
    and ValueError where a value is not finite, or *q* or the confidence not between 0 and 1.
    """
    require_share("quantile", q)
    require_share("confidence", confidence)
    ordered = np.sort(finite(values))
    n = len(ordered)
    error = (1 - confidence) / 2
    needed = ceil(log(error) / log(max(q, 1 - q)))
    if n < needed:
        raise TooShortError(n, needed, f"{n:,} values are too few for an interval of the quantile {q:g}")
    low, high = _ranks(n, q, error)
    middle = float(np.quantile(ordered, q, method="inverted_cdf"))
    return Estimate(middle, float(ordered[low - 1]), float(ordered[high - 1]), n, confidence, "order statistics")


def _ranks(n: int, q: float, error: float) -> tuple[int, int]:
    """Return the greatest l with P(B < l) <= *error*, and the least u with P(B >= u) <= *error*; B is binomial."""
    from scipy.special import bdtr, bdtrc

    below = np.arange(n)
    low = int(np.sum(bdtr(below, n, q) <= error))
    high = int(np.sum(bdtrc(below, n, q) > error)) + 1
    return max(low, 1), min(high, n)  # rounding alone leads beyond them
