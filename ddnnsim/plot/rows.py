"""A drawing of a network: a row for each tier, from the devices up, and what each link has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ddnnsim.plot.folding import Box, Bundle, bundles, folded, links_within, uncrossed
from ddnnsim.plot.style import PAGE_IN, TIER_COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ddnnsim.overview import LinkRow, Overview

MARGIN_IN, BOX_IN = 0.08, 0.78
LINE_IN, PAD_IN = 0.115, 0.07
"""Of a line of text in a box, and around all of them."""
LABEL_IN, LABEL_HEIGHT_IN = 1.18, 0.27
GAP_IN, ARC_IN = 0.42, 0.3
"""Between two rows, beside the labels there; and how deep links within a row bend."""
LETTERS = 17
"""That a box has place for."""


@dataclass(frozen=True)
class _Label:
    """What links have."""

    row: int
    """Above which they are, or under which, if both ends are in it."""
    within: bool
    """Whether both ends are."""
    x: float
    text: str


class Rows:
    """Where everything is, in inches."""

    def __init__(self, shown: Overview) -> None:
        self.rows = uncrossed(folded(shown.nodes, shown.links), shown.links)
        hidden = links_within(self.rows, shown.links)
        self.lines = {
            id(box): _lines(box, hidden[rank, number])
            for rank, row in enumerate(self.rows)
            for number, box in enumerate(row)
        }
        self.bundles = bundles(self.rows, shown.links)
        self.rank = {id(box): rank for rank, row in enumerate(self.rows) for box in row}
        self.x = {id(box): (place + 0.5) * PAGE_IN / len(row) for row in self.rows for place, box in enumerate(row)}
        self.labels = self._labels()
        self.heights = [2 * PAD_IN + LINE_IN * max(len(self.lines[id(box)]) for box in row) for row in self.rows]
        self.bottoms = [MARGIN_IN + self._within(0)]
        for rank in range(1, len(self.rows)):
            above = self.bottoms[-1] + self.heights[rank - 1]
            self.bottoms.append(above + self._between(rank - 1) + self._within(rank))
        self.height_in = self.bottoms[-1] + self.heights[-1] + MARGIN_IN

    def on(self, ax: Axes) -> None:
        """Draw it on *ax*, which are the whole figure."""
        ax.set(xlim=(0, PAGE_IN), ylim=(0, self.height_in))
        ax.axis("off")
        for bundle in self.bundles:
            self._draw_bundle(ax, bundle)
        for row in self.rows:
            for box in row:
                self._draw_box(ax, box)
        for rank in range(len(self.rows)):
            self._draw_labels(ax, rank)

    def _within(self, rank: int) -> float:
        """Return the room below the row *rank* for links between its own boxes, and what is said of them."""
        levels = self._levels(rank, within=True)
        return ARC_IN + LABEL_HEIGHT_IN * levels if levels else 0.0

    def _between(self, rank: int) -> float:
        """Return the room above the row *rank* for links from below, and what is said of them."""
        return GAP_IN + LABEL_HEIGHT_IN * max(1, self._levels(rank, within=False))

    def _levels(self, rank: int, *, within: bool) -> int:
        """Return how many lines of labels there are above the row *rank*, or for links *within* it."""
        return -(-len(self._here(rank, within=within)) // int(PAGE_IN / LABEL_IN))

    def _here(self, rank: int, *, within: bool) -> list[_Label]:
        here = (label for label in self.labels if (label.row, label.within) == (rank, within))
        return sorted(here, key=lambda label: label.x)

    def _draw_box(self, ax: Axes, box: Box) -> None:
        from matplotlib.patches import FancyBboxPatch

        rank = self.rank[id(box)]
        x, y, height = self.x[id(box)] - BOX_IN / 2, self.bottoms[rank], self.heights[rank]
        colour = TIER_COLOURS[box.nodes[0].tier]
        style = "round,pad=0,rounding_size=0.06"
        for shift in (0.05, 0.0) if len(box.nodes) > 1 else (0.0,):
            ax.add_patch(
                FancyBboxPatch((x + shift, y + shift), BOX_IN, height, style, fc="white", ec=colour, lw=1.4, zorder=3)
            )
        lines = self.lines[id(box)]
        for number, line in enumerate(lines):
            top = y + height / 2 + LINE_IN * (len(lines) / 2 - number - 0.5)
            weight = "bold" if not number else "normal"
            ax.text(x + BOX_IN / 2, top, line, fontsize=6.5, weight=weight, ha="center", va="center", zorder=4)

    def _draw_bundle(self, ax: Axes, bundle: Bundle) -> None:
        from matplotlib.patches import FancyArrowPatch

        a, b = bundle.ends
        low, high = self.rank[id(a)], self.rank[id(b)]
        start = (self.x[id(a)], self.bottoms[low] + (self.heights[low] if high > low else 0))
        end = (self.x[id(b)], self.bottoms[high])
        bend = 0.0 if high == low + 1 else 0.15
        if high == low:
            bend = 2 * ARC_IN / abs(end[0] - start[0])
        width = 0.8 if len(bundle.links) == 1 else 1.4
        patch = FancyArrowPatch(
            start, end, arrowstyle="-", connectionstyle=f"arc3,rad={bend}", shrinkA=0, shrinkB=0, color="#555555",
            lw=width, zorder=1,
        )  # fmt: skip
        ax.add_patch(patch)

    def _labels(self) -> list[_Label]:
        """Return what is to be said of links: once for those of one name, or for a bundle of several."""
        found: dict[tuple[int, bool, object], list[Bundle]] = {}
        for bundle in self.bundles:
            names = {link.link for link in bundle.links}
            low, high = (self.rank[id(box)] for box in bundle.ends)
            where = (low, True) if low == high else (high - 1, False)
            found.setdefault((*where, names.pop() if len(names) == 1 else id(bundle)), []).append(bundle)
        labels = []
        for (row, within, _), alike in found.items():
            ends = [self.x[id(box)] for bundle in alike for box in bundle.ends]
            links = [link for bundle in alike for link in bundle.links]
            labels.append(_Label(row, within, sum(ends) / len(ends), _told(links)))
        return labels

    def _draw_labels(self, ax: Axes, rank: int) -> None:
        over = self.bottoms[rank] + self.heights[rank] + GAP_IN / 2
        under = self.bottoms[rank] - self._within(rank) + ARC_IN / 2
        for base, within in ((over, False), (under, True)):
            here, levels = self._here(rank, within=within), self._levels(rank, within=within)
            for level in range(levels):
                self._draw_line(ax, here[level::levels], base + LABEL_HEIGHT_IN * (level + 0.5))

    def _draw_line(self, ax: Axes, labels: Sequence[_Label], y: float) -> None:
        """Draw *labels* side by side at *y*."""
        for label, x in zip(labels, _spread([label.x for label in labels]), strict=True):
            ax.text(
                x, y, label.text, fontsize=6.2, ha="center", va="center", linespacing=1.0, zorder=5,
                bbox={"fc": "white", "ec": "none", "pad": 0.8},
            )  # fmt: skip


def _lines(box: Box, hidden: int) -> list[str]:
    """Return what is written in *box*, and of its links those that are *hidden* in it."""
    first = box.nodes[0]
    compute = first.compute if {node.compute for node in box.nodes} == {first.compute} else ""
    lines = [_short(text) for text in (box.name, *box.runs, compute) if text]
    return [*lines, f"{hidden:,} links within"] if hidden else lines


def _short(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"


def _told(links: Sequence[LinkRow]) -> str:
    """Return a name or how many there are, and rate and delay where all have the same."""
    names = list(dict.fromkeys(link.link for link in links))
    head = _short(names[0]) if len(names) == 1 else f"{len(links):,} links"
    rates, delays = (list(dict.fromkeys(values)) for values in zip(*((k.rate, k.delay) for k in links), strict=True))
    rate = rates[0] if len(rates) == 1 else f"{len(rates):,} rates"
    delay = delays[0] if len(delays) == 1 else f"{len(delays):,} delays"
    return f"{head}\n{rate}, {delay}"


def _spread(places: Sequence[float]) -> list[float]:
    """Return *places*, ascending, moved as far apart as labels are wide and into the figure."""
    half = LABEL_IN / 2
    moved: list[float] = []
    for place in places:
        moved.append(max(place, half, moved[-1] + LABEL_IN if moved else half))
    limit = PAGE_IN - half
    for number in reversed(range(len(moved))):
        moved[number] = min(moved[number], limit)
        limit = moved[number] - LABEL_IN
    return moved
