"""idx: grey pictures in the file format of MNIST, which Fashion-MNIST, KMNIST and others share.

A file is two zero bytes, 8 for bytes, the number of dimensions, the size of each in four bytes, the greatest
first, and the values (LeCun, Cortes and Burges, the MNIST database).
"""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.origin import data_files
from ddnnsim.dnn.data.splits import Split, SplitName
from ddnnsim.dnn.data.tiles import Pictures, tiled_splits
from ddnnsim.errors import DataError
from ddnnsim.scenario import Idx

UNSIGNED_BYTES = 0x0800
"""What a file begins with, but for the number of dimensions."""


def idx_splits(data: Idx) -> dict[SplitName, Split]:
    """Return the splits of the files in the folder that *data* names; raise DataError where they are not as it says."""
    train_images, train_labels, test_images, test_labels = data_files(data)
    return tiled_splits(data, _pictures(data, train_images, train_labels), _pictures(data, test_images, test_labels))


def _pictures(data: Idx, images: Path, labels: Path) -> Pictures:
    """Return the pictures in *images*, padded, with their *labels*."""
    pixels, told = read_idx(images, 3), read_idx(labels, 1)
    if pixels.shape[1:] != data.shape:
        found, wanted = ("x".join(map(str, shape)) for shape in (pixels.shape[1:], data.shape))
        raise DataError(f"{images}: pictures of {found}, but data.shape asks for {wanted}")
    if len(told) != len(pixels):
        raise DataError(f"{labels}: {len(told)} labels for {len(pixels)} pictures")
    around = (data.padding, data.padding)
    return Pictures(str(labels), np.pad(pixels, ((0, 0), around, around))[:, None], told)  # (N, 1, H, W)


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Return the bytes of *path*, plain or compressed, in so many *dimensions*; raise DataError where it has others."""
    content = _content(path)
    begins, wanted = int.from_bytes(content[:4]), UNSIGNED_BYTES + dimensions
    if begins != wanted:
        what = f"it begins with {begins:#010x}, and bytes in {dimensions} dimensions with {wanted:#010x}"
        raise DataError(f"{path}: not the idx file that it should be: {what}")
    header = 4 + 4 * dimensions
    if len(content) < header:
        raise DataError(f"{path}: {len(content)} bytes: it ends in its header")
    shape = [int.from_bytes(content[at : at + 4]) for at in range(4, header, 4)]
    held = len(content) - header
    if held != prod(shape):
        raise DataError(f"{path}: {held} bytes, but {' x '.join(map(str, shape))} are announced")
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def _content(path: Path) -> bytes:
    """Return what *path* holds, decompressed where it is compressed."""
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
