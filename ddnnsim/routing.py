"""Routing: the shortest ways over numbered links, with every tie decided."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Literal, NamedTuple

from ddnnsim.dijkstra import Network

Routing = Literal["delay", "hops", "transfer"]
NS_PER_S = 1_000_000_000
_HOP = 2**96
"""More than any sum of delays."""
_NS = 2**32
"""More than the hops of any route."""


class Edge(NamedTuple):
    """A directed link, as far as routes are concerned: as it is at t = 0."""

    source: int
    target: int
    rate_bps: int
    """For a rate of 0 the first that is not."""
    delay_ns: int
    mtu_bytes: int | None
    """None: any."""
    header_bytes: int
    overhead_ns: int


def serialisation_ns(edge: Edge, size_bytes: int) -> int:
    """Return how long *edge* takes to send *size_bytes* and what packets add."""
    packets = -(-size_bytes // (edge.mtu_bytes or max(size_bytes, 1)))
    size_bytes += packets * edge.header_bytes
    return -(-8 * size_bytes * NS_PER_S // edge.rate_bps) + packets * edge.overhead_ns


class _Leaf(NamedTuple):
    """A node with one neighbour, which has others: what leads anywhere else leads past it."""

    host: int
    up: int
    """The link to its host."""
    down: int


class Router:
    """What finds the ways over *edges*, which are numbered as they come.

    By `delay` a route has the least sum of delays, then the fewest hops; by `hops` the other way round; by `transfer`
    the least sum of serialisation and delay for the size at hand, then the fewest hops. Leaves are left out of
    searches: of a thousand devices on fifty edges only the edges are looked at.
    """

    def __init__(self, edges: Sequence[Edge], routing: Routing) -> None:
        self._edges = edges
        self._routing = routing
        self._leaves = _leaves(edges)
        self._network = Network(
            (number, edge.source, edge.target)
            for number, edge in enumerate(edges)
            if edge.source not in self._leaves and edge.target not in self._leaves
        )
        self._by_size = cache(self._measure)

    def ways(
        self, source: int, targets: Collection[int], size_bytes: int, broken: Collection[int] = ()
    ) -> dict[int, tuple[int, ...]]:
        """Return by target the links from *source* to it, for *size_bytes*, none of them *broken*.

        Targets to which there is no way are left out.
        """
        start, first = self._entry(source)
        ends = {self._host(target) for target in targets}
        found = {} if set(first) & set(broken) else self._network.ways(start, ends, self._measured(size_bytes), broken)
        ways: dict[int, tuple[int, ...]] = {}
        for target in targets:
            leaf = self._leaves.get(target)
            end = target if leaf is None else leaf.host
            if target == source:
                ways[target] = ()
            elif end in found and (leaf is None or leaf.down not in broken):
                ways[target] = first + found[end] + (() if leaf is None else (leaf.down,))
        return ways

    def ways_to(self, target: int, sources: Collection[int], size_bytes: int) -> dict[int, tuple[int, ...]]:
        """Return by source the links from it to *target*, for *size_bytes*: the same as `ways`, by one search for all.

        Sources from which there is no way are left out.
        """
        leaf = self._leaves.get(target)
        last = () if leaf is None else (leaf.down,)
        entries = {source: self._entry(source) for source in sources}
        found = self._network.ways_to(
            self._host(target), {start for start, _ in entries.values()}, self._measured(size_bytes)
        )
        return {
            source: () if source == target else first + found[start] + last
            for source, (start, first) in entries.items()
            if start in found
        }

    def delays_to(self, target: int) -> Callable[[int], int | None]:
        """Return what tells by source the delay from it to *target*; None where there is no way.

        It is that of the best way by `delay`, by which the router must go.
        """
        assert self._routing == "delay"
        least = self._network.least_to(self._host(target), self._measured(0))
        leaf = self._leaves.get(target)
        last_ns = 0 if leaf is None else self._edges[leaf.down].delay_ns

        def delay_ns(source: int) -> int | None:
            start, first = self._entry(source)
            if source == target or start not in least:
                return 0 if source == target else None
            return sum(self._edges[link].delay_ns for link in first) + least[start] // _NS + last_ns

        return delay_ns

    def _host(self, node: int) -> int:
        """Return where *node* hangs, or itself where it is no leaf."""
        return leaf.host if (leaf := self._leaves.get(node)) else node

    def _entry(self, node: int) -> tuple[int, tuple[int, ...]]:
        """Return where a search for ways from *node* starts, and the links up to there."""
        leaf = self._leaves.get(node)
        return (node, ()) if leaf is None else (leaf.host, (leaf.up,))

    def _measured(self, size_bytes: int) -> Sequence[int]:
        return self._by_size(size_bytes if self._routing == "transfer" else 0)

    def _measure(self, size_bytes: int) -> list[int]:
        """Return by link what it adds to a route: what counts first in the upper bits, what counts then in the lower.

        Whole numbers are compared and added up much faster than pairs of them.
        """
        if self._routing == "hops":
            return [_HOP + edge.delay_ns for edge in self._edges]
        if self._routing == "delay":
            return [edge.delay_ns * _NS + 1 for edge in self._edges]
        return [(serialisation_ns(edge, size_bytes) + edge.delay_ns) * _NS + 1 for edge in self._edges]


def _leaves(edges: Sequence[Edge]) -> dict[int, _Leaf]:
    """Return by node those that one link leads to and one from, both from and to the same node, which has others."""
    out: dict[int, list[int]] = {}
    into: dict[int, list[int]] = {}
    for number, edge in enumerate(edges):
        out.setdefault(edge.source, []).append(number)
        into.setdefault(edge.target, []).append(number)
    leaves: dict[int, _Leaf] = {}
    for node, ways in out.items():
        back = into.get(node, ())
        host = edges[ways[0]].target
        if len(ways) == len(back) == 1 and edges[back[0]].source == host and len(out.get(host, ())) > 1:
            leaves[node] = _Leaf(host, ways[0], back[0])
    return leaves
