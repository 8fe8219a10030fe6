"""The folder of a sweep, written by hand: what comes out of it is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path

import pandas as pd

from ddnnsim.vocabulary import si_value

Numbers = Mapping[str, float | None]


def written_sweep(
    path: Path, grid: Mapping[str, Sequence[object]], replications: int, numbers: Callable[[dict, int], Numbers]
) -> Path:
    """Write the tables of a sweep over *grid* into *path*: *numbers* of each point, by its values, and replication."""
    points, jobs, results = [], [], []
    for point, values in enumerate(product(*grid.values())):
        settings = dict(zip(grid, values, strict=True))
        points.append({"point": point, "label": "", **settings})
        in_si = {name: told[0] if (told := si_value(value)) else value for name, value in settings.items()}
        for replication in range(replications):
            job = {"point": point, "replication": replication}
            jobs.append({**job, "seed": 10 + replication, "run": f"{path.name}-{point}-{replication}", "error": ""})
            results.append({**job, "label": "", **in_si, **numbers(in_si, replication)})
    path.mkdir(parents=True)
    for name, rows in (("points", points), ("jobs", jobs), ("results", results)):
        pd.DataFrame(rows).to_csv(path / f"{name}.csv", index=False)
    return path
