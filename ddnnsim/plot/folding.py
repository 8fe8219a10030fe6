"""Nodes that look alike as one box, where a row of a drawing has no place for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ddnnsim.overview import LinkRow, NodeRow

ROWS = ("device", "near", "edge", "far", "cloud")
"""From the bottom up; `near` are gateways and routers with a link to a device, `far` all others."""
MOST = 8
"""Boxes that a row has place for."""


@dataclass(frozen=True)
class Box:
    """A node, or several that are drawn as one."""

    nodes: tuple[NodeRow, ...]

    @property
    def name(self) -> str:
        """Return the name of its node; of several how many there are of which entry, or of which tier."""
        first = self.nodes[0]
        if len(self.nodes) == 1:
            return first.name
        entries = {node.entry for node in self.nodes}
        return f"{len(self.nodes):,} × {first.entry if len(entries) == 1 else first.tier}"

    @property
    def runs(self) -> tuple[str, ...]:
        """Return what runs on its node; on several without their groups, where these are all that differs."""
        first = self.nodes[0].runs
        return first if {node.runs for node in self.nodes} == {first} else self.nodes[0].kinds


@dataclass(frozen=True)
class Bundle:
    """The links between two boxes, lower one first; of boxes of one row, in their order."""

    ends: tuple[Box, Box]
    links: tuple[LinkRow, ...]


def folded(nodes: Sequence[NodeRow], links: Iterable[LinkRow]) -> list[list[Box]]:
    """Return the boxes of each row that has some, from the bottom up.

    A row with more than `MOST` nodes has one box for those that run the same and have the same neighbours; where that
    is still more, one for those that run the same, and then for those that do in their groups.
    """
    neighbours: dict[str, set[str]] = {node.name: set() for node in nodes}
    for link in links:
        neighbours[link.source].add(link.target)
        neighbours[link.target].add(link.source)
    devices = {node.name for node in nodes if node.tier == "device"}

    def row_of(node: NodeRow) -> str:
        if node.tier in ROWS:
            return node.tier
        return "far" if devices.isdisjoint(neighbours[node.name]) else "near"

    of_rows = [[node for node in nodes if row_of(node) == row] for row in ROWS]
    return [_boxes(row, neighbours) for row in of_rows if row]


def _boxes(row: Sequence[NodeRow], neighbours: Mapping[str, set[str]]) -> list[Box]:
    kinds: tuple[Callable[[NodeRow], Hashable], ...] = (
        lambda node: node.name,
        lambda node: (node.entry, node.tier, node.runs, frozenset(neighbours[node.name])),
        lambda node: (node.tier, node.runs),
        lambda node: (node.tier, node.kinds),
    )
    for kind in kinds:
        alike: dict[Hashable, list[NodeRow]] = {}
        for node in row:
            alike.setdefault(kind(node), []).append(node)
        if len(alike) <= MOST:
            break
    return [Box(tuple(of_kind)) for of_kind in alike.values()]


def bundles(rows: Sequence[Sequence[Box]], links: Iterable[LinkRow]) -> list[Bundle]:
    """Return the links between the boxes of *rows*; those within a box are not drawn."""
    place = _places(rows)
    found: dict[tuple[tuple[int, int], tuple[int, int]], list[LinkRow]] = {}
    for link in links:
        lower, upper = sorted((place[link.source], place[link.target]))
        if lower != upper:
            found.setdefault((lower, upper), []).append(link)
    return [Bundle((rows[a][i], rows[b][j]), tuple(of_pair)) for ((a, i), (b, j)), of_pair in found.items()]


def links_within(rows: Sequence[Sequence[Box]], links: Iterable[LinkRow]) -> Counter[tuple[int, int]]:
    """Return how many links are within a box, and not drawn, by its row and its number there."""
    place = _places(rows)
    return Counter(place[link.source] for link in links if place[link.source] == place[link.target])


def tells_all(rows: Sequence[Sequence[Box]], links: Iterable[LinkRow]) -> bool:
    """Return whether a drawing of *rows* hides no link within a box, and leads none past other boxes of its row."""
    place = _places(rows)
    pairs = [(place[link.source], place[link.target]) for link in links]
    return all(a[0] != b[0] or abs(a[1] - b[1]) == 1 for a, b in pairs)


def _places(rows: Sequence[Sequence[Box]]) -> dict[str, tuple[int, int]]:
    """Return the row and the number there of the box of each node."""
    return {
        node.name: (rank, number) for rank, row in enumerate(rows) for number, b in enumerate(row) for node in b.nodes
    }


def uncrossed(rows: Sequence[Sequence[Box]], links: Iterable[LinkRow]) -> list[list[Box]]:
    """Return *rows*, each sorted by where the neighbours of its boxes in the rows below are."""
    joined: dict[str, set[str]] = {}
    for link in links:
        joined.setdefault(link.source, set()).add(link.target)
        joined.setdefault(link.target, set()).add(link.source)
    place: dict[str, float] = {}
    done: list[list[Box]] = []
    for row in rows:
        middles = [_middle(box, joined, place) for box in row]
        done.append([row[number] for number in sorted(range(len(row)), key=middles.__getitem__)])
        place |= {node.name: (rank + 0.5) / len(row) for rank, box in enumerate(done[-1]) for node in box.nodes}
    return done


def _middle(box: Box, joined: Mapping[str, set[str]], place: Mapping[str, float]) -> float:
    """Return where the neighbours of *box* are that have a *place*."""
    below = [place[other] for node in box.nodes for other in sorted(joined.get(node.name, ())) if other in place]
    return sum(below) / len(below) if below else 0.5
