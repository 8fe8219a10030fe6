"""The figures of one run: each a table of the plotted numbers, and a function that draws that table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.plot.legend import legend_above_figure
from ddnnsim.plot.style import OVERALL, TIER_COLOURS, TIER_LINES, exit_tier

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.typing import LineStyleType

    from ddnnsim.results import Result

CURVE_POINTS = 1000
"""Points of a curve at most: more than a printed column resolves."""
LETTERS = 50
"""What goes side by side below a printed column, were all words as long as the longest."""
NUMBERED = 8
"""Exits at most whose bars have room for numbers."""
GROUP_LINES: tuple[LineStyleType, ...] = ("-", (0, (1, 0.6)), (0, (4, 1, 1, 1)), (0, (2, 2)))
"""Of the exits of groups, which have one colour; of more groups all lines are alike."""
KIND_HATCHES = {"summary": "", "features": "////", "raw": "xxxx", "control": "....", "reply": "----"}


def latency_data(result: Result) -> pd.DataFrame:
    """Return the latency that a share of the answers does not exceed, by exit and overall; beside a deadline."""
    import pandas as pd

    latency_ms = result.latency_ms.dropna()
    by_exit = dict(list(latency_ms.groupby(result.requests["exit"], observed=True)))
    if not by_exit:
        return pd.DataFrame({"exit": [], "latency_ms": [], "share": []})
    curves = {**by_exit, "overall": latency_ms} if len(by_exit) > 1 else by_exit
    data = pd.concat([_curve(name, np.sort(values.to_numpy(float))) for name, values in curves.items()])
    told = result.summary.timeliness
    return data if told is None else data.assign(deadline_ms=told.deadline_s * 1e3)


def _curve(name: str, ordered: np.ndarray) -> pd.DataFrame:
    import pandas as pd

    ranks = np.unique(np.linspace(1, len(ordered), min(len(ordered), CURVE_POINTS)).round().astype(int))
    return pd.DataFrame({"exit": name, "latency_ms": ordered[ranks - 1], "share": ranks / len(ordered)})


def draw_latency(ax: Axes, data: pd.DataFrame) -> None:
    """Draw the cumulative distribution of latency for each exit, and the deadline where there is one."""
    groups = [name for name in data["exit"].unique() if "." in str(name)]  # exits of groups are of one tier
    for name, curve in data.groupby("exit", sort=False):
        tier = exit_tier(str(name))
        colour = TIER_COLOURS[tier] if tier else OVERALL
        line: LineStyleType = TIER_LINES[tier] if tier else ":"
        label, width = str(name), None
        if name in groups and len(groups) <= len(GROUP_LINES):
            line = GROUP_LINES[groups.index(name)]
        elif name in groups:
            key = label.partition(".")[0]
            line, width = "-", 0.6
            label = f"{key} ({len(groups)} groups)" if name == groups[0] else "_"  # a '_' stays out of the legend
        x = np.concatenate([curve["latency_ms"].iloc[:1], curve["latency_ms"]])
        y = np.concatenate([[0.0], curve["share"]])
        ax.step(x, y, where="post", color=colour, linestyle=line, linewidth=width, label=label)
    if "deadline_ms" in data:
        deadline_ms = float(data["deadline_ms"].iloc[0])
        ax.axvline(deadline_ms, color=OVERALL, linewidth=0.8, linestyle=(0, (6, 2)), label="deadline")
    ax.set_xlabel("Latency (ms)")
    ax.set_ylabel("Share of answers")
    ax.set_xlim(left=0)
    ax.set_ylim(0, 1.02)
    if data.empty:
        ax.annotate("no answers", (0.5, 0.5), xycoords="axes fraction", ha="center")
    else:
        legend_above_figure(ax)


def bytes_data(result: Result) -> pd.DataFrame:
    """Return the payload that each tier sends per sample, by kind of message, beside raw offload's."""
    links = result.links
    tiers, told = result.nodes.set_index("node")["tier"].astype(str), result.summary.bytes
    kinds = [f"{kind}_bytes" for kind in KIND_HATCHES]
    sent = links[kinds].groupby(links["source"].astype(str).map(tiers)).sum() / max(len(result.requests), 1)
    sent = sent.loc[:, (sent > 0).any()].rename(columns=lambda kind: kind.removesuffix("_bytes"))
    order = [tier for tier in TIER_COLOURS if tier in sent.index and (tier == "device" or sent.loc[tier].any())]
    table = sent.loc[order].rename_axis("tier").reset_index()
    return table.assign(raw_offload=told.raw_per_sample_per_device * told.captures / max(len(result.requests), 1))


def draw_bytes(ax: Axes, data: pd.DataFrame) -> None:
    """Draw what each tier sends per sample, stacked by kind, against raw offload."""
    from matplotlib.patches import Patch

    kinds = [name for name in data.columns if name not in ("tier", "raw_offload")]
    floor = np.zeros(len(data))
    colours = [TIER_COLOURS[tier] for tier in data["tier"]]
    for kind in kinds:
        values = data[kind].to_numpy(float)
        ax.bar(
            data["tier"], values, 0.55, bottom=floor, color=colours, hatch=KIND_HATCHES[kind],
            edgecolor="white", linewidth=0.4,
        )  # fmt: skip
        floor += values
    for position, total in enumerate(floor):
        ax.annotate(f"{total:,.0f}", (position, total), (0, 2), textcoords="offset points", ha="center", fontsize=7)
    raw = float(data["raw_offload"].iloc[0])
    if raw > 0:  # a model by numbers need not say what a view takes
        ax.axhline(raw, color="black", linestyle="--", linewidth=1)
        ax.annotate(f"raw offload, each hop: {raw:,.0f}", (0.01, raw), (0, 2), xycoords=("axes fraction", "data"),
                    textcoords="offset points", fontsize=7)  # fmt: skip
    ax.set_ylabel("Payload sent per sample (B)")
    ax.set_xlabel("Sending tier")
    ax.set_ylim(0, max(raw, floor.max(initial=0)) * 1.15 or 1)
    ax.set_xlim(-0.6, len(data) - 0.4)
    ax.set_xticks(range(len(data)), data["tier"])  # also where nothing was sent
    ax.grid(visible=False, axis="x")
    keys = [Patch(facecolor="#555555", edgecolor="white", hatch=KIND_HATCHES[kind], label=kind) for kind in kinds]
    legend_above_figure(ax, keys)


def exits_data(result: Result) -> pd.DataFrame:
    """Return share of answers and accuracy of each exit, and overall."""
    import pandas as pd

    summary = result.summary
    rows: list[tuple[str, float | None, float | None, float | None]] = [
        (name, of_exit.share, of_exit.accuracy, of_exit.accuracy_all) for name, of_exit in summary.exits.items()
    ]
    answered = any(of_exit.answers for of_exit in summary.exits.values())
    rows.append(("overall", 1.0 if answered else None, summary.accuracy, None))
    return pd.DataFrame(rows, columns=["exit", "share", "accuracy", "accuracy_all"]).astype(
        {"share": float, "accuracy": float, "accuracy_all": float}
    )


def draw_exits(ax: Axes, data: pd.DataFrame) -> None:
    """Draw for each exit its share of the answers, and its accuracy on them and on all samples."""
    from matplotlib.patches import Patch

    bars = (
        ("share", "share of answers", "////"),
        ("accuracy", "accuracy", ""),
        ("accuracy_all", "accuracy, all here", "...."),
    )
    width = 0.27
    tiers = [exit_tier(name) for name in data["exit"]]
    colours = ["#444444" if tier is None else TIER_COLOURS[tier] for tier in tiers]
    for place, (column, _, hatch) in enumerate(bars):
        x = np.arange(len(data)) + (place - 1) * width
        values = 100 * data[column].to_numpy(float)
        ax.bar(x, values, width * 0.92, color=colours, hatch=hatch, edgecolor="white", linewidth=0.4)
        for left, value in zip(x, values, strict=True):
            if np.isfinite(value) and len(data) <= NUMBERED:
                ax.annotate(f"{value:.0f}", (left, value), (0, 1), textcoords="offset points", ha="center", fontsize=6)
    if len(data) * data["exit"].str.len().max() <= LETTERS:
        ax.set_xticks(range(len(data)), data["exit"])
    else:
        ax.set_xticks(range(len(data)), data["exit"], rotation=60, ha="right", rotation_mode="anchor", fontsize=7)
    ax.set_xlabel("Exit")
    ax.set_ylabel("Samples (%)")
    ax.set_xlim(-0.6, len(data) - 0.4)
    ax.set_ylim(0, 110)
    ax.set_yticks(range(0, 101, 20))
    ax.grid(visible=False, axis="x")
    keys = [Patch(facecolor="#555555", edgecolor="white", hatch=hatch, label=label) for _, label, hatch in bars]
    legend_above_figure(ax, keys)
