"""Graphs by their kind: who is joined with whom, where nodes are, and on which level.

Nodes are numbers from 0, level by level where there are levels. Their attributes are LEVEL, the tier that is
SUGGESTED by it, and `pos`, in shares of the sides of the area; links have METRES, their length.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import dist
from typing import TYPE_CHECKING, Any, TypeAlias

from ddnnsim.scenario.finding import Finding, Unmade
from ddnnsim.scenario.making import GRAPH
from ddnnsim.scenario.recipe import (
    MAX_LINKS,
    MAX_NODES,
    Campus,
    Geometric,
    Ring,
    ScaleFree,
    SmallWorld,
    Star,
    Tree,
)
from ddnnsim.topology.attributes import LEVEL, METRES, SUGGESTED
from ddnnsim.topology.parts import join_parts
from ddnnsim.topology.plain import values

if TYPE_CHECKING:
    import networkx as nx

    Graph: TypeAlias = nx.Graph[Any]

Generated = Star | Tree | Ring | Campus | Geometric | SmallWorld | ScaleFree
_MOST_TRIES = 100
"""Of small worlds that are drawn before one has a way between all nodes."""


def generate(spec: Generated) -> Graph:
    """Return the graph of *spec*; every one has a way between all of its nodes. Raises Unmade for what cannot be."""
    match spec:
        case Star():
            return _tree((spec.leaves,))
        case Tree():
            return _tree(spec.fan_out)
        case Ring():
            return _ring(spec)
        case Campus():
            return _campus(spec)
        case Geometric():
            return _geometric(spec)
        case SmallWorld():
            return _small_world(spec)
        case ScaleFree():
            return _scale_free(spec)


def _tree(fan_out: Sequence[int]) -> Graph:
    """Return a tree: level by level, all children of one node after another."""
    sizes = [1]
    for children in fan_out:
        sizes.append(sizes[-1] * children)
        check_size("fan_out", sum(sizes), sum(sizes) - 1)
    graph = _levels(sizes, _tiers(len(sizes)))
    for (above, below), children in zip(pairwise(_starts(sizes)), fan_out, strict=True):
        count = (below - above) * children
        graph.add_edges_from((above + child // children, below + child) for child in range(count))
    return graph


def _ring(spec: Ring) -> Graph:
    """Return a ring below one node, and leaves of its nodes."""
    if spec.uplinks > spec.edges:
        what = f"{spec.uplinks} uplinks of {spec.edges} nodes"
        raise Unmade(Finding((*GRAPH, "uplinks"), what, f"write at most {spec.edges}"))
    sizes = [1, spec.edges, spec.edges * spec.devices]
    check_size("devices", sum(sizes), sum(sizes))
    graph = _levels(sizes, ("cloud", "edge", "device"))
    graph.add_edges_from((0, 1 + number * spec.edges // spec.uplinks) for number in range(spec.uplinks))
    graph.add_edges_from((1 + number, 1 + (number + 1) % spec.edges) for number in range(spec.edges))
    _hang_leaves(graph, range(1, 1 + spec.edges), spec.devices)
    return graph


def _campus(spec: Campus) -> Graph:
    """Return a core below one node, access nodes joined to all of it, and their leaves."""
    sizes = [1, spec.cores, spec.access, spec.access * spec.devices]
    check_size("devices", sum(sizes), spec.cores * (1 + spec.access) + sizes[-1])
    graph = _levels(sizes, ("cloud", "router", "edge", "device"))
    cores, access = range(1, 1 + spec.cores), range(1 + spec.cores, 1 + spec.cores + spec.access)
    graph.add_edges_from((0, core) for core in cores)
    graph.add_edges_from((core, node) for node in access for core in cores)
    _hang_leaves(graph, access, spec.devices)
    return graph


def _geometric(spec: Geometric) -> Graph:
    """Return a random geometric graph; parts without a way to the others are joined by the shortest links."""
    import networkx as nx
    from scipy.spatial import KDTree

    radius = spec.radius / spec.area
    places = values(nx.random_geometric_graph(spec.nodes, 0, seed=spec.seed), "pos")
    tree = KDTree(list(places.values()))
    check_size("radius", spec.nodes, (int(tree.count_neighbors(tree, radius)) - spec.nodes) // 2)
    graph: Graph = nx.random_geometric_graph(spec.nodes, radius, pos=places)
    join_parts(graph)
    for a, b, link in graph.edges(data=True):
        link[METRES] = spec.area * dist(places[a], places[b])
    return graph


def _small_world(spec: SmallWorld) -> Graph:
    """Return a small world, the first that is drawn with a way between all nodes."""
    import networkx as nx

    if spec.neighbours % 2 or spec.neighbours >= spec.nodes:
        what = f"{spec.neighbours} neighbours of {spec.nodes} nodes"
        raise Unmade(Finding((*GRAPH, "neighbours"), what, "write an even number, less than that of the nodes"))
    check_size("neighbours", spec.nodes, spec.nodes * spec.neighbours // 2)
    try:
        graph: Graph = nx.connected_watts_strogatz_graph(
            spec.nodes, spec.neighbours, spec.rewired, tries=_MOST_TRIES, seed=spec.seed
        )
    except nx.NetworkXError:
        what = f"{_MOST_TRIES} small worlds, none of which has a way between all of its nodes"
        raise Unmade(Finding((*GRAPH, "neighbours"), what, "write more neighbours, or rewire fewer")) from None
    return graph


def _scale_free(spec: ScaleFree) -> Graph:
    """Return a graph of preferential attachment."""
    import networkx as nx

    if spec.links >= spec.nodes:
        what = f"{spec.links} links of each of {spec.nodes} nodes"
        raise Unmade(Finding((*GRAPH, "links"), what, f"write at most {spec.nodes - 1}"))
    check_size("links", spec.nodes, spec.nodes * spec.links)
    graph: Graph = nx.barabasi_albert_graph(spec.nodes, spec.links, seed=spec.seed)
    return graph


def _levels(sizes: Sequence[int], tiers: Sequence[str]) -> Graph:
    """Return as many nodes on each level, of the tiers that they suggest, and no links."""
    import networkx as nx

    graph: Graph = nx.Graph()
    for level, (first, size, tier) in enumerate(zip(_starts(sizes), sizes, tiers, strict=True)):
        graph.add_nodes_from(range(first, first + size), **{LEVEL: level, SUGGESTED: tier})
    return graph


def _starts(sizes: Sequence[int]) -> list[int]:
    return [sum(sizes[:level]) for level in range(len(sizes))]


def _tiers(levels: int) -> list[str]:
    """Return the tiers of the levels of a tree: those between the edges and the cloud are routers."""
    if levels == 2:
        return ["cloud", "device"]
    return ["cloud", *["router"] * (levels - 3), "edge", "device"]


def _hang_leaves(graph: Graph, hosts: Iterable[int], each: int) -> None:
    """Join each of *hosts* with its leaves, which are the last level."""
    first = next((node for node, tier in values(graph, SUGGESTED).items() if tier == "device"), 0)
    graph.add_edges_from((host, first + rank * each + leaf) for rank, host in enumerate(hosts) for leaf in range(each))


def check_size(key: str, nodes: int, links: int) -> None:
    """Raise Unmade for a graph that is too large, because of the value at *key*."""
    if nodes > MAX_NODES or links > MAX_LINKS:
        what = f"a graph of {nodes:,} nodes and {links:,} links"
        raise Unmade(Finding((*GRAPH, key), what, f"at most {MAX_NODES:,} and {MAX_LINKS:,} are made"))
