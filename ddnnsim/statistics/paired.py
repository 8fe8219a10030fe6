"""How much two points differ that were run with common random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from ddnnsim.statistics.estimate import CONFIDENCE, Estimate, mean_of, student, variance_of
from ddnnsim.statistics.sound import finite
from ddnnsim.statistics.unpaired import welch


@dataclass(frozen=True, slots=True)
class Paired:
    """A difference, replication by replication."""

    difference: Estimate
    """Of the second over the first."""
    correlation: float | None
    """Of the two; None: fewer than two pairs, or one of the two is always the same."""
    widening: float | None
    """How many times as wide the interval would be without pairing; None: fewer than two pairs, or it has no width."""


def paired(first: Sequence[float], second: Sequence[float], confidence: float = CONFIDENCE) -> Paired:
    """Return how much more *second* is than *first*, whose r-th values come of the same draws.

    Student's t over the differences; without pairing it would be Welch's, over two independent samples. Raises
    ValueError where they are not as many, or none, or where one is not finite, or the confidence not between 0 and 1.
    """
    pairs = zip(finite(first).tolist(), finite(second).tolist(), strict=True)
    differences = [after - before for before, after in pairs]
    mean, n = mean_of(differences), len(differences)
    if n < 2:
        return Paired(student(mean, 0.0, n, confidence, "paired replications"), None, None)
    of_first, of_second, of_both = variance_of(first), variance_of(second), variance_of(differences)
    difference = student(mean, sqrt(of_both / n), n, confidence, "paired replications")
    spread = sqrt(of_first) * sqrt(of_second)
    covariance = (of_first + of_second - of_both) / 2
    return Paired(
        difference,
        correlation=min(max(covariance / spread, -1.0), 1.0) if spread else None,
        widening=welch(of_first, n, of_second, n, confidence) / half if (half := difference.half_width) else None,
    )
