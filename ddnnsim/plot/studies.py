"""The figures of the studies of the paper, by name: drawn from their tables of means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.errors import ResultError
from ddnnsim.plot import beside, save
from ddnnsim.plot.comparisons import draw_baselines, draw_hierarchy
from ddnnsim.plot.paper import draw_fig6, draw_fig8, draw_fig9, draw_fig10, draw_table1, draw_table2
from ddnnsim.plot.style import IEEE_COLUMN_IN

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class Drawing(NamedTuple):
    """What draws a study, and how large."""

    draw: Callable[[Figure, pd.DataFrame], None]
    width_in: float
    height_in: float


COLUMN, PAGE = IEEE_COLUMN_IN, 2 * IEEE_COLUMN_IN
DRAWINGS = {
    "table1": Drawing(draw_table1, COLUMN, 2.6),
    "table2": Drawing(draw_table2, COLUMN, 2.6),
    "fig6": Drawing(draw_fig6, COLUMN, 2.3),
    "fig8": Drawing(draw_fig8, COLUMN, 2.7),
    "fig9": Drawing(draw_fig9, COLUMN, 2.7),
    "fig10": Drawing(draw_fig10, PAGE, 2.6),
    "hierarchy": Drawing(draw_hierarchy, PAGE, 3.6),
    "baselines": Drawing(draw_baselines, PAGE, 3.2),
}
"""By study."""


def draw_studies(tables: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Draw the studies whose means *tables* holds into *folder*, and return the files; all appear at the end."""
    with beside(folder) as part:
        for name, table in tables.items():
            drawing = DRAWINGS[name]
            save(part / name, table, drawing.draw, drawing.width_in, drawing.height_in)
        names = [file.name for file in sorted(part.iterdir())]
    return [folder / name for name in names]


def draw_saved(name: str, results: Path, picture: Path) -> None:
    """Draw the study *name*, as `ddnnsim paper` saved it in *results*: *picture*, a PDF, with .png and .csv beside it.

    Raise ResultError where the study is not there, or not whole.
    """
    import pandas as pd

    path = results / "tables" / f"{name}.csv"
    instead = f"'ddnnsim paper --only {name} --out {results}' makes it"
    if not path.is_file():
        raise ResultError(f"{path}: no such file; {instead}")
    words = {"study": str, "variant": str, "x": str, "quantity": str}
    try:
        table = pd.read_csv(path, dtype=words, keep_default_na=False, na_values={"sd": [""], "paper": [""]})
        table = table.astype(dict.fromkeys(("mean", "sd", "paper"), float))
    except (ValueError, KeyError):
        raise ResultError(f"{path}: damaged; {instead} anew") from None
    drawing = DRAWINGS[name]
    save(picture, table, drawing.draw, drawing.width_in, drawing.height_in)
