"""How far the probabilities of an exit can be trusted, and the temperature that mends them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""Of equal width, as in Guo et al., "On Calibration of Modern Neural Networks", ICML 2017."""
COOLEST, HOTTEST = 0.05, 20.0
"""Between these a temperature is sought: an exit that is always right would have it cool for ever."""


class ReliabilityTable(NamedTuple):
    """A reliability diagram: by bin of confidence, from 0 to 1; NaN where a bin is empty."""

    samples: NDArray[np.int64]
    confidence: NDArray[np.float64]
    """The mean of the highest probabilities."""
    accuracy: NDArray[np.float64]


def reliability(top: NDArray[np.float64], right: NDArray[np.bool_], bins: int = BINS) -> ReliabilityTable:
    """Return how often answers of each confidence are *right*, (samples,); *top* is the highest probability.

    Bin i of n holds the confidences above i / n, up to and with (i + 1) / n.
    """
    places = np.clip(np.ceil(top * bins).astype(np.int64) - 1, 0, bins - 1)
    count = np.bincount(places, minlength=bins)
    mean = np.where(count, 1.0, np.nan) / np.maximum(count, 1)
    return ReliabilityTable(
        samples=count,
        confidence=np.bincount(places, top, bins) * mean,
        accuracy=np.bincount(places, right, bins) * mean,
    )


def diagram_rows(table: ReliabilityTable) -> Iterator[dict[str, float]]:
    """Yield each bin that is not empty: `low`, `high`, `samples`, `confidence`, `accuracy`."""
    bins = len(table.samples)
    for place, (samples, confidence, accuracy) in enumerate(zip(*(column.tolist() for column in table), strict=True)):
        if samples:
            edges = {"low": place / bins, "high": (place + 1) / bins}
            yield {**edges, "samples": samples, "confidence": confidence, "accuracy": accuracy}


def calibration_error(table: ReliabilityTable) -> float:
    """Return the expected calibration error: the mean over samples of |accuracy - confidence| of their bins."""
    gaps = np.nan_to_num(np.abs(table.accuracy - table.confidence))
    return float(gaps @ table.samples / table.samples.sum())


def negative_log_likelihood(scores: NDArray[np.floating], labels: NDArray[np.int64], temperature: float) -> float:
    """Return the mean of -log p(label) of softmax(*scores* / *temperature*); scores are (samples, classes)."""
    scaled = np.asarray(scores, np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(scaled).sum(axis=1))
    return float((log_sum - scaled[np.arange(len(labels)), labels]).mean())


def fit_temperature(scores: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    """Return the temperature with the least negative log-likelihood of *labels*, (samples,), in four digits.

    *scores*, (samples, classes), are divided by it before the softmax: Guo et al., ICML 2017, sec. 4.2. Never
    worse than 1, and within [`COOLEST`, `HOTTEST`].
    """
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(scores, labels, np.exp(log_t)),
        bounds=(np.log(COOLEST), np.log(HOTTEST)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    best = float(f"{np.exp(found.x):.4g}")
    return min((1.0, best), key=lambda t: negative_log_likelihood(scores, labels, t))
