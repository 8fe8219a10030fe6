"""Figures beyond the paper: its configurations side by side, and the baselines on common axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.plot.marks import CAP, LOOKS, floor_of, hollow, line, numbers, paper_key
from ddnnsim.plot.style import EXIT_TIERS, TIER_COLOURS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CHOSEN = "T chosen"
SHARES = (("local", ""), ("edge", "////"), ("cloud", "...."))
COSTS = (
    ("bytes", "Bytes per sample and device (B)", (10, 30, 100, 300, 1000, 3000)),
    ("latency_ms", "Mean latency (ms)", (5, 10, 20, 50, 100, 200)),
)
"""What accuracy is paid with, how an axis says it, and where it may have ticks."""
DDNN = "DDNN"
MARKERS = {
    "DDNN, T chosen": ("*", "black", 7.0),
    "device only": ("o", TIER_COLOURS["device"], 5.0),
    "edge only": ("^", TIER_COLOURS["edge"], 5.0),
    "split without exits": ("P", "#8a8d91", 5.0),
    "cloud only, raw": ("s", TIER_COLOURS["cloud"], 5.0),
    "cloud only, PNG": ("D", TIER_COLOURS["cloud"], 4.5),
    "cloud only, JPEG 90": ("v", TIER_COLOURS["cloud"], 5.0),
    "cloud only, JPEG 50": ("<", TIER_COLOURS["cloud"], 5.0),
}
"""By baseline its marker, colour and size."""


def draw_hierarchy(figure: Figure, data: pd.DataFrame) -> None:
    """Draw, for each configuration, where requests leave, how right they are, what they cost and how long they take."""
    from matplotlib.patches import Patch

    shares, accuracy, sent, latency = figure.subplots(2, 2, sharex=True).ravel()
    letters = numbers(data, CHOSEN, "overall_accuracy").x
    x = np.arange(len(letters), dtype=float)
    floor = np.zeros(len(letters))
    for name, hatch in SHARES:
        found = numbers(data, CHOSEN, f"{name}_share")
        heights = np.zeros(len(letters))
        heights[[letters.index(letter) for letter in found.x]] = found.mean
        shares.bar(x, heights, 0.6, bottom=floor, color=TIER_COLOURS[EXIT_TIERS[name]], hatch=hatch, edgecolor="white",
                   linewidth=0.4)  # fmt: skip
        floor += heights
    accuracy.set_ylim(floor_of(_overall(data)), 105)
    sent.set_yscale("log")
    sent.yaxis.set_major_formatter("{x:,.0f}")
    sent.set_ylim(5, 8000)
    _bars(accuracy, x, data, "overall_accuracy")
    _bars(sent, x, data, "bytes")
    _bars(latency, x, data, "latency_ms")
    for ax, quantity in ((accuracy, "overall_accuracy"), (sent, "bytes")):
        found = numbers(data, CHOSEN, quantity)
        for place, height, sd in zip(x, found.mean, found.sd, strict=True):
            foot = max(height + sd, ax.get_ylim()[0])
            ax.annotate(f"{height:.0f}", (place, foot), (0, 2), textcoords="offset points", ha="center", fontsize=7)
    worst = numbers(data, CHOSEN, "latency_p95_ms")
    latency.errorbar(x, worst.mean, worst.sd, linestyle="none", marker="_", markersize=9, color="black", capsize=CAP)
    shares.set_ylabel("Answers (%)")
    accuracy.set_ylabel("Accuracy (%)")
    sent.set_ylabel("Bytes per sample\nand device (B)")
    latency.set_ylabel("Latency (ms)\nmean; line: p95")
    for ax in (shares, accuracy, sent, latency):
        ax.grid(visible=False, axis="x")
        ax.set_xticks(x, [f"({letter})" for letter in letters])
    for ax in (sent, latency):
        ax.set_xlabel("Configuration")
    keys = [
        Patch(facecolor=TIER_COLOURS[EXIT_TIERS[name]], hatch=hatch, edgecolor="white", label=f"{name} exit")
        for name, hatch in SHARES
    ]
    figure.legend(handles=keys, loc="outside upper center", ncols=3)


def _overall(data: pd.DataFrame) -> pd.DataFrame:
    """Return of *data* the overall accuracies."""
    return data[data["quantity"] == "overall_accuracy"]


def _bars(ax: Axes, x: np.ndarray, data: pd.DataFrame, quantity: str) -> None:
    found = numbers(data, CHOSEN, quantity)
    ax.bar(x, found.mean, 0.6, yerr=found.sd, color="#9aa5ad", edgecolor="white", capsize=CAP,
           error_kw={"elinewidth": 0.7, "capthick": 0.7})  # fmt: skip


def draw_baselines(figure: Figure, data: pd.DataFrame) -> None:
    """Draw accuracy against bytes, and against latency, for the DDNN at several thresholds and for each baseline."""
    panels = figure.subplots(1, 2, sharey=True)
    handles: list[Artist] = []
    for ax, (quantity, label, ticks) in zip(panels, COSTS, strict=True):
        cost, curve = numbers(data, DDNN, quantity), numbers(data, DDNN, "overall_accuracy")
        line(ax, cost.mean, curve, LOOKS["overall_accuracy"]._replace(label="DDNN, T = 0.1 to 0.9"), cost.sd)
        for variant, (marker, colour, size) in MARKERS.items():
            x, y = numbers(data, variant, quantity), numbers(data, variant, "overall_accuracy")
            ax.errorbar(
                x.mean, y.mean, y.sd, x.sd, linestyle="none", marker=marker, color=colour, markersize=size,
                markeredgecolor="black", markeredgewidth=0.5, capsize=CAP, elinewidth=0.7, label=variant,
            )  # fmt: skip
            if quantity == "bytes":
                hollow(ax, x.paper, y.paper, LOOKS["local_accuracy"])
        if quantity == "bytes":
            hollow(ax, cost.paper, curve.paper, LOOKS["overall_accuracy"])
        handles = list(ax.get_legend_handles_labels()[0])
        ax.set_xscale("log")
        low, high = ax.get_xlim()
        ax.set_xticks([tick for tick in ticks if low <= tick <= high], minor=False)
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.minorticks_off()
        ax.set_xlabel(label)
    panels[0].set_ylabel("Accuracy (%)")
    panels[0].set_ylim(floor_of(_overall(data)), 100)
    figure.legend(handles=[*handles, paper_key()], loc="outside upper center", ncols=4, columnspacing=1.0)
