"""Tables of what came out: a row for each seed, and means with their spread beside the paper's values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ddnnsim.paper.values import PaperValue, paper_values

if TYPE_CHECKING:
    import pandas as pd

    from ddnnsim.paper.campaign import SeedRow

PLACE = ["study", "variant", "x", "quantity"]
"""The columns that tell one number from another."""


def seed_table(rows: Sequence[SeedRow]) -> pd.DataFrame:
    """Return a line for each of *rows*: `study`, `variant`, `x`, `quantity`, `seed`, `value`."""
    import pandas as pd

    lines = [(of.study, of.row.variant, of.row.x, of.row.quantity, of.seed, of.row.value) for of in rows]
    return pd.DataFrame(lines, columns=[*PLACE, "seed", "value"])


def mean_table(seeds: pd.DataFrame) -> pd.DataFrame:
    """Return for each number `mean`, standard deviation `sd` (of one seed none), `low`, `high` and `seeds`, over seeds.

    `paper` is the paper's value, where it has one. Study by study and variant by variant, each in the order of *seeds*.
    """
    import pandas as pd

    values = seeds.groupby(PLACE, sort=False)["value"]
    table = _by_variant(values.agg(mean="mean", sd="std", low="min", high="max", seeds="count").reset_index())
    paper = pd.DataFrame(paper_values(), columns=[*PaperValue._fields[:-1], "paper"])
    return table.merge(paper, how="left", on=PLACE)


def _by_variant(table: pd.DataFrame) -> pd.DataFrame:
    """Return *table* with what a study has of one variant in one place, and else in its order."""
    import pandas as pd

    study, variant = (pd.factorize(table[name])[0] for name in ("study", "variant"))
    order = pd.DataFrame({"study": study, "variant": variant}).sort_values(["study", "variant"], kind="stable").index
    return table.loc[order].reset_index(drop=True)


def of_study(table: pd.DataFrame, study: str) -> pd.DataFrame:
    """Return the lines of *table* that are of *study*."""
    return table[table["study"] == study].reset_index(drop=True)
