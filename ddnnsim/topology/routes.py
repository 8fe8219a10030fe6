"""Routes: the shortest ways between nodes, with every tie decided."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

Way = tuple[int, int, tuple[int, ...]]
"""Delay in ns, hops, and the numbers of the links: compared in this order."""


def routes_between(graph: nx.DiGraph[str], pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], tuple[int, ...]]:
    """Return for each pair of distinct nodes (source, target) the numbers of the links on its route.

    Nodes and links are numbered in the order of *graph*. A route has the least sum of delays, of
    equals the fewest hops, of equals the link numbers that come first. Raises KeyError where there
    is no way: scenarios are checked before.
    """
    wanted: dict[int, set[int]] = {}
    for source, target in pairs:
        if source != target:
            wanted.setdefault(source, set()).add(target)
    out = _links_out(graph)
    routes: dict[tuple[int, int], tuple[int, ...]] = {}
    for source in sorted(wanted):
        ways = _ways(out, source, wanted[source])
        routes |= {(source, target): ways[target] for target in sorted(wanted[source])}
    return routes


def _links_out(graph: nx.DiGraph[str]) -> list[list[tuple[int, int, int]]]:
    """Return for each node its outgoing links: (number, target, delay in ns)."""
    ids = {name: number for number, name in enumerate(graph.nodes)}
    out: list[list[tuple[int, int, int]]] = [[] for _ in ids]
    for number, (source, target, link) in enumerate(graph.edges(data=True)):
        out[ids[source]].append((number, ids[target], link["delay_ns"]))
    return out


def _ways(out: list[list[tuple[int, int, int]]], source: int, targets: set[int]) -> dict[int, tuple[int, ...]]:
    """Return the best ways from *source*, at least those to *targets*: Dijkstra over (delay, hops, links).

    NetworkX's own searches add up one number a link; ties between equal sums would be left to
    the order of insertion.
    """
    agenda: list[tuple[Way, int]] = [((0, 0, ()), source)]
    ways: dict[int, tuple[int, ...]] = {}
    missing = set(targets)
    while agenda and missing:
        (delay_ns, hops, links), node = heappop(agenda)
        if node in ways:
            continue
        ways[node] = links
        missing.discard(node)
        for number, target, link_delay_ns in out[node]:
            if target not in ways:
                heappush(agenda, ((delay_ns + link_delay_ns, hops + 1, (*links, number)), target))
    return ways
