"""What a scenario comes to against what fails of it: accuracy, availability, latency and bytes, in four panels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from ddnnsim.plot import save
from ddnnsim.plot.legend import legend_above_panel
from ddnnsim.plot.marks import CAP, PAPER_SIZE, SIZE, Look, percent_axis
from ddnnsim.plot.scales import draw_decades, draw_names
from ddnnsim.plot.style import IEEE_COLUMN_IN, OVERALL, PALE, TIER_COLOURS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ddnnsim.plot.marks import Floats

WIDTH_IN, HEIGHT_IN = 2 * IEEE_COLUMN_IN, 4.1


class Way(NamedTuple):
    """How an axis is drawn."""

    heading: str
    scale: Literal["names", "counts", "linear", "log"]
    factor: float = 1.0


WAYS = {
    "device": Way("Node that failed", "names"),
    "number": Way("Nodes that failed", "counts"),
    "mtbf": Way("Mean time between failures (s)", "log"),
    "deadline": Way("Deadline (ms)", "log"),
    "loss": Way("Loss on each link beyond its own (%)", "linear", 100.0),
}
"""By axis."""


class Panel(NamedTuple):
    """One panel: quantities that share an axis."""

    label: str
    factor: float
    """100 for shares, which are drawn in per cent."""
    looks: dict[str, Look]


_SOLID = Look("", OVERALL, "o", "-")
_DASHED = Look("", TIER_COLOURS["edge"], "s", "--")
PANELS = (
    Panel("Accuracy (%)", 100.0, {
        "accuracy_of_requests": _SOLID._replace(label="of all requests"),
        "accuracy": _DASHED._replace(label="of those answered"),
    }),
    Panel("Availability (%)", 100.0, {"availability": _SOLID}),
    Panel("Latency (ms)", 1.0, {
        "latency_mean_ms": _SOLID._replace(label="mean"),
        "latency_p95_ms": _DASHED._replace(label="95th percentile"),
    }),
    Panel("Bytes per sample\nand device (B)", 1.0, {"bytes_per_sample_per_device": _SOLID}),
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
        _draw_panel(ax, curve[curve["quantity"].isin(panel.looks)], panel, way)
    for ax in panels[1]:
        _below(ax, curve, way)
    if explained := _explained(curve):
        figure.legend(handles=explained, loc="outside lower center", ncols=len(explained))


def _draw_panel(ax: Axes, data: pd.DataFrame, panel: Panel, way: Way) -> None:
    from matplotlib.lines import Line2D

    looks = panel.looks
    if way.scale == "names":
        looks = {quantity: look._replace(line="none") for quantity, look in looks.items()}
        ax.grid(visible=False, axis="x")
    for quantity, look in looks.items():
        _draw(ax, data[data["quantity"] == quantity], look, way, panel.factor)
    if len(looks) > 1:
        legend_above_panel(ax, [Line2D([], [], label=look.label, **_marks(look)) for look in looks.values()], 2)
    if panel.factor == 1:
        ax.set_ylim(0, _ceiling(data))
    else:
        percent_axis(ax, _floor(data))
    ax.set_ylabel(panel.label)


def _floor(shares: pd.DataFrame) -> float:
    """Return where an axis of *shares* in per cent may begin: a multiple of ten."""
    least = 100 * np.nanmin([shares["low"].min(), shares["mean"].min(), 1.0])
    return max(0.0, 10 * float(np.floor((least - 2) / 10)))


def _ceiling(data: pd.DataFrame) -> float:
    """Return where an axis of *data* may end; 1 where they are all 0, or there are none."""
    return 1.08 * float(np.nanmax([data["high"].max(), data["mean"].max(), 0.0])) or 1.0


def _draw(ax: Axes, data: pd.DataFrame, look: Look, way: Way, factor: float) -> None:
    """Draw one quantity; what has no place on the axis is a line across it."""
    for mean in data.loc[data["x"].isna(), "mean"]:
        ax.axhline(factor * mean, color=look.colour, linewidth=0.8, linestyle=(0, (1, 2)))
    placed = data[data["x"].notna()]
    x = _places(placed, way)
    most = factor if factor != 1 else np.inf  # an interval may pass what a share can be
    mean, low, high = (np.clip(factor * placed[name].to_numpy(float), 0, most) for name in ("mean", "low", "high"))
    height = 3.0 if look.colour == OVERALL else 2.5
    ax.plot(x, mean, clip_on=False, zorder=height, **_marks(look))
    for spread, cap in (("range", 0.0), ("interval", CAP)):
        told = (placed["spread"] == spread).to_numpy()
        bars = [(mean - low)[told], (high - mean)[told]]
        ax.errorbar(
            x[told], mean[told], bars, fmt="none", ecolor=look.colour, elinewidth=0.7, capsize=cap, capthick=0.7,
            zorder=height,
        )  # fmt: skip


def _marks(look: Look) -> dict[str, Any]:
    """Return how a line of *look* is drawn: what is not the first of its panel is hollow, and seen around the first."""
    line = {"color": look.colour, "marker": look.marker, "linestyle": look.line}
    if look.colour == OVERALL:
        return line | {"markersize": SIZE}
    return line | {"markersize": PAPER_SIZE, "markerfacecolor": "none"}


def _places(data: pd.DataFrame, way: Way) -> Floats:
    if way.scale == "names":
        return np.arange(len(data), dtype=np.float64)
    return way.factor * data["x"].to_numpy(float)


def _below(ax: Axes, curve: pd.DataFrame, way: Way) -> None:
    """Say what is on the axis below *ax*."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel(way.heading)
    if way.scale == "log":
        ax.set_xscale("log")
        draw_decades(ax.xaxis, (way.factor * curve["x"].dropna()).tolist())
    elif way.scale == "counts":
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    elif way.scale == "names":
        draw_names(ax, list(dict.fromkeys(curve["label"])))


def _explained(curve: pd.DataFrame) -> list[Artist]:
    """Return what a legend says of bars, and of lines across, where there are any."""
    from matplotlib.lines import Line2D

    keys: list[Artist] = []
    if (curve["spread"] == "range").any():
        keys.append(Line2D([], [], color=OVERALL, marker="|", linestyle="none", label="range of all sets"))
    told = curve[curve["spread"] == "interval"]
    if len(told):
        n, of_sets = told["n"].max(), (told["population"] > 1).any()
        words = f"95 % interval of the mean{'' if of_sets else f' over {n} replications'}"
        keys.append(Line2D([], [], color=OVERALL, marker="$\\mathrm{I}$", linestyle="none", label=words))
    if curve["x"].isna().any():
        keys.append(Line2D([], [], color=PALE, linewidth=0.8, linestyle=(0, (1, 2)), label="without failures"))
    return keys
