"""Views as pictures are sent: as they are sensed, or as PNG or JPEG files."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ddnnsim.dnn.data.splits import Split
from ddnnsim.profile import raw_bytes
from ddnnsim.scenario import AnyEncoding, JpegEncoding, RawEncoding


class Encoded(NamedTuple):
    """What is sent of views, and what arrives."""

    sizes: NDArray[np.int64]
    """Bytes of each view's file with all its headers, (samples, views)."""
    images: NDArray[np.uint8]
    """The views as they are decoded, (samples, views, channels, height, width)."""


def encoded(images: NDArray[np.uint8], encoding: AnyEncoding) -> Encoded:
    """Return what *encoding* makes of *images*, (samples, views, channels, height, width) of one or three colours.

    Files are made as small as the library can at that quality: PNG by its strongest compression, JPEG with Huffman
    tables of each picture and with colours at half the resolution.
    """
    samples, views, channels, height, width = images.shape
    if isinstance(encoding, RawEncoding):
        return Encoded(np.full((samples, views), raw_bytes((channels, height, width)), dtype=np.int64), images)
    sizes, decoded = np.empty((samples, views), dtype=np.int64), images.copy()
    for place in np.ndindex(samples, views):
        file = _file(images[place], encoding)
        sizes[place] = file.getbuffer().nbytes
        if isinstance(encoding, JpegEncoding):
            with Image.open(file) as picture:
                decoded[place] = np.asarray(picture).reshape(height, width, channels).transpose(2, 0, 1)  # (C, H, W)
    return Encoded(sizes, decoded)


def encoded_split(split: Split, encoding: AnyEncoding) -> Split:
    """Return *split* with the views that *encoding* leaves, and their sizes."""
    sizes, images = encoded(split.images, encoding)
    return replace(split, images=images, raw_bytes=sizes)


def _file(view: NDArray[np.uint8], encoding: AnyEncoding) -> BytesIO:
    """Return *view*, (C, H, W), as a file."""
    pixels = view[0] if len(view) == 1 else view.transpose(1, 2, 0)  # (H, W) or (H, W, C)
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    file = BytesIO()
    if isinstance(encoding, JpegEncoding):
        picture.save(file, "JPEG", quality=encoding.quality, optimize=True, subsampling="4:2:0")
    else:
        picture.save(file, "PNG", optimize=True)
    return file
