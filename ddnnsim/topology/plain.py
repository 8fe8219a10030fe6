"""Plain graphs: node attributes are the keys of a node in a scenario, edge attributes those of a direction of a link.

Beside them a node may have `group`, the entry that it is a member of, and an edge `link`, the name of its link, and
`direction`, up or down. While a graph is made nodes have a `level`, a `suggested` tier and a `place`, too, and edges
`metres`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ddnnsim.scenario import Link, Node
from ddnnsim.topology.distances import Place, great_circle_m, on_earth

if TYPE_CHECKING:
    import networkx as nx

    Graph: TypeAlias = nx.Graph[Any]
    Plain: TypeAlias = nx.DiGraph[str]

NodeT = TypeVar("NodeT", bound=Hashable)
NODE_KEYS = frozenset(field.alias or name for name, field in Node.model_fields.items()) - {"count"} | {"group"}
LINK_KEYS = (
    frozenset(field.alias or name for name, field in Link.model_fields.items()) - {"from", "to"}
    | {"preset", "link", "direction"}
)  # fmt: skip
_PLACES = (("Longitude", "Latitude"), ("longitude", "latitude"), ("lon", "lat"))


def plain_graph(graph: Graph) -> Plain:
    """Return *graph* with names that nodes of a scenario can have, both directions of each edge, and known attributes.

    What is joined in one direction is joined in both. Of parallel edges the first counts, and loops are left out. A
    node is called by its attribute `name`, or `label`, or by itself. A place is where `pos`, or longitude and
    latitude, say; lengths are `metres`, `dist` in km, or from place to place. All other attributes are left aside.
    """
    import networkx as nx

    plain: Plain = nx.DiGraph()
    names = _names(graph)
    for node, attributes in graph.nodes(data=True):
        plain.add_node(names[node], **_known_of_node(attributes))
    one_way = [(names[a], names[b], attributes) for a, b, attributes in graph.edges(data=True) if a != b]
    there = [*one_way, *((b, a, _turned(attributes)) for a, b, attributes in one_way)]
    for a, b, attributes in there:
        if not plain.has_edge(a, b):
            plain.add_edge(a, b, **{key: value for key, value in attributes.items() if key in LINK_KEYS})
            if (metres := _metres(attributes, plain.nodes[a].get("place"), plain.nodes[b].get("place"))) is not None:
                plain.edges[a, b]["metres"] = metres
    return plain


def _turned(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of an edge for the way back."""
    other = {"up": "down", "down": "up"}
    return {**attributes, "direction": other[attributes["direction"]]} if "direction" in attributes else {**attributes}


def _known_of_node(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known here of the *attributes* of a node."""
    known = {key: value for key, value in attributes.items() if key in NODE_KEYS or key in ("level", "suggested")}
    place = attributes.get("place", attributes.get("pos"))
    for east, north in _PLACES:
        if place is None and east in attributes and north in attributes:
            place = attributes[east], attributes[north]
    if place is not None and len(place) == 2 and all(_is_number(one) for one in place):
        known["place"] = tuple(map(float, place))
    return known


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _metres(attributes: Mapping[str, Any], a: Place | None, b: Place | None) -> float | None:
    """Return the length of an edge; None where nothing tells it."""
    if "metres" in attributes:
        return float(attributes["metres"])
    if _is_number(attributes.get("dist")):
        return 1000 * float(attributes["dist"])
    if a is not None and b is not None and on_earth(a) and on_earth(b):
        return great_circle_m(a, b)
    return None


def _names(graph: Graph) -> dict[Any, str]:
    """Return a name for each node of *graph*; second ones of a name get a number."""
    names: dict[Any, str] = {}
    taken: set[str] = set()
    for node, attributes in graph.nodes(data=True):
        said = next((attributes[key] for key in ("name", "label") if isinstance(attributes.get(key), str)), str(node))
        names[node] = free_name(_as_name(said) or _as_name(str(node)) or "node", taken)
    return names


def _as_name(text: str) -> str:
    """Return *text* as a name: letters without accents, and '_' for what cannot be in one."""
    bare = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "_", bare).strip("_-")


def free_name(name: str, taken: set[str]) -> str:
    """Return *name*, or with the first number from 2 that no other has, and take it."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free


def values(graph: nx.Graph[NodeT], key: str) -> dict[NodeT, Any]:
    """Return by node of *graph* its attribute *key*; None where it has none."""
    return {node: attributes.get(key) for node, attributes in graph.nodes(data=True)}
