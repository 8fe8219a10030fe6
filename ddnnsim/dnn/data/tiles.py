"""Pictures cut into tiles, one for each device, as in the PyTorch code of the DDNN paper's authors.

That code (github.com/kunglab/ddnn, `datasets.py` and `util.py`) pads MNIST by two black pixels to 32x32, takes
CIFAR-10's 32x32 as they are, and means 3 rows of 2 tiles. But it takes a tensor's axes (channels, height, width)
for (channels, width, height): what it cuts are 2 rows of 3 tiles of 16x10 pixels, numbered downward and then to
the right, and the last two columns of pixels are in no tile. It is so here, for any number of tiles.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.arrays import Array, class_labels
from ddnnsim.dnn.data.splits import Samples, Split, SplitName, as_sensed, check_sizes, shares_of
from ddnnsim.scenario import Cifar10, Idx, grid
from ddnnsim.seeds import stream


class Pictures(NamedTuple):
    """Labelled pictures of a file."""

    where: str
    images: NDArray[np.uint8]  # (N, C, H, W)
    labels: Array  # (N,)


def tiles(pictures: NDArray[np.uint8], views: int) -> NDArray[np.uint8]:
    """Return *pictures*, (N, C, H, W), cut into *views* tiles of one size, downward and then to the right."""
    n, channels, height, width = pictures.shape
    rows, columns = grid(views)
    high, wide = height // rows, width // columns
    whole = pictures[:, :, : rows * high, : columns * wide]
    cut = whole.reshape(n, channels, rows, high, columns, wide).transpose(0, 4, 2, 1, 3, 5)  # (N, columns, rows, C, ..)
    return cut.reshape(n, views, channels, high, wide)


def tiled_splits(data: Idx | Cifar10, train: Pictures, test: Pictures) -> dict[SplitName, Split]:
    """Return the splits: *test* tests, in its order, and of *train* a fifth of every class, by the seed, validates.

    Where `limit` is less than the samples of a split, it leaves so many of them at random, by the seed.
    """
    labels = [class_labels(part.where, part.labels, len(part.images), data.classes) for part in (train, test)]
    training, validation = shares_of(labels[0], (0.8,), stream(data.seed, "split"))
    testing = np.sort(stream(data.seed, "limit").permutation(len(labels[1]))[: data.limit])
    parts: dict[SplitName, Samples] = {
        "train": training[: data.limit],
        "validation": validation[: data.limit],
        "test": testing,
    }
    check_sizes(data.path, parts)
    return {
        "train": _cut(data, train, labels[0], parts["train"]),
        "validation": _cut(data, train, labels[0], parts["validation"]),
        "test": _cut(data, test, labels[1], parts["test"]),
    }


def _cut(data: Idx | Cifar10, pictures: Pictures, labels: NDArray[np.int64], samples: Samples) -> Split:
    """Return the *samples* of *pictures*, each in tiles; every tile is seen."""
    images = tiles(pictures.images[samples], data.views)
    return as_sensed(images, labels[samples], np.ones(images.shape[:2], dtype=np.bool_))
