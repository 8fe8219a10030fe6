"""How long answers take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NS_PER_S = 1e9


@dataclass(frozen=True, slots=True)
class Latency:
    """From capture to the answer, or to the reply where one is asked for; None where nothing was answered."""

    mean_s: float | None
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None


@dataclass(frozen=True, slots=True)
class PartOfLatency:
    """One part of the latency of answers; None where nothing was answered."""

    mean_s: float | None
    share: float | None
    """Of all that they took; None where they took no time."""


def latency(values_ns: NDArray[np.int64]) -> Latency:
    """Return mean and percentiles; a percentile is the least value that so many do not exceed."""
    if not len(values_ns):
        return Latency(None, None, None, None)
    percentiles = np.quantile(values_ns, [0.5, 0.95, 0.99], method="inverted_cdf") / NS_PER_S
    return Latency(float(np.mean(values_ns)) / NS_PER_S, *percentiles.tolist())
