"""Dijkstra's algorithm over numbered links, from either end, with every tie decided."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush

Ways = dict[int, tuple[int, ...]]
"""By node the links to it, or from it."""


class Network:
    """Nodes joined by *links*: number, source and target of each.

    Every link adds to a measure, more than 0, and one part of that is the number of links: so ways of one measure are
    as long as one another. Of ways with the least measure the best is the one whose numbers come first.
    """

    def __init__(self, links: Iterable[tuple[int, int, int]]) -> None:
        self._out: dict[int, list[tuple[int, int]]] = {}
        self._into: dict[int, list[tuple[int, int]]] = {}
        for number, source, target in links:
            self._out.setdefault(source, []).append((number, target))
            self._into.setdefault(target, []).append((number, source))

    def ways(self, start: int, ends: Collection[int], measured: Sequence[int], broken: Collection[int]) -> Ways:
        """Return by end the links from *start* to it, of all *ends* to which there is a way."""
        settled: Ways = {}
        least: dict[int, dict[int, int]] = {end: {} for end in ends}

        def back(end: int) -> Iterator[int]:
            return self._back(end, least[end], measured, broken)

        near = _in_turn(self._ahead(start, settled, measured, broken), start, ends, back)
        return {
            end: self._descents([start], least[end], measured, broken)[start] if end in near else settled[end]
            for end in ends
            if end in near or end in settled
        }

    def ways_to(self, end: int, starts: Collection[int], measured: Sequence[int]) -> Ways:
        """Return by start the links from it to *end*, of all *starts* from which there is a way."""
        settled: dict[int, Ways] = {start: {} for start in starts}
        least: dict[int, int] = {}

        def ahead(start: int) -> Iterator[int]:
            return self._ahead(start, settled[start], measured, ())

        near = _in_turn(self._back(end, least, measured, ()), end, starts, ahead)
        far = [start for start in starts if start not in near and start in least]
        return {start: settled[start][end] for start in near} | self._descents(far, least, measured, ())

    def least_to(self, end: int, measured: Sequence[int]) -> dict[int, int]:
        """Return what is least to go to *end*, by node from which there is a way."""
        least: dict[int, int] = {}
        for _ in self._back(end, least, measured, ()):
            pass
        return least

    def _ahead(self, start: int, settled: Ways, measured: Sequence[int], broken: Collection[int]) -> Iterator[int]:
        """Yield nodes that are no leaves, the nearest from *start* first, with the links to each in *settled*.

        Dijkstra over (measure, links): searches that add up one number a link would leave ties between equal sums to
        the order of insertion.
        """
        agenda: list[tuple[int, tuple[int, ...], int]] = [(0, (), start)]
        while agenda:
            measure, links, node = heappop(agenda)
            if node in settled:
                continue
            settled[node] = links
            yield node
            for number, target in self._out.get(node, ()):
                if target not in settled and number not in broken:
                    heappush(agenda, (measure + measured[number], (*links, number), target))

    def _back(self, end: int, least: dict[int, int], measured: Sequence[int], broken: Collection[int]) -> Iterator[int]:
        """Yield nodes that are no leaves, the nearest to *end* first; in *least* is what is least to go from them.

        Others may be there, too, with no less than what is least.
        """
        agenda = [(0, end)]
        least[end] = 0
        while agenda:
            measure, node = heappop(agenda)
            if measure > least[node]:
                continue
            yield node
            for number, source in self._into.get(node, ()):
                more = measure + measured[number]
                if number not in broken and (source not in least or more < least[source]):
                    least[source] = more
                    heappush(agenda, (more, source))

    def _descents(
        self, starts: Iterable[int], least: Mapping[int, int], measured: Sequence[int], broken: Collection[int]
    ) -> Ways:
        """Return by start the first links by which what is *least* to go becomes nothing.

        Ways that meet go on together: each link is looked for once, and what follows is copied from there.
        """
        steps: dict[int, tuple[int, int]] = {}
        marks = set(starts)
        for node in starts:
            while least[node] and node not in steps:
                steps[node] = self._step(node, least, measured, broken)
                node = steps[node][1]
            marks.add(node)
        ways: Ways = {}
        for mark in sorted(marks, key=least.__getitem__):
            links, node = [], mark
            while least[node] and node not in ways:
                number, node = steps[node]
                links.append(number)
            ways[mark] = (*links, *ways.get(node, ()))
        return ways

    def _step(
        self, node: int, least: Mapping[int, int], measured: Sequence[int], broken: Collection[int]
    ) -> tuple[int, int]:
        """Return the first link from *node* on a way with what is *least* to go, and where it leads."""
        return next(
            (number, target)
            for number, target in self._out[node]
            if target in least and least[target] + measured[number] == least[node] and number not in broken
        )


def _in_turn(
    search: Iterator[int], start: int, ends: Collection[int], other_way: Callable[[int], Iterator[int]]
) -> set[int]:
    """Let *search* from *start* go on until it has been at all *ends* to which there is a way, but for those returned.

    These have been found the *other_way*, by searches from them to *start*: those take turns with the one from there,
    so that together they come to no more nodes. Among many nodes a few that are near are found at once by searches
    from them, where a search from one with many links comes by all the others; and one search finds many.
    """
    missing, near = set(ends), set[int]()
    others: dict[int, Iterator[int]] = {}
    while missing:
        for _ in range(len(missing)):
            node = next(search, None)
            missing.discard(node)
            if node is None or not missing:
                return near
        for end in tuple(missing):
            node = next(others.setdefault(end, other_way(end)), None)
            if node is None or node == start:
                missing.discard(end)
            if node == start:
                near.add(end)
    return near
