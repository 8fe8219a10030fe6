"""MVMC: the authors' multi-view, multi-camera data set, from a file in their layout.

`X` holds the crops, (samples, cameras, 3, 32, 32), and `y` what each camera sees, (samples, cameras): a class,
or 3 where the object is out of its picture and the crop is blank. Optional: `label`, (samples,), the class of
each sample, else that of its cameras; `split`, (samples,), `train` or `test`, else the first four fifths train,
as in the paper (680 of 851).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.splits import Split, SplitName, as_sensed
from ddnnsim.errors import DataError
from ddnnsim.scenario import Mvmc

ABSENT = 3
"""What `y` says where a camera does not see the object."""


def mvmc_splits(data: Mvmc) -> dict[SplitName, Split]:
    """Return the splits of the file that *data* names: the last fifth of the training samples validate.

    They follow one another in time, so a random fifth would hold neighbours of what is trained on.
    Raise DataError for a file that is missing or not of the layout.
    """
    arrays = _read(Path(data.path))
    images, seen_as = _checked(data, arrays)
    labels, testing = _labels(data, arrays, seen_as), _testing(data, arrays, len(images))
    images, seen_as = images[:, : data.views], seen_as[:, : data.views]
    train, test = np.flatnonzero(~testing), np.flatnonzero(testing)
    cut = len(train) - len(train) // 5
    parts: dict[SplitName, NDArray[np.int64]] = {"train": train[:cut], "validation": train[cut:], "test": test}
    if min(map(len, parts.values())) < 2:
        raise DataError(f"{data.path}: {len(train)} samples train and {len(test)} test: too few")
    return {name: as_sensed(images[part], labels[part], seen_as[part] != ABSENT) for name, part in parts.items()}


def _read(path: Path) -> Mapping[str, NDArray[np.generic]]:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            return {name: file[name] for name in ("X", "y", "label", "split") if name in file.files}
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; data.path names an npz file with the arrays X and y") from None
    except (OSError, ValueError, BadZipFile, EOFError, AttributeError) as error:
        raise DataError(f"{path}: not an npz file of plain arrays: {error}") from None


def _checked(data: Mvmc, arrays: Mapping[str, NDArray[np.generic]]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the crops as 8 bit and what each camera sees, after a look at shapes, types and values."""
    missing = [name for name in ("X", "y") if name not in arrays]
    if missing:
        raise DataError(f"{data.path}: no array {' and no array '.join(missing)}")
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
    return _bytes(data, x), seen_as


def _bytes(data: Mvmc, x: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Return the crops *x* as 8 bit: floats are taken as 0 to 1, or as 0 to 255 where one is above 1."""
    if x.dtype == np.uint8:
        return x.astype(np.uint8)
    if x.dtype.kind not in "fiu":
        raise DataError(f"{data.path}: X is {x.dtype}; it should be numbers")
    values = x.astype(np.float64)
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    if not (low >= 0 and high <= 255):
        raise DataError(f"{data.path}: X holds {low:g} to {high:g}; it should be 0 to 1, or 0 to 255")
    return np.rint(values * (255 if high <= 1 else 1)).astype(np.uint8)


def _labels(data: Mvmc, arrays: Mapping[str, NDArray[np.generic]], seen_as: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the class of each sample: as given, else the one that its cameras agree on."""
    least = seen_as.min(axis=1)  # absent is the greatest of all
    if "label" in arrays:
        labels = arrays["label"].astype(np.int64)
        if labels.shape != least.shape or not 0 <= labels.min() <= labels.max() < ABSENT:
            raise DataError(f"{data.path}: label should be {len(least)} classes of 0 to 2")
        return labels
    disagree = (seen_as != ABSENT) & (seen_as != least[:, None])
    for fault, what in ((least == ABSENT, "no camera sees"), (disagree.any(axis=1), "cameras disagree on")):
        if fault.any():
            raise DataError(f"{data.path}: {what} sample {int(fault.argmax())}, so its class is not known")
    known: NDArray[np.int64] = least
    return known


def _testing(data: Mvmc, arrays: Mapping[str, NDArray[np.generic]], samples: int) -> NDArray[np.bool_]:
    """Return which samples test."""
    if "split" not in arrays:
        return np.arange(samples) >= samples * 680 // 851
    split = arrays["split"].astype(str)
    if split.shape != (samples,) or not set(np.unique(split)) <= {"train", "test"}:
        raise DataError(f"{data.path}: split should say 'train' or 'test' for each of {samples} samples")
    testing: NDArray[np.bool_] = split == "test"
    return testing
