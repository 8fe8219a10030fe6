"""npz: anybody's multi-camera data set, from a file of a layout of ours.

`X` holds the views, (samples, cameras, channels, height, width), 8 bit or numbers of 0 to 1 or 0 to 255, and
`label` the class of each sample, (samples,), 0 for the first of the scenario's `classes`. Optional: `seen`,
(samples, cameras), whether the object is in the camera's picture, else it always is; `split`, (samples,),
`train`, `validation` or `test`. Without validation, a fifth of what trains validates; without `split`, 60, 20
and 20 % train, validate and test: drawn by the scenario's seed, of every class alike.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.arrays import Array, class_labels, eight_bit, read_arrays, words
from ddnnsim.dnn.data.origin import data_files
from ddnnsim.dnn.data.splits import SPLITS, Samples, Split, SplitName, parted, stratified, with_validation
from ddnnsim.errors import DataError
from ddnnsim.scenario import Npz
from ddnnsim.seeds import stream


def npz_splits(data: Npz) -> dict[SplitName, Split]:
    """Return the splits of the file that *data* names; raise DataError for one that is missing or another's."""
    (path,) = data_files(data)
    arrays = read_arrays(path, ("X", "label"), ("seen", "split"))
    x = arrays["X"]
    _check_shape(data, x)
    labels = class_labels(data.path, arrays["label"], len(x), data.classes)
    images, seen = eight_bit(data.path, x[:, : data.views]), _seen(data, arrays, x)
    return parted(data.path, images, labels, seen, _parts(data, arrays, labels))


def _check_shape(data: Npz, x: Array) -> None:
    if x.ndim != 5 or x.shape[2:] != data.shape:
        wanted = f"(samples, {data.views}, {', '.join(map(str, data.shape))})"
        raise DataError(f"{data.path}: X has the shape {x.shape}, but data.views and data.shape ask for {wanted}")
    if x.shape[1] < data.views:
        raise DataError(f"{data.path}: {x.shape[1]} cameras, but data.views is {data.views}")


def _seen(data: Npz, arrays: Mapping[str, Array], x: Array) -> NDArray[np.bool_]:
    """Return whether the object is in each view, (samples, views)."""
    seen = arrays.get("seen", np.ones(x.shape[:2], dtype=np.bool_))
    if seen.shape != x.shape[:2] or seen.dtype != np.bool_:
        raise DataError(
            f"{data.path}: seen is {seen.dtype} of shape {seen.shape}; it should be truth values of {x.shape[:2]}"
        )
    views = seen[:, : data.views].astype(np.bool_)
    if not views.any(axis=1).all():
        raise DataError(f"{data.path}: no camera sees sample {int(views.any(axis=1).argmin())}")
    return views


def _parts(data: Npz, arrays: Mapping[str, Array], labels: NDArray[np.int64]) -> dict[SplitName, Samples]:
    """Return the samples of each split."""
    random = stream(data.seed, "split")
    if "split" not in arrays:
        return stratified(labels, random)
    told = words(data.path, "split", arrays["split"], len(labels), SPLITS)
    parts: dict[SplitName, Samples] = {name: np.flatnonzero(told == name) for name in SPLITS}
    if len(parts["validation"]):
        return parts
    return with_validation(parts["train"], parts["test"], labels, random)
