"""A drawing of a network as a map: every node with its name, every link with its delay, and what hangs on a node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.plot.captions import MOST_LABELS, ROOMY, Badge, Caption, Entry, captions, labels, legend
from ddnnsim.plot.lettering import LEADING, POINTS_PER_IN, Lettering, Rectangle, Size, size_in, width_in
from ddnnsim.plot.spacing import apart
from ddnnsim.plot.style import PAGE_IN, TIER_COLOURS, TIER_MARKERS
from ddnnsim.topology import layout

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patheffects import AbstractPathEffect

    from ddnnsim.plot.sites import Sites

    Point = tuple[float, float]

MARGIN_IN, SIDE_IN = 0.06, 0.5
"""Around all; and for names left and right of the outermost nodes."""
LOW_IN, BY_NODE_IN = 2.3, 0.055
"""The height of a layout, at most: and more for each node."""
FLATTEST = 0.6
"""How much a layout is pressed from above, at most, to fit."""
APART_IN = 0.45
"""Nodes, where there is room."""
FEW_LINKS, MANY_LINKS = ("#777777", 0.8), ("#a0a0a0", 0.6)
"""Colour and width of links, where there are labels on them and where there are many."""
BADGE_LEADING, BADGE_PAD_IN, BADGE_STYLE = 1.55, 0.04, "round,pad=0.2,rounding_size=0.4"
PIECE_GAP_IN = 0.03
CLEAR_IN = 0.12
"""Of links that are not its own, around a node."""
LEGEND_PT, LEGEND_LINE_IN, KEY_IN, ENTRY_GAP_IN = 7.0, 0.155, 0.16, 0.22


class Map:
    """Where everything is, in inches."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.names = [site.node.name for site in sites.sites]
        self.letters_pt, self.marker_pt = _sizes_pt(len(self.names))
        self.captions, self.labels = captions(sites), labels(sites.links)
        self.line = FEW_LINKS if len(sites.links) <= MOST_LABELS else MANY_LINKS
        self.legend = _flowed(legend(sites))
        self.at = self._placed()
        ends = [(self.at[link.source], self.at[link.target]) for link in sites.links]
        frame = Rectangle(MARGIN_IN, -np.inf, PAGE_IN - MARGIN_IN, np.inf)
        self.lettering = Lettering(
            frame, [self.at[name] for name in self.names], self.marker_pt / POINTS_PER_IN / 2, ends,
            [_size_in(caption, self.letters_pt) for caption in self.captions],
            [size_in(label.split("\n"), self.letters_pt - 0.6) for label in self.labels],
        )  # fmt: skip
        covered = [*self.lettering.markers, *self.lettering.names, *self.lettering.labels]
        self.bottom_in = min(area.y0 for area in covered) - 2 * MARGIN_IN
        self.top_in = max(area.y1 for area in covered) + MARGIN_IN + LEGEND_LINE_IN * len(self.legend) + MARGIN_IN

    @property
    def height_in(self) -> float:
        """Return the height of the figure."""
        return self.top_in - self.bottom_in

    def on(self, ax: Axes) -> None:
        """Draw it on *ax*, which are the whole figure."""
        ax.set(xlim=(0, PAGE_IN), ylim=(self.bottom_in, self.top_in))
        ax.axis("off")
        for link in self.sites.links:
            (x0, y0), (x1, y1) = self.at[link.source], self.at[link.target]
            ax.plot(
                [x0, x1],
                [y0, y1],
                color=self.line[0],
                lw=self.line[1],
                zorder=1,
                label=f"{link.source} - {link.target}",
            )
        for site in self.sites.sites:
            _draw_marker(ax, self.at[site.node.name], site.node.tier, self.marker_pt, site.node.name)
        for caption, area, (x, _) in zip(self.captions, self.lettering.names, self.at.values(), strict=True):
            self._draw_caption(ax, caption, area, x)
        for label, area in zip(filter(None, self.labels), self.lettering.labels, strict=True):
            self._draw_label(ax, label, area)
        self._draw_legend(ax)

    def _placed(self) -> dict[str, Point]:
        """Return where each node is."""
        lengths = {(link.source, link.target): float(max(link.delays_ns)) for link in self.sites.links}
        places = layout(self.names, lengths)
        room = np.array([PAGE_IN - 2 * (MARGIN_IN + SIDE_IN), LOW_IN + BY_NODE_IN * len(self.names)])
        span = np.maximum(np.ptp(places, axis=0), 1e-9)
        wide = min(room[0] / span[0], room[1] / span[1] / FLATTEST)
        places = places * [wide, min(wide, room[1] / span[1])]
        numbers = {name: number for number, name in enumerate(self.names)}
        links = np.array([(numbers[a], numbers[b]) for a, b in lengths], dtype=np.int64).reshape(-1, 2)
        places = apart(places, links, min(APART_IN, 0.7 * float(room.prod() / len(places)) ** 0.5), CLEAR_IN)
        places *= np.minimum(1.0, room / np.maximum(np.ptp(places, axis=0), 1e-9))
        x, y = (places - (places.min(axis=0) + places.max(axis=0)) / 2).T
        return {name: (float(PAGE_IN / 2 + x[number]), float(y[number])) for name, number in numbers.items()}

    def _draw_caption(self, ax: Axes, caption: Caption, area: Rectangle, x: float) -> None:
        """Draw *caption* in *area*, flush with the side where its node is, which is at *x*."""
        y = area.y1
        for line in caption:
            spare = area.x1 - area.x0 - _line_size_in(line, self.letters_pt)[0]
            start = area.x0 + (0.0 if area.x0 > x else spare if area.x1 < x else spare / 2)
            height = _line_size_in(line, self.letters_pt)[1]
            for piece in line:
                start += _draw_piece(ax, piece, (start, y - height / 2), self.letters_pt) + PIECE_GAP_IN
            y -= height

    def _draw_label(self, ax: Axes, label: str, area: Rectangle) -> None:
        ax.text(
            (area.x0 + area.x1) / 2, (area.y0 + area.y1) / 2, label, fontsize=self.letters_pt - 0.6, ha="center",
            va="center", linespacing=1.0, color="#333333", zorder=1.5, bbox={"fc": "white", "ec": "none", "pad": 0.4},
        )  # fmt: skip

    def _draw_legend(self, ax: Axes) -> None:
        """Draw the legend at the top, its lines from the left."""
        for number, line in enumerate(self.legend):
            x, y = 2 * MARGIN_IN, self.top_in - MARGIN_IN - LEGEND_LINE_IN * (number + 0.5)
            for entry in line:
                start = x + _key_in(entry)
                if isinstance(entry.key, Badge):
                    _draw_piece(ax, entry.key, (x - 0.04, y), LEGEND_PT)
                elif entry.key == "link":
                    ax.plot([x - 0.04, x + 0.1], [y, y], color=self.line[0], lw=self.line[1], label="_")
                elif entry.key:
                    _draw_marker(ax, (x + 0.03, y), entry.key, 6.0, "_")
                _draw_piece(ax, entry.text, (start, y), LEGEND_PT)
                x += _entry_in(entry)


def _sizes_pt(nodes: int) -> tuple[float, float]:
    """Return the sizes of letters and of markers for so many *nodes*."""
    return (7.0, 8.0) if nodes <= ROOMY else (6.4, 6.5) if nodes <= 40 else (6.0, 5.5)


def _size_in(caption: Caption, letters_pt: float) -> Size:
    """Return the width and height of *caption*."""
    widths, heights = zip(*(_line_size_in(line, letters_pt) for line in caption), strict=True)
    return max(widths), sum(heights)


def _line_size_in(line: Sequence[str | Badge], letters_pt: float) -> Size:
    width = sum(_piece_in(piece, letters_pt) for piece in line) + PIECE_GAP_IN * (len(line) - 1)
    leading = BADGE_LEADING if any(isinstance(piece, Badge) for piece in line) else LEADING
    return width, leading * letters_pt / POINTS_PER_IN


def _piece_in(piece: str | Badge, letters_pt: float) -> float:
    """Return the width of *piece*."""
    if isinstance(piece, Badge):
        return width_in(piece.text, letters_pt - 0.8) + 2 * BADGE_PAD_IN
    return width_in(piece, letters_pt)


def _draw_piece(ax: Axes, piece: str | Badge, at: Point, letters_pt: float) -> float:
    """Draw *piece* from *at* on to the right, and return its width."""
    if isinstance(piece, Badge):
        ax.text(
            at[0] + BADGE_PAD_IN, at[1], piece.text, fontsize=letters_pt - 0.8, va="center_baseline", zorder=4,
            bbox={"boxstyle": BADGE_STYLE, "fc": "white", "ec": TIER_COLOURS[piece.tier], "lw": 0.7},
        )  # fmt: skip
    else:
        ax.text(*at, piece, fontsize=letters_pt, va="center_baseline", zorder=5, path_effects=[_halo()])
    return _piece_in(piece, letters_pt)


def _halo() -> AbstractPathEffect:
    """Return what keeps letters readable on a line."""
    from matplotlib.patheffects import withStroke

    return withStroke(linewidth=1.8, foreground="white")


def _key_in(entry: Entry) -> float:
    """Return the width of what stands before the text of *entry*."""
    if isinstance(entry.key, Badge):
        return _piece_in(entry.key, LEGEND_PT) + 0.04
    return KEY_IN if entry.key else 0.0


def _entry_in(entry: Entry) -> float:
    return _key_in(entry) + width_in(entry.text, LEGEND_PT) + ENTRY_GAP_IN


def _flowed(entries: list[Entry]) -> list[list[Entry]]:
    """Return *entries* in lines, each as long as the figure is wide."""
    lines: list[list[Entry]] = [[]]
    for entry in entries:
        if lines[-1] and sum(map(_entry_in, [*lines[-1], entry])) > PAGE_IN - 2 * MARGIN_IN:
            lines.append([])
        lines[-1].append(entry)
    return lines


def _draw_marker(ax: Axes, at: Point, tier: str, size_pt: float, label: str) -> None:
    ax.plot(
        *at, marker=TIER_MARKERS[tier], markersize=size_pt, markerfacecolor=TIER_COLOURS[tier],
        markeredgecolor="black", markeredgewidth=0.6, linestyle="none", zorder=2, label=label,
    )  # fmt: skip
