"""What sensors show: the pictures of the data set, and others where a sensor is at fault."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.oracle import BLOCK
from ddnnsim.oracle import Picture, Readings
from ddnnsim.seeds import stream

Images = NDArray[np.uint8]


def shown(images: Images, run: range, readings: Readings) -> Images:
    """Return what sensors show of the blocks *run* of *images*, (samples, V, C, H, W): (64*blocks, V, C, H, W).

    Beyond the last sample all is black.
    """
    first = run.start * BLOCK
    seen = np.zeros((len(run) * BLOCK, *images.shape[1:]), np.uint8)  # (64*blocks, V, C, H, W)
    real = images[first : run.stop * BLOCK]
    seen[: len(real)] = real
    for view, reading in readings:
        for place in range(len(real)):
            seen[place, view] = 0 if reading is None else _picture(images, first + place, view, reading)
    return seen


def _picture(images: Images, asked: int, view: int, picture: Picture) -> Images:
    """Return *picture*, (C, H, W), shown for *view* of the sample *asked*: noise is rounded to the pixel."""
    sample = asked if picture.sample is None else picture.sample
    pixels: Images = images[sample, view]
    if not picture.noise:
        return pixels
    noise = stream(picture.seed, f"noise/{view + 1}/{sample}").standard_normal(pixels.shape)
    return np.rint(pixels + 255 * picture.noise * noise).clip(0, 255).astype(np.uint8)
