"""Pareto fronts: which points no other beats in all of several numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddnnsim.curves.curve import by_point, columns
from ddnnsim.curves.runs import Runs
from ddnnsim.errors import UserError
from ddnnsim.vocabulary import Quantity, number_in_words

if TYPE_CHECKING:
    import pandas as pd


class Front(NamedTuple):
    """Points by several numbers, and which of them are on the front."""

    of: tuple[Quantity, ...]
    table: pd.DataFrame
    """A row for each point that has all numbers: the settings in which points differ, as a file has them, then of each
    number its `PATH` (mean), `PATH.n`, `PATH.low` and `PATH.high`, in SI units, and `front`."""


def front(runs: Runs, of: Sequence[str]) -> Front:
    """Return the points by the numbers *of* summaries, named by path: two or three of which it is known what is better.

    Raises UserError for others. Means decide who is on the front.
    """
    import pandas as pd

    quantities = tuple(map(number_in_words, of))
    estimates = {path: by_point(runs, path) for path in of}
    for quantity in quantities:
        if quantity.better is None:
            raise UserError(f"{quantity.path}: neither more nor less of it is better, so it has no front")
    if not 2 <= len(set(of)) == len(of) <= 3:
        raise UserError("a Pareto front is of two or three numbers; write e.g. accuracy,bytes.per_sample_per_device")
    rows = []
    for point in dict.fromkeys(runs.jobs["point"].astype(int)):
        told = {path: columns(estimates[path][point]) for path in of}
        if all(numbers["n"] for numbers in told.values()):
            row: dict[str, object] = {path: texts[point] for path, texts in runs.texts.items()}
            for path, numbers in told.items():
                row |= {path: numbers["mean"], **{f"{path}.{key}": numbers[key] for key in ("n", "low", "high")}}
            rows.append(row)
    table = pd.DataFrame(rows)
    if table.empty:
        raise UserError(f"{runs.name}: no point has all of {', '.join(of)}")
    signs = [1.0 if quantity.better == "more" else -1.0 for quantity in quantities]
    return Front(quantities, table.assign(front=unbeaten(table[list(of)].to_numpy(float) * signs)))


def unbeaten(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which of the rows of *values*, (points, numbers), no other row is as good as in all and better in one of.

    More is better.
    """
    as_good = np.asarray((values[:, None] >= values[None]).all(axis=2))  # (i, j): i is as good as j
    better = np.asarray((values[:, None] > values[None]).any(axis=2))
    return np.asarray(~(as_good & better).any(axis=0))
