"""The data sets that scenarios name, from wherever they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ddnnsim.dnn.data.archive import Splits, archived
from ddnnsim.dnn.data.splits import Split, SplitName, of_cameras
from ddnnsim.errors import DataError
from ddnnsim.scenario import AnyData, Cifar10, Digits, Idx, Mvmc, Npz, Numbers, RawEncoding, Street

__all__ = ["Dataset", "Split", "SplitName", "load_dataset"]


@dataclass(frozen=True)
class Dataset:
    """A data set in three splits."""

    name: str
    classes: tuple[str, ...]
    splits: Mapping[SplitName, Split]


def load_dataset(data: AnyData) -> Dataset:
    """Return the data set that a scenario describes: the same bytes in any process.

    It is made for all cameras, and then those of the devices are taken: what a camera sees does not depend on the
    others. Raise DataError where it is read from files that are not as the scenario says.
    """
    whole = data.model_copy(update={"cameras": None})
    slow = isinstance(data, Street) or not isinstance(data.encoding, RawEncoding)
    splits = archived(whole, _splits) if slow else _splits(whole)
    if data.cameras is not None:
        splits = {name: of_cameras(split, data.cameras) for name, split in splits.items()}
    return Dataset(data.source, data.classes, splits)


def _splits(data: AnyData) -> Splits:
    """Return the splits as they are sent: those that the cameras sense, encoded."""
    if not isinstance(data.encoding, RawEncoding):
        from ddnnsim.dnn.data.encoding import encoded_split

        sensed = load_dataset(data.model_copy(update={"encoding": RawEncoding(format="raw")}))
        return {name: encoded_split(split, data.encoding) for name, split in sensed.splits.items()}
    return _sensed(data)


def _sensed(data: AnyData) -> Splits:
    """Return the splits as the cameras sense them. Only what is asked for is imported."""
    match data:
        case Digits():
            from ddnnsim.dnn.data.digits import digit_splits

            return digit_splits(data)
        case Street():
            from ddnnsim.dnn.data.street import Difficulty, street_splits

            return street_splits(data.views, data.seed, data.presence, difficulty=Difficulty(noise=data.noise))
        case Mvmc():
            from ddnnsim.dnn.data.mvmc import mvmc_splits

            return mvmc_splits(data)
        case Npz():
            from ddnnsim.dnn.data.npz import npz_splits

            return npz_splits(data)
        case Idx():
            from ddnnsim.dnn.data.idx import idx_splits

            return idx_splits(data)
        case Cifar10():
            from ddnnsim.dnn.data.cifar10 import cifar10_splits

            return cifar10_splits(data)
        case Numbers():
            raise DataError("there is no data: the model is given by numbers")
