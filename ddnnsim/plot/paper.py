"""The figures of the paper, again: each takes the means of its study, and shows the paper's values beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.plot.legend import legend_above_panel
from ddnnsim.plot.marks import (
    LOOKS,
    Look,
    floor_of,
    hollow,
    key,
    keys,
    line,
    numbers,
    paper_key,
    percent_axis,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ddnnsim.plot.marks import Floats

FIXED, CHOSEN = "T = 0.8", "T chosen"
EXITS = ("local_accuracy", "cloud_accuracy")
ALL = (*EXITS, "overall_accuracy")
CLASS_LOOKS = (("#0b3c5d", "////"), ("#d98a29", "...."), ("#7fb3d5", ""))
ABSENT = "absent"


def draw_table1(figure: Figure, data: pd.DataFrame) -> None:
    """Draw local and cloud accuracy of each scheme, side by side."""
    ax = figure.subplots()
    for quantity, shift in zip(EXITS, (-0.13, 0.13), strict=True):
        found, look = numbers(data, "", quantity), LOOKS[quantity]._replace(line="none")
        x = np.arange(len(found.x), dtype=np.float64) + shift
        line(ax, x, found, look)
        hollow(ax, x, found.paper, look)
    schemes = numbers(data, "", EXITS[0]).x
    ax.set_xticks(range(len(schemes)), schemes, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_xlabel("Merge of scores - merge of features")
    percent_axis(ax, floor_of(data))
    ax.grid(visible=False, axis="x")
    legend_above_panel(ax, [*(key(LOOKS[quantity]._replace(line="none")) for quantity in EXITS), paper_key()], 3)


def draw_table2(figure: Figure, data: pd.DataFrame) -> None:
    """Draw accuracy, local exits and bytes against the threshold."""
    left = figure.subplots()
    right = left.twinx()
    fixed = data[data["x"] != "chosen"]
    for ax, quantity in ((left, "overall_accuracy"), (left, "local_share"), (right, "bytes")):
        found = numbers(fixed, "", quantity)
        thresholds = np.array(found.x, float)
        line(ax, thresholds, found, LOOKS[quantity])
        hollow(ax, thresholds, found.paper, LOOKS[quantity])
    chosen = numbers(data[data["x"] == "chosen"], "", "local_threshold")
    for threshold in chosen.mean:
        left.axvline(threshold, color="#999999", linewidth=0.8, linestyle=(0, (1, 2)))
        left.annotate(
            "chosen", (threshold, 2), (-2, 0), textcoords="offset points", fontsize=7, ha="right", rotation=90
        )
    left.set_xlabel("Threshold of the local exit (normalised entropy)")
    left.set_ylabel("Samples (%)")
    left.set_ylim(-2, 105)
    right.set_ylabel("Bytes per sample and device (B)")
    right.set_ylim(-3, 157.5)
    right.grid(visible=False)
    right.spines["right"].set_visible(True)
    legend_above_panel(left, keys(("overall_accuracy", "local_share", "bytes")), 2)


def draw_fig6(figure: Figure, data: pd.DataFrame) -> None:
    """Draw what each camera sees, stacked; the paper's borders between the classes are markers."""
    from matplotlib.patches import Patch

    ax = figure.subplots()
    cameras = numbers(data, "", f"{ABSENT}_share").x
    names = [quantity.removesuffix("_share") for quantity in dict.fromkeys(data["quantity"])]
    looks = {name: CLASS_LOOKS[place % len(CLASS_LOOKS)] for place, name in enumerate(names)} | {
        ABSENT: ("#e4e4e4", "")
    }
    floor, paper = np.zeros(len(cameras)), np.zeros(len(cameras))
    for name, (colour, hatch) in looks.items():
        found = numbers(data, "", f"{name}_share")
        ax.bar(cameras, found.mean, 0.6, bottom=floor, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4)
        floor, paper = floor + found.mean, paper + found.paper
        if name != ABSENT:
            ax.plot(
                cameras, paper, linestyle="none", marker="o", markersize=4, markerfacecolor="white",
                markeredgecolor="black", markeredgewidth=0.8,
            )  # fmt: skip
    ax.set_xlabel("Camera")
    ax.set_ylabel("Training samples (%)")
    ax.set_ylim(0, 100)
    ax.grid(visible=False, axis="x")
    patches = [Patch(facecolor=look[0], hatch=look[1], edgecolor="white", label=name) for name, look in looks.items()]
    legend_above_panel(ax, [*patches, paper_key()], 5)


def draw_fig8(figure: Figure, data: pd.DataFrame) -> None:
    """Draw accuracies against the number of devices."""
    ax = figure.subplots()
    for variant, quantity in (("alone", "individual_accuracy"), *((FIXED, quantity) for quantity in ALL)):
        found = numbers(data, variant, quantity)
        devices = np.array(found.x, float)
        line(ax, devices, found, LOOKS[quantity])
        hollow(ax, devices, found.paper, LOOKS[quantity])
    _chosen(ax, data, np.array(numbers(data, CHOSEN, ALL[-1]).x, float))
    ax.set_xlabel("Devices, added from the worst to the best")
    percent_axis(ax, floor_of(data))
    legend_above_panel(ax, _with_chosen(("individual_accuracy", *ALL)), 3)


def draw_fig9(figure: Figure, data: pd.DataFrame) -> None:
    """Draw accuracies against the bytes that larger sections send."""
    from matplotlib.ticker import MaxNLocator

    ax = figure.subplots()
    sent = numbers(data, FIXED, "bytes")
    for quantity in ALL:
        found = numbers(data, FIXED, quantity)
        line(ax, sent.mean, found, LOOKS[quantity], sent.sd)
        hollow(ax, sent.paper, found.paper, LOOKS[quantity])
    points = _CHOSEN_LOOK._replace(line="none")
    _chosen(ax, data, numbers(data, CHOSEN, "bytes").mean, look=points)
    ax.set_xlabel("Bytes per sample and device (B), with 1, 2, 4 and 8 filters")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    percent_axis(ax, floor_of(data))
    legend_above_panel(ax, _with_chosen(ALL, points), 3)


def draw_fig10(figure: Figure, data: pd.DataFrame) -> None:
    """Draw accuracies with one camera failed: on the left retrained without it, on the right dead at run time."""
    panels = figure.subplots(1, 2, sharey=True)
    whole = data[data["x"] == "0"]
    failed = data[data["x"] != "0"]
    (height,) = numbers(whole, f"dead, {FIXED}", ALL[-1]).mean.tolist()
    for ax, how, title in zip(panels, ("retrained", "dead"), ("retrained without it", "dead at run time"), strict=True):
        for quantity in ALL:
            found = numbers(failed, f"{how}, {FIXED}", quantity)
            cameras = np.array(found.x, float)
            line(ax, cameras, found, LOOKS[quantity])
            hollow(ax, cameras, found.paper, LOOKS[quantity])
        _chosen(ax, failed, cameras, f"{how}, ")
        none_failed = ax.axhline(height, color="#999999", linewidth=0.8, linestyle=(0, (1, 2)))
        none_failed.set_label("overall, none failed")
        ax.set_xlabel(f"Camera that failed: {title}")
        ax.set_xticks(cameras)
    percent_axis(panels[0], floor_of(data))
    figure.legend(handles=[*_with_chosen(ALL), none_failed], loc="outside upper center", ncols=6)


_CHOSEN_LOOK = LOOKS["overall_accuracy"]._replace(label="overall, T chosen", colour="#777777", marker="x", line="-.")


def _chosen(ax: Axes, data: pd.DataFrame, x: Floats, prefix: str = "", look: Look = _CHOSEN_LOOK) -> None:
    """Draw overall accuracy at the chosen thresholds over *x*."""
    line(ax, x, numbers(data, f"{prefix}{CHOSEN}", ALL[-1]), look)


def _with_chosen(quantities: tuple[str, ...], chosen: Look = _CHOSEN_LOOK) -> list[Artist]:
    *ours, paper = keys(quantities)
    return [*ours, key(chosen), paper]
