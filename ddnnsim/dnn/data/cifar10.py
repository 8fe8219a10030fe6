"""CIFAR-10 in its binary version: a byte for the class, then 32x32 bytes each of red, green and blue (Krizhevsky)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.origin import data_files
from ddnnsim.dnn.data.splits import Split, SplitName
from ddnnsim.dnn.data.tiles import Pictures, tiled_splits
from ddnnsim.errors import DataError
from ddnnsim.scenario import Cifar10

RECORD = 1 + 3 * 32 * 32
"""Bytes of a labelled picture."""


def cifar10_splits(data: Cifar10) -> dict[SplitName, Split]:
    """Return the splits of the files in the folder that *data* names: all five batches train.

    Raise DataError where one of them is not as it should be.
    """
    *batches, test = (_pictures(data, path) for path in data_files(data))
    images = np.concatenate([batch.images for batch in batches])
    labels = np.concatenate([batch.labels for batch in batches])
    return tiled_splits(data, Pictures(data.path, images, labels), test)


def _pictures(data: Cifar10, path: Path) -> Pictures:
    records = _records(path)
    return Pictures(str(path), records[:, 1:].reshape(-1, *data.picture_shape), records[:, 0])  # (N, 3, 32, 32)


def _records(path: Path) -> NDArray[np.uint8]:
    """Return the labelled pictures of *path*, (N, RECORD)."""
    try:
        content = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    if not len(content) or len(content) % RECORD:
        raise DataError(f"{path}: {len(content)} bytes; the binary version of CIFAR-10 has {RECORD} for each picture")
    return content.reshape(-1, RECORD)
