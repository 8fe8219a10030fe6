"""Routes: the shortest ways between nodes, with every tie decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ddnnsim.deployment import Deployment
from ddnnsim.routing import Edge, Router, Routing

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray


Ends = tuple[int, int]
"""Source and target."""


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
    wanted: dict[int, set[tuple[int, int]]] = {0: set()}
    for source, target, size_bytes in messages:
        if source != target:
            wanted[0].add((source, target))
            if routing == "transfer":
                wanted.setdefault(size_bytes, set()).add((source, target))
    router = Router(_edges(graph), routing)
    any_size = _of_size(router, 0, wanted.pop(0))
    by_size = {
        (*ends, size_bytes): way
        for size_bytes in sorted(wanted)
        for ends, way in _of_size(router, size_bytes, wanted[size_bytes]).items()
        if way != any_size[ends]
    }
    return Routes(any_size, by_size)


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


def _of_size(router: Router, size_bytes: int, wanted: Collection[Ends]) -> dict[Ends, tuple[int, ...]]:
    """Return for messages of *size_bytes* the routes between the *wanted* ends, in the order of their numbers.

    A search from a source finds all its targets, one from a target all its sources: each pair is left to the end that
    has more.
    """
    targets, sources = Counter(source for source, _ in wanted), Counter(target for _, target in wanted)
    ahead: dict[int, set[int]] = {}
    back: dict[int, set[int]] = {}
    for source, target in wanted:
        if targets[source] >= sources[target]:
            ahead.setdefault(source, set()).add(target)
        else:
            back.setdefault(target, set()).add(source)
    found: dict[Ends, tuple[int, ...]] = {}
    for source, of_source in ahead.items():
        ways = router.ways(source, of_source, size_bytes)
        found |= {(source, target): ways[target] for target in of_source}
    for target, of_target in back.items():
        ways = router.ways_to(target, of_target, size_bytes)
        found |= {(source, target): ways[source] for source in of_target}
    return dict(sorted(found.items()))


def _edges(graph: nx.DiGraph[str]) -> list[Edge]:
    """Return the links of *graph*, as far as routes are concerned."""
    ids, said = {name: number for number, name in enumerate(graph.nodes)}, itemgetter(*Edge._fields[2:])
    return [Edge(ids[source], ids[target], *said(link)) for source, target, link in graph.edges(data=True)]
