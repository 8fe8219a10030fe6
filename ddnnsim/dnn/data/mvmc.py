"""MVMC: the authors' multi-view, multi-camera data set, from a file in their layout.

`X` holds the crops, (samples, cameras, 3, 32, 32), and `y` what each camera sees, (samples, cameras): a class,
or 3 where the object is out of its picture and the crop is blank. Optional: `label`, (samples,), the class of
each sample, else that of its cameras; `split`, (samples,), `train` or `test`, else the first four fifths train,
as in the paper (680 of 851).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.arrays import Array, class_labels, eight_bit, read_arrays, words
from ddnnsim.dnn.data.origin import data_files
from ddnnsim.dnn.data.splits import Samples, Split, SplitName, parted
from ddnnsim.errors import DataError
from ddnnsim.scenario import Mvmc

ABSENT = 3
"""What `y` says where a camera does not see the object."""


def mvmc_splits(data: Mvmc) -> dict[SplitName, Split]:
    """Return the splits of the file that *data* names: the last fifth of the training samples validate.

    They follow one another in time, so a random fifth would hold neighbours of what is trained on.
    Raise DataError for a file that is missing or not of the layout.
    """
    (path,) = data_files(data)
    arrays = read_arrays(path, ("X", "y"), ("label", "split"))
    images, seen_as = _checked(data, arrays)
    labels, testing = _labels(data, arrays, seen_as), _testing(data, arrays, len(images))
    train, test = np.flatnonzero(~testing), np.flatnonzero(testing)
    cut = len(train) - len(train) // 5
    parts: dict[SplitName, Samples] = {"train": train[:cut], "validation": train[cut:], "test": test}
    return parted(data.path, images[:, : data.views], labels, seen_as[:, : data.views] != ABSENT, parts)


def _checked(data: Mvmc, arrays: Mapping[str, Array]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the crops as 8 bit and what each camera sees, after a look at shapes, types and values."""
    x, y = arrays["X"], arrays["y"]
    if x.ndim != 5 or x.shape[2:] != data.view_shape:
        raise DataError(f"{data.path}: X has the shape {x.shape}; it should be (samples, cameras, 3, 32, 32)")
    if y.shape != x.shape[:2] or y.dtype.kind not in "iu":
        raise DataError(f"{data.path}: y is {y.dtype} of shape {y.shape}; it should be integers of {x.shape[:2]}")
    if x.shape[1] < data.views:
        raise DataError(f"{data.path}: {x.shape[1]} cameras, but data.views is {data.views}")
    seen_as = y.astype(np.int64)
    if seen_as.size and not 0 <= seen_as.min() <= seen_as.max() <= ABSENT:
        raise DataError(f"{data.path}: y holds {seen_as.min()} to {seen_as.max()}; classes are 0 to 2, and 3 is absent")
    return eight_bit(data.path, x), seen_as


def _labels(data: Mvmc, arrays: Mapping[str, Array], seen_as: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the class of each sample: as given, else the one that its cameras agree on."""
    if "label" in arrays:
        return class_labels(data.path, arrays["label"], len(seen_as), data.classes)
    least: NDArray[np.int64] = seen_as.min(axis=1)  # absent is the greatest of all
    disagree = (seen_as != ABSENT) & (seen_as != least[:, None])
    for fault, what in ((least == ABSENT, "no camera sees"), (disagree.any(axis=1), "cameras disagree on")):
        if fault.any():
            raise DataError(f"{data.path}: {what} sample {int(fault.argmax())}, so its class is not known")
    return least


def _testing(data: Mvmc, arrays: Mapping[str, Array], samples: int) -> NDArray[np.bool_]:
    """Return which samples test."""
    if "split" not in arrays:
        return np.arange(samples) >= samples * 680 // 851
    testing: NDArray[np.bool_] = words(data.path, "split", arrays["split"], samples, ("train", "test")) == "test"
    return testing
