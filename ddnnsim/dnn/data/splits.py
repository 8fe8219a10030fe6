"""The samples to train on, to choose by and to test with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ddnnsim.errors import DataError
from ddnnsim.profile import raw_bytes

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = get_args(SplitName)
Samples = NDArray[np.int64]
"""Places of samples in a table."""


@dataclass(frozen=True)
class Split:
    """Labelled samples, each seen by all cameras."""

    images: NDArray[np.uint8]
    """Pixels of 8 bits, (samples, views, channels, height, width)."""
    labels: NDArray[np.int64]
    """The class of each sample, (samples,)."""
    seen: NDArray[np.bool_]
    """Whether the object is in the view's picture, (samples, views)."""
    raw_bytes: NDArray[np.int64]
    """Size of each view, as it is encoded when it is sent as a picture, (samples, views)."""


def as_sensed(images: NDArray[np.uint8], labels: NDArray[np.int64], seen: NDArray[np.bool_]) -> Split:
    """Return the split whose views are sent as they are sensed: a byte per pixel and channel."""
    channels, height, width = images.shape[2:]
    return Split(images, labels, seen, np.full(seen.shape, raw_bytes((channels, height, width)), dtype=np.int64))


def of_cameras(split: Split, numbers: Sequence[int]) -> Split:
    """Return *split* as the cameras of *numbers*, from 1, see it."""
    views = np.asarray(numbers) - 1
    return Split(split.images[:, views], split.labels, split.seen[:, views], split.raw_bytes[:, views])


def stratified(labels: NDArray[np.int64], random: np.random.Generator) -> dict[SplitName, Samples]:
    """Return the shuffled samples of each split: of every class 60, 20 and 20 per cent."""
    return dict(zip(SPLITS, shares_of(labels, (0.6, 0.8), random), strict=True))


def shares_of(labels: NDArray[np.int64], cuts: Sequence[float], random: np.random.Generator) -> list[Samples]:
    """Return shuffled samples in one part more than there are *cuts*, which rise from 0 to 1: of every class alike."""
    parts: list[list[Samples]] = [[] for _ in range(len(cuts) + 1)]
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        for part, share in zip(parts, np.split(members, [round(cut * len(members)) for cut in cuts]), strict=True):
            part.append(share)
    return [random.permutation(np.concatenate([*part, np.empty(0, dtype=np.int64)])) for part in parts]


def with_validation(
    train: Samples, test: Samples, labels: NDArray[np.int64], random: np.random.Generator
) -> dict[SplitName, Samples]:
    """Return the samples of each split: of every class a fifth of *train* validates instead."""
    train_part, validation_part = shares_of(labels[train], (0.8,), random)
    return {"train": train[train_part], "validation": train[validation_part], "test": test}


def check_sizes(where: str, parts: Mapping[SplitName, Samples]) -> None:
    """Raise DataError where one of the splits that *parts* make of the file or folder *where* has hardly any sample."""
    train, validation, test = (len(parts[name]) for name in SPLITS)
    if min(train, validation, test) < 2:
        raise DataError(f"{where}: {train} samples train, {validation} validate and {test} test: too few")


def parted(
    where: str,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    seen: NDArray[np.bool_],
    parts: Mapping[SplitName, Samples],
) -> dict[SplitName, Split]:
    """Return the splits that *parts* make of the samples of the file *where*, after a look at their sizes."""
    check_sizes(where, parts)
    return {name: as_sensed(images[part], labels[part], seen[part]) for name, part in parts.items()}
