"""How much successive values are alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ddnnsim.statistics.sound import finite

WINDOW = 5
"""Times the autocorrelation time that is looked at."""


def autocorrelation_time(values: ArrayLike) -> float:
    """Return the integrated autocorrelation time of *values*, (n,): so many say as much of the mean as one alone.

    tau(W) = 1 + 2 (rho_1 + ... + rho_W) for the least W with W >= 5 tau(W): Sokal, Monte Carlo Methods in Statistical
    Mechanics, 1996, sec. 3, in units of 1 / 2. At least 1, which it is where all are equal: values that make up for
    each other are taken for independent ones. Raises ValueError without values, or where one is not finite.
    """
    series = finite(values)
    if not len(series):
        raise ValueError("an autocorrelation time needs at least one value")
    if np.ptp(series) == 0:
        return 1.0
    rho = _autocorrelations(series)
    tau = 2 * np.cumsum(rho) - 1
    window = np.argmax(np.arange(len(tau)) >= WINDOW * tau)  # there is one: all lags together sum up to 0
    return max(1.0, float(tau[window]))


def _autocorrelations(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the autocorrelation of *values*, not all equal, at each lag, (n,), the variance being that over n."""
    n = len(values)
    centred = (values - values.mean()) / np.ptp(values)  # the squares of tiny values would be 0
    spectrum = np.fft.rfft(centred, 2 ** (2 * n - 1).bit_length())
    covariance = np.fft.irfft(np.abs(spectrum) ** 2)[:n]
    rho: NDArray[np.float64] = covariance / covariance[0]
    return rho
