"""How many replications make an interval narrow enough: relative precision, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from ddnnsim.statistics.estimate import CONFIDENCE, Estimate, mean_of, t_quantile, variance_of
from ddnnsim.statistics.replications import mean_interval

LEAST, MOST = 5, 100


@dataclass(frozen=True, slots=True)
class Precision:
    """How narrow an interval has become."""

    estimate: Estimate | None
    """None: no run has the number."""
    within: float
    """What half of it should be at most, as a share of the absolute mean."""
    reached: bool


def precision(values: Sequence[float | None], within: float) -> Precision:
    """Return how narrow the interval of the mean of *values* is; None: a replication without the number.

    An interval that cannot be told is not narrow enough.
    """
    told = _told(values)
    if not told:
        return Precision(None, within, reached=False)
    estimate = mean_interval(told)
    half = estimate.half_width
    return Precision(estimate, within, reached=half is not None and half <= within * abs(estimate.mean))


def more_needed(values: Sequence[float | None], within: float, least: int = LEAST, most: int = MOST) -> int:
    """Return how many more replications to run; 0: the interval is narrow enough, or there is no hope of it.

    There are *least* to begin with. Then as many more as the present variance asks for, at least one and at most as
    many again as there are, and never more than *most* in all. A replication without the number is None; where fewer
    than two have it, nothing says how many more it takes.
    """
    if not 2 <= least <= most:
        raise ValueError(f"at least {least} and at most {most} replications: write two or more, then as many or more")
    if len(values) < least:
        return least - len(values)
    told = _told(values)
    if len(told) < 2 or precision(values, within).reached:
        return 0
    return min(_asked_for(told, within), most - len(values)) if len(values) < most else 0


def _asked_for(values: Sequence[float], within: float) -> int:
    """Return how many more values of the same mean and variance make the interval narrow enough, up to as many again.

    Law, Simulation Modeling and Analysis, 2015, sec. 9.4.1, n*_r, but with *within* as it is, not over 1 + *within*: a
    share of the mean of the values, not of the true one.
    """
    n = len(values)
    deviation, target = sqrt(variance_of(values)), within * abs(mean_of(values))
    for more in range(1, n):
        if t_quantile(CONFIDENCE, n + more - 1) * deviation / sqrt(n + more) <= target:
            return more
    return n


def _told(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]
