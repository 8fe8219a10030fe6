"""How much two points differ whose replications have nothing in common."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from ddnnsim.statistics.estimate import CONFIDENCE, Estimate, mean_of, t_quantile, variance_of
from ddnnsim.statistics.sound import require_share

WELCH = "Welch's, of independent replications"


def unpaired(first: Sequence[float], second: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """Return how much more *second* is than *first* in the mean, two independent samples; n is of both together.

    Welch's interval, which lets variances and sizes differ (Biometrika 29, 1938, eq. 28); none where one of the two has
    a single value. Raises ValueError where one has none, or one that is not finite, or the confidence is not between 0
    and 1.
    """
    require_share("confidence", confidence)
    difference, n = mean_of(second) - mean_of(first), len(first) + len(second)
    if min(len(first), len(second)) < 2:
        return Estimate(difference, None, None, n, confidence, WELCH)
    half = welch(variance_of(first), len(first), variance_of(second), len(second), confidence)
    return Estimate(difference, difference - half, difference + half, n, confidence, WELCH)


def welch(one: float, n_one: int, other: float, n_other: int, confidence: float) -> float:
    """Return half the interval of a difference of means, of so many values each with the variances *one*, *other*."""
    of_one, of_other = one / n_one, other / n_other
    if not of_one + of_other:
        return 0.0
    degrees = (of_one + of_other) ** 2 / (of_one**2 / (n_one - 1) + of_other**2 / (n_other - 1))
    return t_quantile(confidence, degrees) * sqrt(of_one + of_other)
