"""The cameras' sensors: as many pixels as a crop has, their noise, and the enlarged 8-bit view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.street.rays import SIDE
from ddnnsim.dnn.data.street.vectors import Floats


def sensed(light: Floats, pixels: Floats, noise: float, sensor: np.random.Generator) -> NDArray[np.uint8]:
    """Return the views, (B, 3, 32, 32), of *light*, (B, 3, P), as sensors *pixels* wide, (B,), take it in."""
    wide = np.clip(np.rint(pixels), 4, SIDE)[:, None, None]
    i, j = np.arange(SIDE)[:, None], np.arange(SIDE)[None]
    step = SIDE / wide
    share = np.clip(np.minimum(j + 1, (i + 1) * step) - np.maximum(j, i * step), 0, None) / step  # (B, 32, 32)
    spot = np.clip((i + 0.5) * wide / SIDE - 0.5, 0, wide - 1)
    enlarge = np.clip(1 - np.abs(spot - j), 0, None)  # (B, 32, 32)
    take, give = (a.astype(np.float32)[:, None] for a in (share, enlarge))
    x = take @ light.reshape(-1, 3, SIDE, SIDE).astype(np.float32) @ take.transpose(0, 1, 3, 2)
    sd = noise / np.maximum(1, pixels / SIDE)
    x = x + sensor.standard_normal(x.shape, dtype=np.float32) * sd.astype(np.float32)[:, None, None, None]
    levels: Floats = give @ x @ give.transpose(0, 1, 3, 2)
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)
