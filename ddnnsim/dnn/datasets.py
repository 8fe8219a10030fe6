"""The data sets that scenarios name, from wherever they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ddnnsim.dnn.digits import digit_splits
from ddnnsim.dnn.splits import Split, SplitName
from ddnnsim.scenario import AnyData, Digits, Street

__all__ = ["Dataset", "Split", "SplitName", "load_dataset"]


@dataclass(frozen=True)
class Dataset:
    """A data set in three splits."""

    name: str
    classes: tuple[str, ...]
    splits: Mapping[SplitName, Split]


def load_dataset(data: AnyData) -> Dataset:
    """Return the data set that a scenario describes: the same bytes in any process."""
    return Dataset(data.source, data.classes, _splits(data))


def _splits(data: AnyData) -> dict[SplitName, Split]:
    if isinstance(data, Digits):
        return digit_splits(data)
    if isinstance(data, Street):
        from ddnnsim.dnn.street import Difficulty, street_splits

        return street_splits(data.views, data.seed, data.presence, difficulty=Difficulty(noise=data.noise))
    from ddnnsim.dnn.mvmc import mvmc_splits

    return mvmc_splits(data)
