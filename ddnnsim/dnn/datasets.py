"""The data sets that scenarios name, from wherever they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ddnnsim.dnn.archive import Splits, archived
from ddnnsim.dnn.splits import Split, SplitName
from ddnnsim.scenario import AnyData, Cifar10, Digits, Idx, Mvmc, Npz, RawEncoding, Street

__all__ = ["Dataset", "Split", "SplitName", "load_dataset"]


@dataclass(frozen=True)
class Dataset:
    """A data set in three splits."""

    name: str
    classes: tuple[str, ...]
    splits: Mapping[SplitName, Split]


def load_dataset(data: AnyData) -> Dataset:
    """Return the data set that a scenario describes: the same bytes in any process.

    Raise DataError where it is read from files that are not as the scenario says.
    """
    slow = isinstance(data, Street) or not isinstance(data.encoding, RawEncoding)
    return Dataset(data.source, data.classes, archived(data, _splits) if slow else _splits(data))


def _splits(data: AnyData) -> Splits:
    """Return the splits as they are sent: those that the cameras sense, encoded."""
    if not isinstance(data.encoding, RawEncoding):
        from ddnnsim.dnn.encoding import encoded_split

        sensed = load_dataset(data.model_copy(update={"encoding": RawEncoding(format="raw")}))
        return {name: encoded_split(split, data.encoding) for name, split in sensed.splits.items()}
    return _sensed(data)


def _sensed(data: AnyData) -> Splits:
    """Return the splits as the cameras sense them. Only what is asked for is imported."""
    match data:
        case Digits():
            from ddnnsim.dnn.digits import digit_splits

            return digit_splits(data)
        case Street():
            from ddnnsim.dnn.street import Difficulty, street_splits

            return street_splits(data.views, data.seed, data.presence, difficulty=Difficulty(noise=data.noise))
        case Mvmc():
            from ddnnsim.dnn.mvmc import mvmc_splits

            return mvmc_splits(data)
        case Npz():
            from ddnnsim.dnn.npz import npz_splits

            return npz_splits(data)
        case Idx():
            from ddnnsim.dnn.idx import idx_splits

            return idx_splits(data)
        case Cifar10():
            from ddnnsim.dnn.cifar10 import cifar10_splits

            return cifar10_splits(data)
