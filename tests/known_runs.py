"""Runs whose numbers are known: points and replications as those of a sweep, and no folders behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product

import pandas as pd

from ddnnsim.curves import Runs
from ddnnsim.scenario.settings import value_text
from ddnnsim.vocabulary import si_value


def known_runs(
    grid: Mapping[str, Sequence[object]],
    replications: int,
    numbers: Callable[[dict, int], Mapping[str, float | None]],
    name: str = "known",
) -> Runs:
    """Return runs over *grid*, with *numbers* of each point, by its values in SI units, and replication."""
    points = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    rows = []
    for point, settings in enumerate(points):
        in_si = {path: told[0] if (told := si_value(value)) else value for path, value in settings.items()}
        for replication in range(replications):
            job = {"point": point, "replication": replication, "seed": 10 + replication, "run": ""}
            rows.append({**job, **numbers(in_si, replication)})
    texts = {path: {point: value_text(of[path]) for point, of in enumerate(points)} for path in grid}
    return Runs(name, pd.DataFrame(rows), texts)
