"""Plain graphs: node attributes are the keys of a node in a scenario, edge attributes those of a direction of a link.

Beside them a node may have `group`, the entry that it is a member of, and an edge `link`, the name of its link, and
`direction`, up or down.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from math import dist
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ddnnsim.scenario.finding import Unmade
from ddnnsim.topology.attributes import (
    METRES,
    ON_EARTH,
    PLACE,
    SAID,
    attribute_findings,
    degrees_of,
    known_of_edge,
    known_of_node,
    length_m,
    point_of,
)
from ddnnsim.topology.distances import Place, great_circle_m
from ddnnsim.topology.naming import names_of, said_of

if TYPE_CHECKING:
    import networkx as nx

    Graph: TypeAlias = nx.Graph[Any]
    Plain: TypeAlias = nx.DiGraph[str]

NodeT = TypeVar("NodeT", bound=Hashable)


def plain_graph(graph: Graph) -> Plain:
    """Return *graph* with names that nodes of a scenario can have, both directions of each edge, and known attributes.

    What is joined in one direction is joined in both. Of parallel edges the first counts, and loops are left out. A
    node is called by its attribute `name`, or `label`, or by itself. Places are longitudes and latitudes where a node
    has them, else what `pos` says; lengths are what an edge says, or from place to place: on the earth, or on a plane
    with so many `metres_per_unit`. All other attributes are left aside. Raises Unmade for known ones that are not what
    they may be.
    """
    import networkx as nx

    if findings := attribute_findings(graph):
        raise Unmade(*findings)
    names = names_of(graph)
    on_earth = any(degrees_of(attributes) for _, attributes in graph.nodes(data=True))
    scale = graph.graph.get("metres_per_unit")
    plain: Plain = nx.DiGraph()
    plain.graph[ON_EARTH] = on_earth
    for node, attributes in graph.nodes(data=True):
        place = degrees_of(attributes) if on_earth else point_of(attributes)
        known = {SAID: said_of(node, attributes)} | ({} if place is None else {PLACE: place})
        plain.add_node(names[node], **known_of_node(attributes), **known)
    one_way = [(names[a], names[b], attributes) for a, b, attributes in graph.edges(data=True) if a != b]
    there = [*one_way, *((b, a, _turned(attributes)) for a, b, attributes in one_way)]
    for a, b, attributes in there:
        if not plain.has_edge(a, b):
            plain.add_edge(a, b, **known_of_edge(attributes))
            metres = length_m(attributes)
            if metres is None:
                metres = _apart_m(plain.nodes[a].get(PLACE), plain.nodes[b].get(PLACE), on_earth, scale)
            if metres is not None:
                plain.edges[a, b][METRES] = metres
    return plain


def _turned(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of an edge for the way back."""
    other = {"up": "down", "down": "up"}
    return {**attributes, "direction": other.get(attributes.get("direction", ""))}


def _apart_m(a: Place | None, b: Place | None, on_earth: bool, metres_per_unit: float | None) -> float | None:
    """Return how far *a* is from *b*; None where nothing tells it."""
    if a is None or b is None:
        return None
    if on_earth:
        return great_circle_m(a, b)
    return None if metres_per_unit is None else float(metres_per_unit) * dist(a, b)


def values(graph: nx.Graph[NodeT], key: str) -> dict[NodeT, Any]:
    """Return by node of *graph* its attribute *key*; None where it has none."""
    return {node: attributes.get(key) for node, attributes in graph.nodes(data=True)}
