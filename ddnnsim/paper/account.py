"""What is written down of studies: tables, figures, and a page to read; each file whole or not there."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddnnsim.paper.campaign import Campaign, SeedRow, carry_out, put
from ddnnsim.paper.studies import studies
from ddnnsim.paper.study import Study
from ddnnsim.paper.tables import mean_table, of_study, seed_table

if TYPE_CHECKING:
    import pandas as pd

    from ddnnsim.progress import Progress

PAGE = "paper.md"
HEAD = """# The paper, again

Means and standard deviations over training seeds; in parentheses the value of Teerapittayanon, McDanel and Kung,
ICDCS 2017, on their own data. Accuracies and shares in per cent, bytes per sample and device, latencies in ms.
"""


def regenerate(campaign: Campaign, jobs: int, progress: Progress) -> pd.DataFrame:
    """Carry out *campaign*, write tables, figures and the page under its folder, and return the table of means."""
    rows = carry_out(campaign.tasks(), jobs, progress)
    return write(campaign.studies, rows, campaign.out)


def write(chosen: Sequence[Study], rows: Sequence[SeedRow], out: Path) -> pd.DataFrame:
    """Write what came out of the studies *chosen* under *out*, and return the table of means."""
    from ddnnsim.plot.studies import draw_studies

    seeds = seed_table(rows)
    means = mean_table(seeds)
    for study in chosen:
        tables = {f"{study.name}.csv": means, f"{study.name}-seeds.csv": seeds}
        for name, table in tables.items():
            text = of_study(table, study.name).to_csv(index=False, float_format="%.9g", lineterminator="\n")
            put(out / "tables" / name, text)
        put(out / "tables" / f"{study.name}.md", section(study, of_study(means, study.name)))
    draw_studies({study.name: of_study(means, study.name) for study in chosen}, out / "figures")
    put(out / PAGE, "\n".join((HEAD, *_sections(out))))
    return means


def section(study: Study, means: pd.DataFrame) -> str:
    """Return the numbers of *study* that a person is shown, as Markdown."""
    shown = [quantity for quantity in study.shown if quantity in set(means["quantity"])]
    labels = [column for column in ("variant", "x") if (means[column] != "").any()]
    names = {"variant": "", "x": study.axis}
    lines = [f"## {study.title}", "", _line([names[label] for label in labels] + [_words(name) for name in shown])]
    lines.append(_line(["---"] * len(labels) + ["---:"] * len(shown)))
    for place, of_place in means.groupby(labels, sort=False):
        cells = {str(row["quantity"]): _cell(row) for row in of_place.to_dict("records")}
        values = [cells.get(name, "") for name in shown]
        lines.append(_line([*map(str, place), *values]))
    return "\n".join(lines) + "\n"


def _sections(out: Path) -> Iterator[str]:
    """Yield the sections that are there, in the order of the studies."""
    for study in studies():
        path = out / "tables" / f"{study.name}.md"
        if path.is_file():
            yield path.read_text(encoding="utf-8")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _words(quantity: str) -> str:
    """Return the heading of *quantity*."""
    return quantity.removesuffix("_accuracy").removesuffix("_ms").replace("_", " ")


def _cell(row: Mapping[Hashable, Any]) -> str:
    """Return mean, standard deviation and the paper's value of a number."""
    factor = 100 if row["quantity"].endswith(("_accuracy", "_share")) else 1
    spread = "" if isnan(row["sd"]) else f" ± {factor * row['sd']:.1f}"
    paper = "" if isnan(row["paper"]) else f" ({factor * row['paper']:.4g})"
    return f"{factor * row['mean']:.1f}{spread}{paper}"
