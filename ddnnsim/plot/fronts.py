"""Pareto fronts of two numbers, or of three as two panels."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ddnnsim.curves import Front
from ddnnsim.plot import save
from ddnnsim.plot.marks import SIZE
from ddnnsim.plot.scales import draw_decades, in_many_decades
from ddnnsim.plot.style import IEEE_COLUMN_IN, OVERALL, PALE
from ddnnsim.vocabulary import SHARE, Quantity, scale_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL_IN = 2.4
ON_FRONT, BEATEN = "on the front", "beaten"


def save_front(front: Front, path: Path) -> None:
    """Draw *front* as *path* .pdf and .png, with its table as .csv."""
    width_in = (len(front.of) - 1) * IEEE_COLUMN_IN
    save(path, front.table, partial(draw_front, front=front), width_in, PANEL_IN)


def draw_front(figure: Figure, table: pd.DataFrame, front: Front) -> None:
    """Draw *table*, that of *front*: the first number over each of the others, those on the front filled.

    A line of steps bounds what is reached in the two numbers of a panel.
    """
    first, *others = front.of
    panels = figure.subplots(1, len(others), sharey=True, squeeze=False)[0]
    for ax, other in zip(panels, others, strict=True):
        _draw_panel(ax, table, other, first)
    _draw_axis(panels[0], "y", table, first)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(handles))


def _draw_panel(ax: Axes, table: pd.DataFrame, across: Quantity, up: Quantity) -> None:
    scales = [scale_of(quantity.unit, table[quantity.path]) for quantity in (across, up)]
    x, y = (
        scale.factor * table[quantity.path].to_numpy(float)
        for scale, quantity in zip(scales, (across, up), strict=True)
    )
    x_bars, y_bars = (
        _bars(table, quantity, scale.factor) for scale, quantity in zip(scales, (across, up), strict=True)
    )
    on_front = table["front"].to_numpy(bool)
    ax.plot(*_steps(x, y, across, up), color="#555555", linewidth=0.8, zorder=1)
    for of, name, colour, face in ((~on_front, BEATEN, PALE, "white"), (on_front, ON_FRONT, OVERALL, OVERALL)):
        ax.errorbar(
            x[of], y[of], y_bars[:, of], x_bars[:, of], linestyle="none", marker="o", markersize=SIZE + 0.6,
            color=colour, markerfacecolor=face, markeredgewidth=0.7, elinewidth=0.6, label=name, zorder=2 + of.any(),
            clip_on=False,
        )  # fmt: skip
    _draw_axis(ax, "x", table, across)


def _draw_axis(ax: Axes, name: Literal["x", "y"], table: pd.DataFrame, quantity: Quantity) -> None:
    """Make the axis *name* of *ax*, on which all is drawn, that of *quantity*: shares end at 0 and 100 %."""
    axis, scale = {"x": ax.xaxis, "y": ax.yaxis}[name], scale_of(quantity.unit, table[quantity.path])
    axis.set_label_text(quantity.label(scale))
    means = scale.factor * table[quantity.path].to_numpy(float)
    if quantity.unit == SHARE:
        low, high = axis.get_view_interval()
        ax.set(**{f"{name}lim": (max(low, 0), min(high, scale.factor))})
    elif in_many_decades(means):
        ax.set(**{f"{name}scale": "log"})
        draw_decades(axis, means.tolist())


def _bars(table: pd.DataFrame, quantity: Quantity, factor: float) -> np.ndarray:
    """Return how far the interval of *quantity* goes down and up, (2, points); 0 where there is none."""
    mean, low, high = (factor * table[f"{quantity.path}{end}"].to_numpy(float) for end in ("", ".low", ".high"))
    if quantity.unit == SHARE:  # an interval may pass what a share can be
        low, high = np.clip(low, 0, factor), np.clip(high, 0, factor)
    return np.array(np.nan_to_num([mean - low, high - mean]))


def _steps(x: np.ndarray, y: np.ndarray, across: Quantity, up: Quantity) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of the line behind which all points lie, from the best *across* to the best *up*."""
    sign_x, sign_y = (1.0 if quantity.better == "more" else -1.0 for quantity in (across, up))
    order = np.lexsort((-sign_y * y, -sign_x * x))
    x, y = x[order], y[order]
    best = np.maximum.accumulate(sign_y * y)
    new = np.append(True, best[1:] > best[:-1])
    x, y = x[new], y[new]
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
