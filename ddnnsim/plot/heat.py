"""A number over two parameters, as a map whose cells say it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.curves import Curve
from ddnnsim.plot import save
from ddnnsim.plot.scales import MANY_DECADES, draw_decades
from ddnnsim.plot.style import IEEE_COLUMN_IN
from ddnnsim.vocabulary import number_text, scale_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

MOST_CELLS_WITH_TEXT = 10
"""Cells in a row that have room for their number."""
MARGINS_IN, CELL_IN = 0.75, 0.24
DARK = 0.45
"""Luminance below which a cell has white text."""


def save_heat_map(curve: Curve, path: Path) -> None:
    """Draw *curve*, that of one number by one parameter, as a map, *path* .pdf and .png, with the table as .csv."""
    rows = len(curve.by[0].names)
    height_in = max(0.62 * IEEE_COLUMN_IN, MARGINS_IN + CELL_IN * rows)
    save(path, curve.table, partial(draw_heat_map, curve=curve), IEEE_COLUMN_IN, height_in)


def draw_heat_map(figure: Figure, table: pd.DataFrame, curve: Curve) -> None:
    """Draw *table*, that of *curve*: a cell for each pair of values; one without a number stays white."""
    from matplotlib.colors import LogNorm

    (vertical,), (quantity,) = curve.by, curve.of
    columns, rows = curve.x.names, vertical.names
    scale = scale_of(quantity.unit, table["mean"])
    cells = np.full((len(rows), len(columns)), np.nan)
    at_row, at_column = list(rows).index, list(columns).index
    for x, y, mean in zip(table[curve.x.quantity.path], table[vertical.quantity.path], table["mean"], strict=True):
        cells[at_row(y), at_column(x)] = scale.factor * mean
    ax = figure.subplots()
    picture = ax.imshow(cells, cmap="cividis", aspect="auto", origin="lower", norm=_norm(cells))
    ax.set_xticks(range(len(columns)), list(columns.values()))
    ax.set_yticks(range(len(rows)), list(rows.values()))
    ax.set_xlabel(curve.x.label)
    ax.set_ylabel(vertical.label)
    ax.grid(visible=False)
    if len(columns) <= MOST_CELLS_WITH_TEXT:
        _write_numbers(ax, cells)
    bar = figure.colorbar(picture, ax=ax, pad=0.02, aspect=18)
    if picture.norm.vmin and isinstance(picture.norm, LogNorm):
        draw_decades(bar.ax.yaxis, [float(picture.norm.vmin), float(picture.norm.vmax or 1.0)])
    bar.set_label(quantity.label(scale))
    bar.outline.set_visible(False)


def _norm(cells: np.ndarray) -> Normalize:
    """Return how numbers become colours: by their logarithm where they are of many decades."""
    from matplotlib.colors import LogNorm, Normalize

    low, high = float(np.nanmin(cells)), float(np.nanmax(cells))
    return LogNorm(low, high) if low > 0 and high > MANY_DECADES * low else Normalize(low, high)


def _write_numbers(ax: Axes, cells: np.ndarray) -> None:
    """Write each of *cells*, (rows, columns), at its place, white where it is dark."""
    picture = ax.images[0]
    red, green, blue = np.moveaxis(picture.to_rgba(cells), -1, 0)[:3]
    dark = 0.299 * red + 0.587 * green + 0.114 * blue < DARK
    for (row, column), value in np.ndenumerate(cells):
        if np.isfinite(value):
            ax.text(
                column,
                row,
                number_text(value),
                ha="center",
                va="center",
                fontsize=7,
                color="w" if dark[row, column] else "k",
            )
