"""The mean latency of each exit in its parts, as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.plot.legend import legend_above_figure
from ddnnsim.plot.style import GOLDEN, IEEE_COLUMN_IN, TIER_COLOURS, exit_tier

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from ddnnsim.results import Result

HATCHES = {"queueing": "xxxx", "service": "", "serialisation": "////", "propagation": "....", "waiting": "----"}
"""By part; in the order of the bars."""
BAR_IN = 0.17
"""Height of a bar and of what is between it and the next, at least: room for its name."""
MARGINS_IN = 0.95
"""Height of the legend and of what is below the bars."""


def parts_data(result: Result) -> pd.DataFrame:
    """Return the mean of each part of latency in ms, by exit and overall; NaN where an exit gave no answer.

    The run must have kept messages on record.
    """
    import pandas as pd

    summary = result.summary
    told = {**{name: of_exit.parts for name, of_exit in summary.exits.items()}, "overall": summary.parts}
    rows = []
    for name, parts in told.items():
        assert parts is not None, "messages are on record"
        means_s = {part: parts[part].mean_s for part in HATCHES}
        rows.append({"exit": name, **{f"{part}_ms": None if s is None else s * 1e3 for part, s in means_s.items()}})
    return pd.DataFrame(rows).astype(dict.fromkeys((f"{part}_ms" for part in HATCHES), float))


def parts_height_in(data: pd.DataFrame) -> float:
    """Return the height of the figure of *data*."""
    return max(IEEE_COLUMN_IN * GOLDEN, MARGINS_IN + BAR_IN * len(data))


def draw_parts(ax: Axes, data: pd.DataFrame) -> None:
    """Draw a bar for each exit, stacked of the parts of its mean latency."""
    from matplotlib.patches import Patch

    tiers = [exit_tier(name) for name in data["exit"]]
    colours = ["#444444" if tier is None else TIER_COLOURS[tier] for tier in tiers]
    places, ends = np.arange(len(data)), np.zeros(len(data))
    for part, hatch in HATCHES.items():
        values = data[f"{part}_ms"].fillna(0).to_numpy()
        ax.barh(places, values, 0.62, left=ends, color=colours, hatch=hatch, edgecolor="white", linewidth=0.4)
        ends += values
    answered = data.drop(columns="exit").notna().all(axis=1)
    for place, end, answers in zip(places, ends, answered, strict=True):
        told = f"{end:,.1f}" if answers else "no answers"
        ax.annotate(told, (end, place), (2, 0), textcoords="offset points", va="center", fontsize=7)
    ax.set_yticks(places, data["exit"])
    ax.invert_yaxis()  # the first exit on top
    ax.set_xlabel("Mean latency (ms)")
    ax.set_ylabel("Exit")
    ax.set_xlim(0, ends.max() * 1.15 or 1)
    ax.grid(visible=False, axis="y")
    keys = [Patch(facecolor="#555555", edgecolor="white", hatch=hatch, label=part) for part, hatch in HATCHES.items()]
    legend_above_figure(ax, keys)
