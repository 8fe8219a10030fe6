"""What independent replications say of a mean, or of a quantile of their runs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, sqrt

from ddnnsim.statistics.estimate import CONFIDENCE, Estimate, mean_of, student, variance_of
from ddnnsim.statistics.sound import require_share
from ddnnsim.statistics.too_short import TooShortError


def mean_interval(values: Sequence[float], confidence: float = CONFIDENCE, population: int | None = None) -> Estimate:
    """Return the mean of independent *values*, one a replication, with its interval by Student's t.

    Where they are drawn of a *population* of so many, none twice, the variance has a factor 1 - n / population:
    Cochran, Sampling Techniques, 1977, sec. 2.8. Raises ValueError without values, where one is not finite, where
    there are more of them than in the *population*, and for a confidence that is not between 0 and 1.
    """
    mean, n = mean_of(values), len(values)
    if population is not None and population < n:
        raise ValueError(f"{n:,} values cannot be drawn of a population of {population:,}, none twice")
    drawn = 1.0 if population is None else 1 - n / population
    error = sqrt(variance_of(values) / n * drawn) if n > 1 else 0.0
    return student(mean, error, n, confidence, "replications")


def answers_needed(q: float) -> int:
    """Return how many answers a run must have for its *q*-quantile to say something: 10 beyond it.

    Raises ValueError for a *q* that is not between 0 and 1.
    """
    require_share("quantile", q)
    return ceil(10 / (1 - Fraction(str(q))))


def quantile_interval_of_runs(
    quantiles: Sequence[float], answers: Sequence[int], q: float, confidence: float = CONFIDENCE
) -> Estimate:
    """Return the mean of the *q*-quantiles of independent runs, one each, that have so many *answers* each.

    Raises TooShortError where a run has too few answers for its quantile, and ValueError as `mean_interval`, for a *q*
    that is not between 0 and 1, and where *answers* are not as many as *quantiles*.
    """
    if len(quantiles) != len(answers):
        raise ValueError(f"{len(quantiles):,} quantiles, and answers of {len(answers):,} runs: write as many")
    told, least = mean_interval(quantiles, confidence), min(answers)
    if least < answers_needed(q):
        raise TooShortError(least, answers_needed(q), f"a run of {least:,} answers says nothing of the quantile {q:g}")
    return told
