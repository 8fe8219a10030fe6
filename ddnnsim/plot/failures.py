"""What a scenario comes to against what fails of it: accuracy, availability, latency and bytes, in four panels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ddnnsim.plot import save
from ddnnsim.plot.marks import CAP, SIZE, Look, key, legend_above
from ddnnsim.plot.style import IEEE_COLUMN_IN, OVERALL, TIER_COLOURS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ddnnsim.plot.marks import Floats

WIDTH_IN, HEIGHT_IN = 2 * IEEE_COLUMN_IN, 4.1
MOST_NAMES = 24
"""Names that there is room for below a panel."""
LEVEL_NAMES = 6
"""Those that go there side by side."""
PALE = "#9a9a9a"


class Way(NamedTuple):
    """How an axis is drawn."""

    heading: str
    scale: Literal["names", "counts", "linear", "log"]
    factor: float = 1.0


WAYS = {
    "device": Way("Node that failed", "names"),
    "number": Way("Nodes that failed", "counts"),
    "mtbf": Way("Mean time between failures (s)", "log"),
    "deadline": Way("Deadline (ms)", "linear"),
    "loss": Way("Loss on each link beyond its own (%)", "linear", 100.0),
}
"""By axis."""


class Panel(NamedTuple):
    """One panel: quantities that share an axis."""

    label: str
    factor: float
    looks: dict[str, Look]
    top: float | None
    """Where the vertical axis ends; None: where the numbers do."""


_SOLID = Look("", OVERALL, "o", "-")
_DASHED = Look("", TIER_COLOURS["edge"], "s", "--")
PANELS = (
    Panel("Accuracy (%)", 100.0, {
        "accuracy": _SOLID._replace(label="of all requests"),
        "accuracy_of_answers": _DASHED._replace(label="of those answered"),
    }, 103.0),
    Panel("Availability (%)", 100.0, {"availability": _SOLID._replace(label="requests answered")}, 103.0),
    Panel("Latency (ms)", 1.0, {
        "latency_mean_ms": _SOLID._replace(label="mean"),
        "latency_p95_ms": _DASHED._replace(label="95th percentile"),
    }, None),
    Panel("Bytes per sample\nand device (B)", 1.0, {
        "bytes_per_sample_per_device": _SOLID._replace(label="payload"),
    }, None),
)  # fmt: skip


def save_failures(curve: pd.DataFrame, path: Path) -> None:
    """Draw *curve* as *path* .pdf and .png, with what is drawn as .csv.

    *curve* is that of one axis, as `ddnnsim.resilience.curve` makes it.
    """
    save(path, curve, draw_failures, WIDTH_IN, HEIGHT_IN)


def draw_failures(figure: Figure, curve: pd.DataFrame) -> None:
    """Draw *curve* in four panels: bars from low to high, with caps where they are intervals."""
    way = WAYS[str(curve["axis"].iloc[0])]
    panels = figure.subplots(2, 2, sharex=True)
    for ax, panel in zip(panels.flat, PANELS, strict=True):
        for quantity, look in panel.looks.items():
            _draw(ax, curve[curve["quantity"] == quantity], look, way, panel.factor)
        ax.set_ylabel(panel.label)
        ax.set_ylim(bottom=0, top=panel.top)
        legend_above(ax, [key(look) for look in panel.looks.values()], 2)
    for ax in panels[1]:
        _below(ax, curve, way)
    if explained := _explained(curve):
        figure.legend(handles=explained, loc="outside lower center", ncols=len(explained))


def _draw(ax: Axes, data: pd.DataFrame, look: Look, way: Way, factor: float) -> None:
    """Draw one quantity; what has no place on the axis is a line across it."""
    for mean in data.loc[data["x"].isna(), "mean"]:
        ax.axhline(factor * mean, color=look.colour, linewidth=0.8, linestyle=(0, (1, 2)))
    placed = data[data["x"].notna()]
    x = _places(placed, way)
    mean, low, high = (factor * placed[name].to_numpy(float) for name in ("mean", "low", "high"))
    ax.plot(
        x, mean, color=look.colour, marker=look.marker, linestyle="none" if way.scale == "names" else look.line,
        markersize=SIZE,
    )  # fmt: skip
    for spread, cap in (("range", 0.0), ("interval", CAP)):
        told = ((placed["spread"] == spread) & (placed["points"] > 1)).to_numpy()
        bars, colour = [(mean - low)[told], (high - mean)[told]], look.colour
        ax.errorbar(x[told], mean[told], bars, fmt="none", ecolor=colour, elinewidth=0.7, capsize=cap, capthick=0.7)


def _places(data: pd.DataFrame, way: Way) -> Floats:
    if way.scale == "names":
        return np.arange(len(data), dtype=np.float64)
    return way.factor * data["x"].to_numpy(float)


def _below(ax: Axes, curve: pd.DataFrame, way: Way) -> None:
    """Say what is on the axis below *ax*."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ax.set_xlabel(way.heading)
    if way.scale == "log":
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    elif way.scale == "counts":
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    elif way.scale == "names":
        names = list(dict.fromkeys(curve["label"]))
        apart = -(-len(names) // MOST_NAMES)
        ax.set_xticks(range(0, len(names), apart), names[::apart])
        if len(names) > LEVEL_NAMES:
            for label in ax.get_xticklabels():
                label.set(rotation=60, ha="right", rotation_mode="anchor")
        ax.grid(visible=False, axis="x")


def _explained(curve: pd.DataFrame) -> list[Artist]:
    """Return what a legend says of bars, and of lines across, where there are any."""
    from matplotlib.lines import Line2D

    several = curve[curve["points"] > 1]
    keys: list[Artist] = []
    if (several["spread"] == "range").any():
        keys.append(Line2D([], [], color=OVERALL, marker="|", linestyle="none", label="range of all sets"))
    if (several["spread"] == "interval").any():
        words = "95 % interval of the mean, where sets are drawn"
        keys.append(Line2D([], [], color=OVERALL, marker="$\\mathrm{I}$", linestyle="none", label=words))
    if curve["x"].isna().any():
        keys.append(Line2D([], [], color=PALE, linewidth=0.8, linestyle=(0, (1, 2)), label="without failures"))
    return keys
