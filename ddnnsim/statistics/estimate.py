"""A number that is known from some values only, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from ddnnsim.statistics.sound import finite, require_share

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """What some values say of the number behind them."""

    mean: float
    """Of the values; of a quantile, what it is among them."""
    low: float | None
    """The closed interval `low` to `high` holds the number with `confidence`; None: too few values for one."""
    high: float | None
    n: int
    """How many independent values: replications, batches, pairs."""
    confidence: float
    method: str

    @property
    def half_width(self) -> float | None:
        """Return half the length of the interval, if there is one."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


def student(mean: float, error: float, n: int, confidence: float, method: str) -> Estimate:
    """Return the interval of Student with n - 1 degrees about *mean*, whose standard error is *error*.

    There is none for n = 1. Raises ValueError for a confidence that is not between 0 and 1.
    """
    require_share("confidence", confidence)
    if n < 2:
        return Estimate(mean, None, None, n, confidence, method)
    half = t_quantile(confidence, n - 1) * error
    return Estimate(mean, mean - half, mean + half, n, confidence, method)


def t_quantile(confidence: float, degrees: float) -> float:
    """Return what the absolute value of Student's t exceeds with probability 1 - *confidence*."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + confidence) / 2))


def mean_of(values: Sequence[float]) -> float:
    """Return the mean of *values*; if they are equal, exactly what they are. ValueError without any, or not finite."""
    if not len(finite(values)):
        raise ValueError("a mean needs at least one value")
    return min(max(fsum(values) / len(values), min(values)), max(values))  # rounding leads nowhere beyond them


def variance_of(values: Sequence[float]) -> float:
    """Return the variance that two or more *values* are drawn from, over n - 1."""
    mean = mean_of(values)
    return fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
