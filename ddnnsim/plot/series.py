"""A run over time: accuracy, latency, who answered and what waited, with the spells of faults behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import numpy as np

from ddnnsim.plot.legend import legend_above_panel
from ddnnsim.plot.marks import LINES, Look
from ddnnsim.plot.style import TIER_COLOURS, exit_tier

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ddnnsim.results import Result

PANEL_IN = 1.25
"""Height of a panel with its legend."""
QUEUES = 4
"""So many of the longest queues are drawn."""
SPELL = "#e4e4e4"
LETTERS = 44
"""What goes side by side above a panel."""
NO_ANSWER, DEGRADED = "no answer", "degraded"


ON_STACK = Look("", "#e6b800", "", "-")
HATCHES = {"device": "", "edge": "////", "cloud": "...."}
"""By tier, as its colour."""
LABELS = {"accuracy": "Requests (%)", "latency": "Latency (ms)", "exits": "Requests (%)", "queues": "Queue length"}
"""By panel, what its vertical axis says."""


def series_data(result: Result) -> pd.DataFrame:
    """Return what is plotted, a row for each value: `panel`, `name`, `from_s`, `until_s`, `value`.

    Accuracies and what exits answered are shares, latencies in ms; a queue has its length at an instant, both times
    the same; `spells` of faults, each victim's by itself, have no value. The run must have windows.
    """
    import pandas as pd

    rows = [*_accuracy(result), *_latency(result), *_exits(result), *_queues(result), *_spells(result)]
    return pd.DataFrame(rows, columns=["panel", "name", "from_s", "until_s", "value"]).astype({"value": float})


Row = tuple[str, str, float, float, float]


def _accuracy(result: Result) -> Iterator[Row]:
    windows = result.series
    answers = result.series_exits.groupby("window")["answers"].sum().reindex(windows["window"], fill_value=0).to_numpy()
    captured, correct = (windows[name].to_numpy(float) for name in ("captured", "correct"))
    yield from _windows(result, "accuracy", "answered", _shares(answers, captured))
    yield from _windows(result, "accuracy", "right", _shares(correct, captured))
    yield from _windows(result, "accuracy", "right of the answered", _shares(correct, answers))


def _latency(result: Result) -> Iterator[Row]:
    for name, column in (("mean", "latency_mean_ns"), ("95th percentile", "latency_p95_ns")):
        values = result.series[column].to_numpy(float, na_value=np.nan) / 1e6
        yield from _windows(result, "latency", name, values)


def _exits(result: Result) -> Iterator[Row]:
    """Yield the shares that left at each exit, those of groups together; of no answer, and of degraded ones."""
    table, captured = result.series_exits, result.series["captured"].to_numpy(float)
    keys = table["exit"].astype(str).str.partition(".")[0]
    left = np.zeros(len(captured))
    for key in dict.fromkeys(keys):
        answers = table[keys == key].groupby("window")["answers"].sum().to_numpy(float)
        left += answers
        yield from _windows(result, "exits", key, _shares(answers, captured))
    yield from _windows(result, "exits", NO_ANSWER, _shares(captured - left, captured))
    yield from _windows(result, "exits", DEGRADED, _shares(result.series["degraded"].to_numpy(float), captured))


def _queues(result: Result) -> Iterator[Row]:
    """Yield what waited at the nodes and links where most did, those with the longest queue first."""
    table = result.queues
    names = table["node"].astype(object).where(table["node"].notna(), table["link"]).astype(str)
    longest = table.groupby(names)["waiting"].agg(["max", "sum"]).sort_values(["max", "sum"], ascending=False)
    for name in longest[longest["max"] > 0].index[:QUEUES]:
        of = table[names == name]
        for at_ns, waiting in zip(of["at_ns"], of["waiting"], strict=True):
            yield "queues", str(name), at_ns / 1e9, at_ns / 1e9, float(waiting)


def _spells(result: Result) -> Iterator[Row]:
    if not (result.path / "faults.parquet").is_file():
        return
    table, end_s = result.faults, result.summary.simulated_s
    untils = (table["until_ns"].to_numpy(float, na_value=np.nan) / 1e9).tolist()
    names = table["fault"].astype(str) + " " + table["target"].astype(str)
    for name, from_ns, until_s in zip(names, table["from_ns"], untils, strict=True):
        yield "spells", name, from_ns / 1e9, end_s if np.isnan(until_s) else until_s, np.nan


def _shares(part: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Return *part* over *of*, NaN where that is 0."""
    return np.where(of > 0, part / np.maximum(of, 1), np.nan)


def _windows(result: Result, panel: str, name: str, values: np.ndarray) -> Iterator[Row]:
    """Yield the *values* by window, (windows,); the last window ends with the run."""
    begin_s = result.series["from_ns"].to_numpy(float) / 1e9
    end_s = np.append(begin_s[1:], max(result.summary.simulated_s, begin_s[-1] if len(begin_s) else 0.0))
    for begin, end, value in zip(begin_s.tolist(), end_s.tolist(), values.tolist(), strict=True):
        yield panel, name, begin, end, value


def series_height_in(data: pd.DataFrame) -> float:
    """Return the height of the figure of *data*."""
    return 0.35 + PANEL_IN * len(_panels(data))


def draw_series(figure: Figure, data: pd.DataFrame) -> None:
    """Draw a panel for each kind of value over time, and shade the time in which any fault was in force."""
    panels, spells = _panels(data), _united(data[data["panel"] == "spells"])
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for panel, ax in zip(panels, axes, strict=True):
        rows = data[data["panel"] == panel]
        keys = _stack(ax, rows) if panel == "exits" else _lines(ax, rows)
        shade = [ax.axvspan(begin, end, color=SPELL, linewidth=0, zorder=0, label="fault") for begin, end in spells]
        if panel == panels[0]:
            keys += shade[:1]
        legend_above_panel(ax, keys, _columns([len(str(key.get_label())) for key in keys]))
        ax.set_ylabel(LABELS[panel])
    figure.align_ylabels(axes)
    axes[-1].set_xlabel("Time (s)")
    axes[-1].set_xlim(0, data["until_s"].max() or 1)


def _columns(letters: list[int]) -> int:
    """Return how many words of so many *letters* go side by side."""
    return len(letters) if sum(letters) <= LETTERS else 2 if 2 * max(letters) <= LETTERS else 1


def _panels(data: pd.DataFrame) -> list[str]:
    return [panel for panel in LABELS if (data["panel"] == panel).any()]


def _lines(ax: Axes, rows: pd.DataFrame) -> list[Artist]:
    """Draw a line for each name: steps for windows, points joined for instants; return their keys."""
    keys: list[Artist] = []
    shares = rows["panel"].iloc[0] == "accuracy"
    for look, (name, line) in zip(LINES, rows.groupby("name", sort=False), strict=False):
        keys += _line(ax, line, str(name), look, 100 if shares else 1)
    low = 10 * np.floor((100 * rows["value"].min() - 2) / 10) if shares else 0
    ax.set_ylim(max(0, np.nan_to_num(low)), 100 if shares else None)
    return keys


def _line(ax: Axes, line: pd.DataFrame, name: str, look: Look, factor: int) -> list[Line2D]:
    x, y = line["from_s"].to_numpy(), factor * line["value"].to_numpy()
    windows = bool((line["until_s"] > line["from_s"]).any())
    if windows:
        x, y = np.append(x, line["until_s"].iloc[-1]), np.append(y, y[-1])
    style: Literal["steps-post", "default"] = "steps-post" if windows else "default"
    return ax.plot(x, y, drawstyle=style, color=look.colour, linestyle=look.line, label=name, clip_on=False)


def _stack(ax: Axes, rows: pd.DataFrame) -> list[Artist]:
    """Draw the shares of exits in *rows* one upon another, and degraded answers; return their keys."""
    keys: list[Artist] = []
    floor: np.ndarray | float = 0.0
    for name, line in rows[~rows["name"].isin((NO_ANSWER, DEGRADED))].groupby("name", sort=False):
        x = np.append(line["from_s"].to_numpy(), line["until_s"].iloc[-1])
        top = floor + 100 * np.append(line["value"].to_numpy(), line["value"].iloc[-1])
        tier = exit_tier(str(name)) or "device"
        keys.append(
            ax.fill_between(
                x, floor, top, step="post", facecolor=TIER_COLOURS[tier], hatch=HATCHES[tier], edgecolor="white",
                linewidth=0.3, label=name,
            )
        )  # fmt: skip
        floor = top
    degraded = rows[rows["name"] == DEGRADED]
    if (degraded["value"] > 0).any():
        keys += _line(ax, degraded, DEGRADED, ON_STACK, 100)
    ax.set_ylim(0, 100)
    ax.set_yticks(range(0, 101, 25))
    return keys


def _united(spells: pd.DataFrame) -> list[tuple[float, float]]:
    """Return the times in which any of *spells* was in force."""
    united: list[tuple[float, float]] = []
    for begin, end in sorted(zip(spells["from_s"], spells["until_s"], strict=True)):
        if united and begin <= united[-1][1]:
            united[-1] = united[-1][0], max(united[-1][1], end)
        else:
            united.append((begin, end))
    return united
