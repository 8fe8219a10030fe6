"""Legends, above what they explain."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch


def legend_above_figure(ax: Axes, keys: Sequence[Patch] | None = None) -> None:
    """Put a legend above the figure of *ax*, where it covers no data, in as few lines as there is the width for."""
    handles = ax.get_legend_handles_labels()[0] if keys is None else keys
    figure = ax.figure
    for columns in dict.fromkeys(ceil(len(handles) / lines) for lines in range(1, len(handles) + 1)):
        legend = figure.legend(
            handles=handles,
            loc="outside upper center",
            ncols=columns,
            columnspacing=1.2,
            handlelength=1.8,
            borderaxespad=0.1,
        )
        if columns == 1 or legend.get_window_extent().width <= figure.bbox.width:
            return
        legend.remove()


def legend_above_panel(ax: Axes, handles: Sequence[Artist], columns: int) -> None:
    """Put a legend above *ax*, one of the panels of a figure, where it covers no data, in so many *columns*."""
    ax.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=columns,
        columnspacing=1.0,
        handlelength=1.9,
        handletextpad=0.5,
        borderaxespad=0.2,
    )
