"""Routes: the shortest ways between nodes, with every tie decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from ddnnsim.deployment import Deployment

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

Routing = Literal["delay", "hops", "transfer"]
Measure = tuple[int, int]
"""What a route has least of, in this order; of equals the link numbers that come first decide."""
Out = list[list[tuple[int, int, Measure]]]
"""By node, its outgoing links: number, target, measure."""
NS_PER_S = 1_000_000_000


class Routes(NamedTuple):
    """From node to node, the numbers of the links on the way."""

    any_size: dict[tuple[int, int], tuple[int, ...]]
    by_size: dict[tuple[int, int, int], tuple[int, ...]]
    """Of messages of so many bytes, where they take another way."""


class Route(NamedTuple):
    """A row of the table of routes."""

    source: str
    target: str
    size_bytes: int | None
    """None: messages of every size that has no row of its own."""
    hops: int
    delay_ns: int
    """The sum of the delays at the start."""
    links: str
    """Their names, in order."""


def routes_between(
    graph: nx.DiGraph[str], messages: Iterable[tuple[int, int, int]], routing: Routing = "delay"
) -> Routes:
    """Return the routes of *messages*: (source, target, size in bytes).

    Nodes and links are numbered in the order of *graph*. By `delay` a route has the least sum of delays, then the
    fewest hops; by `hops` the other way round; by `transfer` the least sum of serialisation and delay for the size at
    hand, then the fewest hops: `any_size` is then that of 0 bytes. Of equals the link numbers that come first decide.
    Raises KeyError where there is no way: scenarios are checked before.
    """
    wanted: dict[int, dict[int, set[int]]] = {0: {}}
    for source, target, size_bytes in messages:
        if source != target:
            wanted[0].setdefault(source, set()).add(target)
            if routing == "transfer":
                wanted.setdefault(size_bytes, {}).setdefault(source, set()).add(target)
    any_size = _of_size(graph, 0, wanted.pop(0), routing)
    by_size = {
        (*ends, size_bytes): way
        for size_bytes in sorted(wanted)
        for ends, way in _of_size(graph, size_bytes, wanted[size_bytes], routing).items()
        if way != any_size[ends]
    }
    return Routes(any_size, by_size)


def serialisation_ns(link: Mapping[str, Any], size_bytes: int) -> int:
    """Return how long the *link* of a graph takes to send *size_bytes* and what packets add, at its first rate."""
    mtu_bytes: int = link["mtu_bytes"] or max(size_bytes, 1)
    header_bytes: int = link["header_bytes"]
    rate_bps: int = link["rate_bps"]
    packets = -(-size_bytes // mtu_bytes)
    overhead_ns: int = link["overhead_ns"]
    return -(-8 * (size_bytes + packets * header_bytes) * NS_PER_S // rate_bps) + packets * overhead_ns


def route_table(deployment: Deployment) -> list[Route]:
    """Return the routes of *deployment* by the numbers of their ends, then by size; what stays on its node has none."""
    rows: list[Route] = []
    sized = {(source, target, None): way for (source, target), way in deployment.routes.items()}
    for source, target, size_bytes in sorted(
        (*sized, *deployment.routes_by_size), key=lambda key: (key[0], key[1], -1 if key[2] is None else key[2])
    ):
        way = sized[source, target, None] if size_bytes is None else deployment.route(source, target, size_bytes)
        links = [deployment.links[number] for number in way]
        ends = (deployment.machines[source].name, deployment.machines[target].name)
        delay_ns = sum(link.delay_ns for link in links)
        rows.append(Route(*ends, size_bytes, len(way), delay_ns, " ".join(link.name for link in links)))
    return rows


def route_columns(deployment: Deployment) -> dict[str, NDArray[np.generic] | np.ma.MaskedArray]:
    """Return the table of routes of *deployment* as columns, in which nodes are their numbers."""
    rows, numbers = route_table(deployment), {plan.name: number for number, plan in enumerate(deployment.machines)}
    sizes = [row.size_bytes for row in rows]
    return {
        "source": np.array([numbers[row.source] for row in rows], np.int64),
        "target": np.array([numbers[row.target] for row in rows], np.int64),
        "size_bytes": np.ma.array([size or 0 for size in sizes], np.int64, mask=[size is None for size in sizes]),
        "hops": np.array([row.hops for row in rows], np.int64),
        "delay_ns": np.array([row.delay_ns for row in rows], np.int64),
        "links": np.array([row.links for row in rows], np.str_),
    }


def _of_size(
    graph: nx.DiGraph[str], size_bytes: int, wanted: Mapping[int, set[int]], routing: Routing
) -> dict[tuple[int, int], tuple[int, ...]]:
    """Return for messages of *size_bytes* the routes from each source to all its targets."""
    out = _links_out(graph, _measure(routing, size_bytes))
    routes: dict[tuple[int, int], tuple[int, ...]] = {}
    for source in sorted(wanted):
        ways = _ways(out, source, wanted[source])
        routes |= {(source, target): ways[target] for target in sorted(wanted[source])}
    return routes


def _measure(routing: Routing, size_bytes: int) -> Callable[[Mapping[str, Any]], Measure]:
    """Return what a link adds to a route."""
    if routing == "hops":
        return lambda link: (1, link["delay_ns"])
    if routing == "delay":
        return lambda link: (link["delay_ns"], 1)
    return lambda link: (serialisation_ns(link, size_bytes) + link["delay_ns"], 1)


def _links_out(graph: nx.DiGraph[str], measure: Callable[[Mapping[str, Any]], Measure]) -> Out:
    """Return for each node its outgoing links."""
    ids = {name: number for number, name in enumerate(graph.nodes)}
    out: Out = [[] for _ in ids]
    for number, (source, target, link) in enumerate(graph.edges(data=True)):
        out[ids[source]].append((number, ids[target], measure(link)))
    return out


def _ways(out: Out, source: int, targets: set[int]) -> dict[int, tuple[int, ...]]:
    """Return the best ways from *source*, at least those to *targets*: Dijkstra over (measure, links).

    NetworkX's own searches add up one number a link; ties between equal sums would be left to
    the order of insertion.
    """
    agenda: list[tuple[Measure, tuple[int, ...], int]] = [((0, 0), (), source)]
    ways: dict[int, tuple[int, ...]] = {}
    missing = set(targets)
    while agenda and missing:
        measure, links, node = heappop(agenda)
        if node in ways:
            continue
        ways[node] = links
        missing.discard(node)
        for number, target, (first, second) in out[node]:
            if target not in ways:
                heappush(agenda, ((measure[0] + first, measure[1] + second), (*links, number), target))
    return ways
