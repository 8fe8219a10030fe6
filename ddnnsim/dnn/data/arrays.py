"""Arrays of other people's files, checked before anything is made of them."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from ddnnsim.errors import DataError

Array = NDArray[np.generic]
_UNREADABLE = (
    OSError, ValueError, BadZipFile, EOFError, AttributeError, RuntimeError, zlib.error,
    MemoryError, OverflowError,  # a header that tells a shape which no memory has room for
)  # fmt: skip


def read_arrays(path: Path, needed: Collection[str], optional: Collection[str] = ()) -> Mapping[str, Array]:
    """Return by name the arrays that an npz file has of *needed*, which it must have, and *optional*.

    Raise DataError where it is no such file. Pickled objects, which could run any code, are refused.
    """
    try:
        with path.open("rb") as stream:
            arrays = _plain_arrays(path, np.load(stream, allow_pickle=False), (*needed, *optional))
    except _UNREADABLE as error:
        raise DataError(f"{path}: not an npz file of plain arrays: {error}") from None
    missing = [name for name in needed if name not in arrays]
    if missing:
        raise DataError(f"{path}: no array {' and no array '.join(missing)}")
    return arrays


def _plain_arrays(path: Path, file: NpzFile | Array, names: Collection[str]) -> dict[str, Array]:
    """Return by name the arrays that *file*, opened from *path*, has of *names*."""
    if not isinstance(file, NpzFile):
        raise DataError(f"{path}: a single array, as in an npy file; an npz file, of arrays by name, is needed")
    with file, np.errstate(invalid="ignore"):  # a shape beyond 64 bits: an error follows
        return {name: file[name] for name in names if name in file.files}


def eight_bit(where: str, x: Array) -> NDArray[np.uint8]:
    """Return the pixels *x* as 8 bit: other numbers are taken as 0 to 1, or as 0 to 255 where one is above 1."""
    if x.dtype == np.uint8:
        return x.astype(np.uint8)
    if x.dtype.kind not in "fiu":
        raise DataError(f"{where}: X is {x.dtype}; it should be numbers")
    low, high = float(x.min(initial=0)), float(x.max(initial=0))
    if not (low >= 0 and high <= 255):
        raise DataError(f"{where}: X holds {low:g} to {high:g}; it should be 0 to 1, or 0 to 255")
    return np.rint(x.astype(np.float64) * (255 if high <= 1 else 1)).astype(np.uint8)


def class_labels(where: str, labels: Array, samples: int, classes: Collection[str]) -> NDArray[np.int64]:
    """Return *labels*, (samples,), after a look at their number and range."""
    if labels.shape != (samples,) or labels.dtype.kind not in "iu":
        what = f"the labels are {labels.dtype} of shape {labels.shape}"
        raise DataError(f"{where}: {what}; they should be a whole number for each of {samples} samples")
    numbers = labels.astype(np.int64)
    wrong = (numbers < 0) | (numbers >= len(classes))
    if wrong.any():
        first = int(wrong.argmax())
        what = f"sample {first} has the label {labels[first]}"
        raise DataError(f"{where}: {what}; {len(classes)} classes are 0 to {len(classes) - 1}: {', '.join(classes)}")
    return numbers


def words(where: str, name: str, given: Array, samples: int, known: Collection[str]) -> NDArray[np.str_]:
    """Return the array *name*, one of the words *known* for each of *samples* samples."""
    told = given.astype(str) if given.dtype.kind in "US" else given
    if given.dtype.kind not in "US" or told.shape != (samples,) or not set(np.unique(told)) <= set(known):
        allowed = " or ".join(map(repr, known))
        raise DataError(f"{where}: {name} should say {allowed} for each of {samples} samples")
    return told.astype(np.str_)
