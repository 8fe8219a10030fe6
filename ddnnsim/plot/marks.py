"""What the figures of studies are drawn with: means with their spread, and the paper's values as hollow markers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ddnnsim.plot.style import OVERALL, TIER_COLOURS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.typing import LineStyleType
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PAPER_SIZE = 5.5
SIZE = 3.2
CAP = 1.8


class Look(NamedTuple):
    """How one quantity looks in every figure, or one of several lines."""

    label: str
    colour: str
    marker: str
    line: LineStyleType


LOOKS = {
    "individual_accuracy": Look("individual", "#8a8d91", "v", ":"),
    "local_accuracy": Look("local", TIER_COLOURS["device"], "o", "-"),
    "edge_accuracy": Look("edge", TIER_COLOURS["edge"], "^", "-."),
    "cloud_accuracy": Look("cloud", TIER_COLOURS["cloud"], "s", "--"),
    "overall_accuracy": Look("overall", OVERALL, "D", "-"),
    "local_share": Look("local exits", TIER_COLOURS["device"], "o", "--"),
    "bytes": Look("bytes", "#666666", "^", ":"),
}


LINES = (
    Look("", OVERALL, "o", "-"),
    Look("", TIER_COLOURS["edge"], "s", "--"),
    Look("", TIER_COLOURS["device"], "^", "-."),
    Look("", TIER_COLOURS["cloud"], "v", (0, (4, 1))),
    Look("", "#8a8d91", "D", ":"),
    Look("", "#8c2d04", "P", (0, (6, 1, 1, 1))),
    Look("", "#3f8f5f", "X", (0, (2, 1))),
    Look("", "#c994c7", "*", (0, (1, 1))),
)
"""Of lines that go by no name, in their order: readable in grey by markers and dashes."""


class Numbers(NamedTuple):
    """Numbers of one quantity along an axis, in the units that are drawn: (places,) each."""

    x: list[str]
    mean: Floats
    sd: Floats
    """0 where there is one seed."""
    paper: Floats
    """NaN where the paper has none."""


def numbers(data: pd.DataFrame, variant: str, quantity: str) -> Numbers:
    """Return the numbers of *quantity* and *variant* in the means *data*: shares and accuracies in per cent."""
    rows = data[(data["variant"] == variant) & (data["quantity"] == quantity)]
    factor = 100.0 if quantity.endswith(("_accuracy", "_share")) else 1.0
    mean, sd, paper = (factor * rows[name].to_numpy(float) for name in ("mean", "sd", "paper"))
    return Numbers(rows["x"].tolist(), mean, np.nan_to_num(sd), paper)


def line(ax: Axes, x: Floats, y: Numbers, look: Look, x_sd: Floats | None = None) -> None:
    """Draw *y* over *x* as a line whose bars are a standard deviation."""
    ax.errorbar(
        x, y.mean, y.sd, x_sd, color=look.colour, marker=look.marker, linestyle=look.line, markersize=SIZE,
        capsize=CAP, elinewidth=0.7, capthick=0.7, label=look.label, clip_on=False,
    )  # fmt: skip


def hollow(ax: Axes, x: Floats, paper: Floats, look: Look) -> None:
    """Draw the paper's values over *x* as hollow markers."""
    ax.plot(
        x, paper, linestyle="none", marker=look.marker, markersize=PAPER_SIZE, markerfacecolor="none",
        markeredgecolor=look.colour, markeredgewidth=0.8, clip_on=False,
    )  # fmt: skip


def key(look: Look) -> Artist:
    """Return what a legend shows of *look*."""
    from matplotlib.lines import Line2D

    return Line2D([], [], color=look.colour, marker=look.marker, linestyle=look.line, markersize=SIZE, label=look.label)


def keys(quantities: Sequence[str]) -> list[Artist]:
    """Return what a legend shows of *quantities*, and of the paper's values."""
    return [*(key(LOOKS[quantity]) for quantity in quantities), paper_key()]


def paper_key() -> Artist:
    """Return what a legend shows of the paper's values: their shapes and colours are those of ours."""
    from matplotlib.lines import Line2D

    return Line2D(
        [], [], linestyle="none", marker="o", markersize=PAPER_SIZE, markerfacecolor="none", markeredgecolor="#444444",
        label="the paper's",
    )  # fmt: skip


def percent_axis(ax: Axes, low: float = 0.0) -> None:
    """Make the vertical axis of *ax* one of accuracies in per cent, from *low*."""
    ax.set_ylabel("Accuracy (%)")
    ax.set_ylim(low, 100)
    ax.set_yticks(range(100, int(low) - 1, -5 if low >= 70 else -10 if low >= 40 else -20))


def floor_of(data: pd.DataFrame, least: float = 100.0) -> float:
    """Return where an axis of all accuracies in *data*, and the paper's, may begin: a multiple of ten."""
    accuracies = data[data["quantity"].str.endswith("_accuracy")]
    lows = [100 * (accuracies["mean"] - accuracies["sd"].fillna(0)).min(), 100 * accuracies["paper"].min(), least]
    return max(0.0, 10 * float(np.floor((np.nanmin(lows) - 2) / 10)))
