"""Durations that are drawn: named families, their draws in whole nanoseconds, and what they are on average."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, gamma, log, sqrt
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Family = Literal["constant", "uniform", "exponential", "normal", "lognormal", "gamma", "weibull", "pareto", "mixture"]
NS_PER_S = 1e9
LONGEST_NS = 2.0**62
"""146 years: heavy tails reach further, and times are int64."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of durations; draws are rounded to whole nanoseconds, and lie in [0, `LONGEST_NS`].

    | family | parameters |
    |---|---|
    | constant | the duration |
    | uniform | least, greatest |
    | exponential | mean |
    | normal | mean, standard deviation; what falls below 0 is 0 |
    | lognormal | mean, standard deviation |
    | gamma | mean, standard deviation |
    | weibull | scale, shape |
    | pareto | least, shape |
    | mixture | duration 1, its share, duration 2, its share, ...; shares add up to 1 |
    """

    family: Family
    parameters: tuple[float, ...]
    """Durations in seconds; shapes and shares are pure numbers."""

    def draw_ns(self, random: np.random.Generator, count: int) -> NDArray[np.int64]:
        """Return the next *count* draws of *random*, (count,), in ns: the same however many are asked for at once."""
        import numpy as np

        p = self.parameters
        match self.family:
            case "constant":
                drawn_s = np.full(count, p[0])
            case "uniform":
                drawn_s = random.uniform(p[0], p[1], count)
            case "exponential":
                drawn_s = random.exponential(p[0], count)
            case "normal":
                drawn_s = random.normal(p[0], p[1], count)
            case "lognormal":
                drawn_s = random.lognormal(*_lognormal(*p), count)
            case "gamma":
                shape, scale = _gamma(*p)
                drawn_s = random.gamma(shape, scale, count)
            case "weibull":
                drawn_s = p[0] * random.weibull(p[1], count)
            case "pareto":
                drawn_s = p[0] * (1 + random.pareto(p[1], count))
            case "mixture":
                # The last bound is 1, whatever the shares add up to in floats.
                bounds = np.append(np.cumsum(p[1::2])[:-1], 1.0)
                drawn_s = np.array(p[::2])[np.searchsorted(bounds, random.random(count), side="right")]
        return np.clip(np.rint(drawn_s * NS_PER_S), 0, LONGEST_NS).astype(np.int64)

    @property
    def mean_s(self) -> float:
        """Return the mean in seconds; of normal draws what 0 cuts off is counted, infinite for pareto of shape <= 1."""
        p = self.parameters
        match self.family:
            case "constant" | "exponential" | "lognormal" | "gamma":
                return p[0]
            case "uniform":
                return (p[0] + p[1]) / 2
            case "normal":
                return _mean_above_zero(*p)
            case "weibull":
                return p[0] * gamma(1 + 1 / p[1])
            case "pareto":
                return p[0] * p[1] / (p[1] - 1) if p[1] > 1 else float("inf")
            case "mixture":
                return sum(duration * share for duration, share in zip(p[::2], p[1::2], strict=True))


def _lognormal(mean: float, deviation: float) -> tuple[float, float]:
    """Return mean and deviation of the logarithm."""
    sigma2 = log(1 + (deviation / mean) ** 2)
    return log(mean) - sigma2 / 2, sqrt(sigma2)


def _gamma(mean: float, deviation: float) -> tuple[float, float]:
    """Return shape and scale."""
    return (mean / deviation) ** 2, deviation**2 / mean


def _mean_above_zero(mean: float, deviation: float) -> float:
    """Return the mean of max(0, X) of a normal X."""
    from math import erf, pi

    if deviation == 0:
        return max(mean, 0.0)
    z = mean / deviation
    return mean * (1 + erf(z / sqrt(2))) / 2 + deviation * exp(-z * z / 2) / sqrt(2 * pi)
