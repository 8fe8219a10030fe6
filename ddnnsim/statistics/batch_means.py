"""What one long run says of a mean, though its values are alike."""

from __future__ import annotations

from math import ceil, sqrt

from numpy.typing import ArrayLike

from ddnnsim.statistics.autocorrelation import autocorrelation_time
from ddnnsim.statistics.estimate import CONFIDENCE, Estimate, mean_of, student, variance_of
from ddnnsim.statistics.sound import finite, require_share
from ddnnsim.statistics.too_short import TooShortError

BATCHES = 20
TIMES = 25
"""Autocorrelation times that a batch is long, at least: their means are then as good as independent."""


def batch_means(values: ArrayLike, confidence: float = CONFIDENCE) -> Estimate:
    """Return the mean of successive *values*, (n,), of a stationary run, from the means of 20 batches of equal length.

    What is left over at the start is dropped. Raises TooShortError where a batch would be shorter than 25 times the
    autocorrelation time, and ValueError where a value is not finite, or the confidence not between 0 and 1.
    """
    require_share("confidence", confidence)
    series = finite(values)
    n = len(series)
    tau = autocorrelation_time(series) if n else 1.0
    needed = ceil(BATCHES * TIMES * tau)
    if n < needed:
        raise TooShortError(n, needed, f"{n:,} values, about {tau:,.1f} of which say as much as one alone, are too few")
    length = n // BATCHES
    means = series[n - BATCHES * length :].reshape(BATCHES, length).mean(axis=1).tolist()
    return student(mean_of(means), sqrt(variance_of(means) / BATCHES), BATCHES, confidence, "batch means")
