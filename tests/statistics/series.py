"""Values that are alike by a known law."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter


def autoregressive(phi: float, n: int, seed: int) -> NDArray[np.float64]:
    """Return x_i = phi x_(i-1) + e_i, stationary, of mean 0; its autocorrelation time is (1 + phi) / (1 - phi)."""
    rng = np.random.default_rng([seed, 17])
    start = rng.normal() / np.sqrt(1 - phi**2)
    values, _ = lfilter([1.0], [1.0, -phi], rng.normal(size=n), zi=[phi * start])
    return np.asarray(values, np.float64)
