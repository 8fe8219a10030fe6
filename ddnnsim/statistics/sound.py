"""What is asked of values, of a confidence and of a quantile before anything is said by them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def finite(values: ArrayLike) -> NDArray[np.float64]:
    """Return *values*, (n,), as an array. Raises ValueError where one is not finite, or where they are no list."""
    array = np.asarray(values, float)
    if array.ndim != 1:
        raise ValueError(f"values of shape {array.shape} are no list of numbers")
    if not np.isfinite(array).all():
        place = int(np.argmin(np.isfinite(array)))
        raise ValueError(f"value {place} is {array[place]}; all of them must be finite")
    return array


def require_share(what: str, share: float) -> None:
    """Raise ValueError where *share*, called *what*, is not between 0 and 1, both excluded."""
    if not 0 < share < 1:
        raise ValueError(f"a {what} of {share} is not between 0 and 1")
