"""Where the letters of a map are: beside what they name, off the lines and off one another, as far as possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import hypot
from typing import NamedTuple

from ddnnsim.plot.style import FONT

Point = tuple[float, float]
Size = tuple[float, float]
"""Width and height, in inches."""

SWEEPS = 12
LEADING = 1.2
"""Of a line over the size of its letters."""
POINTS_PER_IN = 72


class Rectangle(NamedTuple):
    """An area, in inches."""

    x0: float
    y0: float
    x1: float
    y1: float

    def shared(self, other: Rectangle) -> float:
        """Return the area that it has in common with *other*."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return width * height if width > 0 and height > 0 else 0.0

    def crossed(self, line: Sequence[tuple[float, float]]) -> float:
        """Return how much of *line*, from point to point, is in it (Liang and Barsky)."""
        (ax, ay), (bx, by) = line
        enter, leave = 0.0, 1.0
        for start, way, low, high in ((ax, bx - ax, self.x0, self.x1), (ay, by - ay, self.y0, self.y1)):
            if abs(way) < 1e-12:
                if not low < start < high:
                    return 0.0
                continue
            first, last = sorted(((low - start) / way, (high - start) / way))
            enter, leave = max(enter, first), min(leave, last)
        return max(0.0, leave - enter) * float(((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5)


@dataclass(frozen=True)
class Spot:
    """An area that letters may have, and how bad it is by itself."""

    area: Rectangle
    cost: float


STEP, LINE, OUTSIDE = 0.1, 12.0, 1000.0
"""Cost of an area that comes a step later in a reader's order, of an inch of a line in it, and of one off the page."""
TOUCHED, COVERED = 5.0, 1000.0
"""Cost of two areas that overlap, and beside it of each square inch that they have in common."""


def clash(a: Rectangle, b: Rectangle) -> float:
    """Return how bad it is that *a* and *b* both are there."""
    shared = a.shared(b)
    return TOUCHED + COVERED * shared if shared else 0.0


def settled(choices: Sequence[Sequence[Spot]]) -> list[Spot]:
    """Return one spot of each of *choices*, that together cost little: each in turn takes the best beside others."""
    taken = [min(spots, key=lambda spot: spot.cost) for spots in choices]
    for _ in range(SWEEPS):
        before = list(taken)
        for number, spots in enumerate(choices):
            near = _around(spots)
            others = [spot.area for n, spot in enumerate(taken) if n != number and spot.area.shared(near)]
            taken[number] = min(spots, key=lambda spot: spot.cost + sum(clash(spot.area, area) for area in others))
        if taken == before:
            break
    return taken


def _around(spots: Sequence[Spot]) -> Rectangle:
    areas = [spot.area for spot in spots]
    return Rectangle(
        min(a.x0 for a in areas), min(a.y0 for a in areas), max(a.x1 for a in areas), max(a.y1 for a in areas)
    )


@cache
def width_in(text: str, size: float) -> float:
    """Return the width of *text* in letters of so many points, in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(family=FONT)
    return float(TextPath((0, 0), text, size=size, prop=font).get_extents().x1) / POINTS_PER_IN


def size_in(lines: Sequence[str], size: float) -> Size:
    """Return the width and the height of *lines* in letters of so many points, in inches."""
    return max((width_in(line, size) for line in lines if line), default=0.0), len(
        lines
    ) * LEADING * size / POINTS_PER_IN


class Lettering:
    """The areas of the names of nodes and of the labels of links."""

    def __init__(
        self,
        frame: Rectangle,
        nodes: Sequence[Point],
        radius: float,
        links: Sequence[tuple[Point, Point]],
        names: Sequence[Size],
        labels: Sequence[Size],
    ) -> None:
        self.frame, self.radius, self.links = frame, radius, links
        self.markers = [Rectangle(x - radius, y - radius, x + radius, y + radius) for x, y in nodes]
        of_names = [self._beside(node, size) for node, size in zip(nodes, names, strict=True)]
        of_labels = [self._along(link, size) for link, size in zip(links, labels, strict=True) if size[0]]
        areas = [spot.area for spot in settled(of_names + of_labels)]
        self.names, self.labels = areas[: len(nodes)], areas[len(nodes) :]

    def _beside(self, node: Point, size: Size) -> list[Spot]:
        """Return where the name of *node* may be: around it, and a little farther."""
        (x, y), (width, height), spots = node, size, []
        for farther, gap in enumerate((self.radius + 0.035, self.radius + 0.08)):
            across, up = width / 2 + gap, height / 2 + gap * 0.9
            ways = [(across, 0), (-across, 0), (0, up), (0, -up)]
            ways += [(0.85 * across * e, 0.85 * up * n) for e in (1, -1) for n in (1, -1)]
            ways += [(shift * width, up * n) for shift in (0.3, -0.3) for n in (1, -1)]
            ways += [(across * e, shift * height) for shift in (0.3, -0.3) for e in (1, -1)]
            for number, (east, north) in enumerate(ways):
                spots.append(self._spot((x + east, y + north), size, self.links, STEP * (number / 2 + 6 * farther)))
        return spots

    def _along(self, link: tuple[Point, Point], size: Size) -> list[Spot]:
        """Return where the label of *link* may be: on it, from its middle outwards, and beside it where it is short."""
        (ax, ay), (bx, by) = link
        others = [other for other in self.links if other is not link]
        length = max(hypot(bx - ax, by - ay), 1e-9)
        east, north = -(by - ay) / length, (bx - ax) / length
        away = abs(east) * size[0] / 2 + abs(north) * size[1] / 2 + 0.03
        spots = []
        for aside in (0.0, 0.05, -0.05, 0.1, -0.1, 0.16, -0.16, 0.22, -0.22, 0.28, -0.28):
            at = (ax + (bx - ax) * (0.5 + aside), ay + (by - ay) * (0.5 + aside))
            for side in (0, 1, -1):
                beside = at[0] + side * away * east, at[1] + side * away * north
                spots.append(self._spot(beside, size, others, STEP * (2 * abs(aside) / 0.05 + 10 * abs(side))))
        return spots

    def _spot(self, middle: Point, size: Size, links: Sequence[tuple[Point, Point]], cost: float) -> Spot:
        """Return the area of *size* about *middle*, and what it costs more than *cost* by what is there."""
        (x, y), (width, height) = middle, size
        area = Rectangle(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        inside = area.shared(self.frame) >= 0.999 * width * height
        cost += 0.0 if inside else OUTSIDE
        cost += sum(clash(area, marker) for marker in self.markers)
        cost += LINE * sum(area.crossed(link) for link in links)
        return Spot(area, cost)
