"""Numbers over a parameter: a panel for each, lines with bands that hold the mean with 95 %."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ddnnsim.curves import MOST_LINES, Curve
from ddnnsim.errors import UserError
from ddnnsim.plot import save
from ddnnsim.plot.marks import CAP, LINES, SIZE, Look
from ddnnsim.plot.scales import draw_number, draw_parameter
from ddnnsim.plot.style import GOLDEN, IEEE_COLUMN_IN
from ddnnsim.vocabulary import SHARE, Quantity, scale_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from numpy.typing import NDArray

PANELS_ABREAST = 3
MOST_PANELS = 6
PANEL_IN = 2.15
"""Height of a panel beside others."""
LEGEND_IN = 0.17
"""Height of a line of the legend."""
LETTERS_ABREAST = {1: 40, 2: 95, 3: 95}
"""What goes side by side in the legend, by the number of columns of panels."""


assert len(LINES) == MOST_LINES


def save_curve(curve: Curve, path: Path) -> None:
    """Draw *curve* as *path* .pdf and .png, with its table as .csv. Raise UserError where it has too much to see."""
    lines = list(dict.fromkeys(curve.table["line"]))
    if len(lines) > MOST_LINES:
        raise UserError(
            f"{len(lines)} lines cannot be told apart; draw at most {MOST_LINES}: choose some with --where, or draw "
            "a heat map with --z"
        )
    if len(curve.of) > MOST_PANELS:
        raise UserError(f"{len(curve.of)} numbers do not go into one figure; name at most {MOST_PANELS} with --y")
    rows, columns = _rows_and_columns(len(curve.of))
    width_in = IEEE_COLUMN_IN if columns == 1 else 2 * IEEE_COLUMN_IN
    height_in = IEEE_COLUMN_IN * GOLDEN if len(curve.of) == 1 else rows * PANEL_IN
    legend_in = LEGEND_IN * -(-len(lines) // _legend_columns(lines, columns)) if curve.by else 0.0
    save(path, curve.table, partial(draw_curve, curve=curve), width_in, height_in + legend_in)


def draw_curve(figure: Figure, table: pd.DataFrame, curve: Curve) -> None:
    """Draw *table*, that of *curve*: a panel for each number."""
    rows, columns = _rows_and_columns(len(curve.of))
    panels = figure.subplots(rows, columns, sharex=True, squeeze=False)
    for ax, quantity in zip(panels.flat, curve.of, strict=False):
        _draw_panel(ax, table[table["number"] == quantity.path], quantity, curve)
    for ax in panels.flat[len(curve.of) :]:
        ax.set_visible(False)
    for ax in panels.flat[max(0, len(curve.of) - columns) : len(curve.of)]:
        ax.tick_params(labelbottom=True)
        draw_parameter(ax, curve.x)
    if curve.by:
        names = list(dict.fromkeys(table["line"]))
        title = ", ".join(parameter.label for parameter in curve.by)
        figure.legend(
            handles=[_key(name, look) for name, look in zip(names, LINES, strict=False)], title=title,
            title_fontsize=8, loc="outside upper center", ncols=_legend_columns(names, columns), columnspacing=1.2,
        )  # fmt: skip


def _draw_panel(ax: Axes, rows: pd.DataFrame, quantity: Quantity, curve: Curve) -> None:
    scale = scale_of(quantity.unit, rows["mean"])
    most = scale.factor if quantity.unit == SHARE else np.inf  # an interval may pass what a share can be
    least = -np.inf if most == np.inf else 0.0
    numbers = {
        name: np.clip(scale.factor * rows[name].to_numpy(float), least, most) for name in ("mean", "low", "high")
    }
    lines = rows["line"].to_numpy()
    x = _places(rows, curve)
    names = list(dict.fromkeys(lines))
    for number, (name, look) in enumerate(zip(names, LINES, strict=False)):
        of = lines == name
        shift = 0.0 if curve.x.numeric else 0.5 * ((number + 0.5) / len(names) - 0.5)
        _draw_line(ax, x[of] + shift, {key: values[of] for key, values in numbers.items()}, look, curve.x.numeric)
    draw_number(ax, quantity, scale, numbers["mean"], np.concatenate(list(numbers.values())))


def _draw_line(
    ax: Axes, x: NDArray[np.float64], numbers: dict[str, NDArray[np.float64]], look: Look, ordered: bool
) -> None:
    """Draw means with their intervals over *x*: joined and with a band where places are *ordered*, else with bars."""
    mean, low, high = numbers["mean"], numbers["low"], numbers["high"]
    style = _style(look)
    if ordered:
        ax.plot(x, mean, zorder=3, clip_on=False, **style)
        ax.fill_between(x, low, high, color=look.colour, alpha=0.22, linewidth=0, zorder=2)
    else:
        ax.errorbar(x, mean, [mean - low, high - mean], capsize=CAP, elinewidth=0.7, capthick=0.7, clip_on=False,
                    **style | {"linestyle": "none"})  # fmt: skip


def _style(look: Look) -> dict[str, Any]:
    return {"color": look.colour, "marker": look.marker, "linestyle": look.line, "markersize": SIZE}


def _key(name: str, look: Look) -> Line2D:
    from matplotlib.lines import Line2D

    return Line2D([], [], label=name, **_style(look))


def _places(rows: pd.DataFrame, curve: Curve) -> NDArray[np.float64]:
    """Return where *rows* are along x, in the unit that is drawn, or by their order."""
    values = rows[curve.x.quantity.path]
    if curve.x.numeric:
        return curve.x.scale.factor * values.to_numpy(float)
    order = list(curve.x.names)
    return np.array([order.index(value) for value in values], dtype=float)


def _rows_and_columns(panels: int) -> tuple[int, int]:
    columns = 2 if panels == 4 else min(panels, PANELS_ABREAST)
    return -(-panels // columns), columns


def _legend_columns(names: list[str], columns: int) -> int:
    """Return how many of *names* go side by side above so many *columns* of panels."""
    widest = 6 + max(map(len, names))
    return max(1, min(len(names), LETTERS_ABREAST[columns] // widest))
