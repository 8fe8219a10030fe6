"""The figures of a calibration: what no other thresholds beat, and how far probabilities can be trusted."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.plot.style import EXIT_TIERS, IEEE_COLUMN_IN, OVERALL, TIER_COLOURS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.figure import Figure

    from ddnnsim.calibration import Calibration, Outcome

WIDE_IN = 2 * IEEE_COLUMN_IN
COSTS = {"bytes": "Bytes per sample and device (B)", "latency_ms": "Mean latency without queueing (ms)"}
"""By column, what accuracy is paid with."""
DIAGRAMS_ABREAST = 4
"""Reliability diagrams in a row, at most."""
STATES = {"before": ("o", "white", "#555555", "--"), "after": ("s", None, "black", "-")}
"""By state, the marker, its face (None: the colour of the exit), its edge, and the line."""


def pareto_data(calibration: Calibration) -> pd.DataFrame:
    """Return the Pareto front and, marked in `chosen`, the thresholds that were chosen; `front` tells who is on it."""
    import pandas as pd

    table = calibration.pareto
    names = [f"{key}_threshold" for key in calibration.thresholds]
    wanted = table[names].to_numpy() == np.array(list(calibration.thresholds.values()))
    table = table.assign(front=True, chosen=wanted.all(axis=1))
    if table["chosen"].any():
        return table
    here, there = _columns(calibration.validation), _columns(calibration.test, "test_")
    chosen = dict(zip(names, calibration.thresholds.values(), strict=True)) | here | there
    return pd.concat([table, pd.DataFrame([chosen | {"front": False, "chosen": True}])], ignore_index=True)


def _columns(outcome: Outcome, prefix: str = "") -> dict[str, float]:
    """Return *outcome* as columns of the table of the front; shares by exit, for the split that was searched."""
    keys = [name.partition(".")[0] for name in outcome.shares]
    values = list(outcome.shares.values())
    shares = {f"{key}_share": sum(v for k, v in zip(keys, values, strict=True) if k == key) for key in keys}
    return {
        **({} if prefix else shares),
        f"{prefix}accuracy": outcome.accuracy,
        f"{prefix}bytes": outcome.bytes_per_sample_per_device,
        f"{prefix}latency_ms": outcome.latency_ms,
    }


def draw_pareto(figure: Figure, data: pd.DataFrame) -> None:
    """Draw accuracy against bytes and against latency, coloured by the share that leaves at the lowest exit."""
    axes = figure.subplots(1, len(COSTS), sharey=True)
    lowest = next(name for name in data.columns if name.endswith("_share"))
    for ax, (column, label) in zip(axes, COSTS.items(), strict=True):
        points = _draw_front(ax, data, column, lowest)
        ax.set_xlabel(label)
    axes[0].set_ylabel("Accuracy (%)")
    bar = figure.colorbar(points, ax=axes, pad=0.01, aspect=25)
    bar.set_label(f"Samples that leave at {lowest.removesuffix('_share')} (%)")
    bar.outline.set_visible(False)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(handles), columnspacing=1.4)


def _draw_front(ax: Axes, data: pd.DataFrame, column: str, lowest: str) -> PathCollection:
    """Draw who is best for some budget of *column*, with *lowest* as the colour, and the chosen thresholds."""
    best = data[data["front"]].sort_values([column, "accuracy"], ascending=[True, False])
    best = best[best["accuracy"] > best["accuracy"].cummax().shift(fill_value=-1.0)]
    ax.step(best[column], 100 * best["accuracy"], where="post", color="#555555", linewidth=0.8, zorder=1)
    points = ax.scatter(
        best[column], 100 * best["accuracy"], c=100 * best[lowest],
        s=14, cmap="cividis_r", vmin=0, vmax=100, edgecolors="black", linewidths=0.3, label="front, validation",
    )  # fmt: skip
    ax.scatter(
        best[f"test_{column}"], 100 * best["test_accuracy"],
        s=9, facecolors="none", edgecolors="#8a8d91", linewidths=0.6, label="the same, test", zorder=0,
    )  # fmt: skip
    chosen = data[data["chosen"]].iloc[0]
    for prefix, marker, name in (("", "D", "chosen, validation"), ("test_", "X", "chosen, test")):
        ax.scatter(
            chosen[f"{prefix}{column}"], 100 * chosen[f"{prefix}accuracy"],
            s=52, marker=marker, facecolors="none", edgecolors=OVERALL, linewidths=1.1, label=name, zorder=4,
        )  # fmt: skip
    return points


def draw_reliability(figure: Figure, data: pd.DataFrame) -> None:
    """Draw for each exit how often answers of each confidence are right, before and after the temperature."""
    exits = list(data["exit"].unique())
    rows, columns = _rows_and_columns(len(exits))
    axes = figure.subplots(rows, columns, sharey=True, squeeze=False)
    for ax, name in zip(axes.flat, exits, strict=False):
        _draw_diagram(ax, data[data["exit"] == name], str(name))
    for ax in axes.flat[len(exits) :]:
        ax.set_visible(False)
    for ax in axes[:, 0]:
        ax.set_ylabel("Accuracy")


def _draw_diagram(ax: Axes, data: pd.DataFrame, name: str) -> None:
    """Draw the reliability of the exit *name*; the area of a marker is the share of its bin."""
    ax.plot([0, 1], [0, 1], color="#8a8d91", linewidth=0.8, linestyle=":")
    tier = TIER_COLOURS[EXIT_TIERS[name.partition(".")[0]]]
    for state, curve in data.groupby("state", sort=False):
        marker, face, edge, line = STATES[str(state)]
        x, y, share = curve["confidence"], curve["accuracy"], curve["samples"] / curve["samples"].sum()
        label = f"{state}: T = {curve['temperature'].iloc[0]:.3g}, ECE = {100 * ((y - x).abs() * share).sum():.1f} %"
        line_colour = edge if face else tier
        ax.plot(
            [], [], color=line_colour, linestyle=line, linewidth=0.8, label=label,
            marker=marker, markersize=4, markerfacecolor=face or tier, markeredgecolor=edge, markeredgewidth=0.6,
        )  # fmt: skip
        ax.plot(x, y, color=line_colour, linestyle=line, linewidth=0.5, clip_on=False)
        ax.scatter(
            x, y, 4 + 60 * share, marker=marker, facecolors=face or tier, edgecolors=edge,
            linewidths=0.6, zorder=3, clip_on=False,
        )  # fmt: skip
    ax.set_xlabel("Confidence")
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_xticks([0, 0.5, 1])
    ax.set_yticks([0, 0.5, 1])
    ax.set_aspect("equal")
    ax.legend(
        title=name, loc="lower center", bbox_to_anchor=(0.5, 1.07), fontsize=7, title_fontsize=9,
        handletextpad=0.4, borderaxespad=0, borderpad=0,
    )  # fmt: skip


def reliability_size_in(exits: int) -> tuple[float, float]:
    """Return width and height of a figure of *exits* reliability diagrams."""
    rows, columns = _rows_and_columns(exits)
    width_in = IEEE_COLUMN_IN if columns < 3 else WIDE_IN
    return width_in, rows * (0.75 + min(width_in / columns, 2.4))


def _rows_and_columns(diagrams: int) -> tuple[int, int]:
    """Return in how many rows and columns *diagrams* are set, so that their legends have room."""
    rows = ceil(diagrams / DIAGRAMS_ABREAST)
    return rows, ceil(diagrams / rows)
