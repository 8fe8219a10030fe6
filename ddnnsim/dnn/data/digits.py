"""Digits: scikit-learn's handwritten digits, seen by several cameras.

1797 digits of 8x8 pixels (UCI, Alpaydin and Kaynak 1998), enlarged bilinearly to 40x40 and seen by each camera
as one of several overlapping windows of 24x24 pixels. Enlarged, they hold no more detail than 8x8 pixels do.
"""

from __future__ import annotations

from importlib.util import find_spec
from math import ceil, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.splits import Split, SplitName, as_sensed, stratified
from ddnnsim.errors import DataError
from ddnnsim.scenario import Digits
from ddnnsim.seeds import stream

CANVAS = 40
"""Height and width of an enlarged digit, in pixels: five to one of the original."""


def digit_splits(data: Digits) -> dict[SplitName, Split]:
    """Return the digits as the cameras of *data* see them."""
    digits = _digits()
    labels = digits[:, 64]
    images = _views(_enlarged(digits[:, :64].reshape(-1, 8, 8)), data)
    seen = np.ones(images.shape[:2], dtype=np.bool_)
    parts = stratified(labels, stream(data.seed, "split"))
    return {name: as_sensed(images[part], labels[part], seen[part]) for name, part in parts.items()}


def _digits() -> NDArray[np.int64]:
    """Return the digits, (1797, 65): 64 pixels of 0..16, row by row, and the class.

    They are read from scikit-learn's file without importing it: that would take longer than all the rest.
    """
    package = find_spec("sklearn")
    file = Path(str(package and package.origin)).parent / "datasets" / "data" / "digits.csv.gz"
    try:
        return np.loadtxt(file, dtype=np.int64, delimiter=",")
    except OSError as error:
        raise DataError(f"scikit-learn's handwritten digits cannot be read: {error}") from None


def _enlarged(images: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return *images*, (N, 8, 8) of 0..16, as grey levels (N, 40, 40) of 0..255, bilinearly.

    Pixel centres keep their places (`align_corners` false). The weights are tenths, so the sums are
    integers, and exact in any order.
    """
    old, factor = images.shape[-1], CANVAS // images.shape[-1]
    tenths = np.clip(2 * np.arange(CANVAS) + 1 - factor, 0, 2 * factor * (old - 1))  # place on the old grid
    left = np.minimum(tenths // (2 * factor), old - 2)
    weights = np.zeros((CANVAS, old), dtype=np.int64)
    weights[np.arange(CANVAS), left] = 2 * factor * (left + 1) - tenths
    weights[np.arange(CANVAS), left + 1] = tenths - 2 * factor * left
    sums: NDArray[np.int64] = weights @ images @ weights.T  # (N, 40, 40)
    grey: NDArray[np.float64] = sums * 255 / (16 * (2 * factor) ** 2)
    return grey


def _views(canvas: NDArray[np.float64], data: Digits) -> NDArray[np.uint8]:
    """Return what each camera sees of *canvas*, (N, 40, 40), with its own sensor noise: (N, V, 1, 24, 24)."""
    channels, height, width = data.view_shape
    views = np.empty((len(canvas), data.views, channels, height, width), dtype=np.uint8)
    for view, (top, left) in enumerate(window_corners(data.views, CANVAS - height)):
        window = canvas[:, top : top + height, left : left + width]
        noise = stream(data.seed, f"noise/view{view + 1}").normal(0.0, data.noise, window.shape)
        views[:, view, 0] = np.clip(np.rint(window + noise), 0, 255)
    return views


def window_corners(views: int, span: int) -> list[tuple[int, int]]:
    """Return the upper left corner (top, left), each 0..*span*, of each of *views* windows.

    They lie row by row on a grid of ceil(sqrt(views)) columns, spread evenly from edge to edge in both
    directions; a window alone in its direction lies in the middle.
    """
    columns = ceil(sqrt(views))
    rows = ceil(views / columns)
    return [
        (top, left)
        for row, top in enumerate(_spread(rows, span))
        for left in _spread(min(columns, views - row * columns), span)
    ]


def _spread(count: int, span: int) -> list[int]:
    """Return *count* whole numbers spread evenly over 0..*span*."""
    return [span // 2] if count == 1 else [k * span // (count - 1) for k in range(count)]
