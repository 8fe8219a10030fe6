"""Attributes of a graph: which are known here, what they may be, and what a graph has beside them while it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, get_args

from ddnnsim.scenario import Link, Node, Tier
from ddnnsim.scenario.finding import Finding
from ddnnsim.scenario.making import GRAPH
from ddnnsim.scenario.recipe import MAX_COORDINATE
from ddnnsim.scenario.wording import did_you_mean, given
from ddnnsim.topology.distances import Place

if TYPE_CHECKING:
    import networkx as nx

    Graph: TypeAlias = nx.Graph[Any]

NODE_KEYS = frozenset(field.alias or name for name, field in Node.model_fields.items()) - {"count"} | {"group"}
LINK_KEYS = (
    frozenset(field.alias or name for name, field in Link.model_fields.items()) - {"from", "to"}
    | {"preset", "link", "direction"}
)  # fmt: skip

LEVEL, SUGGESTED, PLACE, SAID = "ddnnsim level", "ddnnsim suggested", "ddnnsim place", "ddnnsim said"
"""Of nodes while a graph is made: the level, the tier that it suggests, where it is, and its name as it was."""
METRES = "ddnnsim metres"
"""Of edges while a graph is made: the length."""
ON_EARTH = "ddnnsim on earth"
"""Of a graph while it is made: whether places are longitudes and latitudes, or else points of a plane."""
WHILE_MADE = frozenset((LEVEL, SUGGESTED, PLACE, SAID, METRES))

_DEGREES = (("Longitude", "Latitude"), ("longitude", "latitude"), ("lon", "lat"))
_TIERS = get_args(Tier)


class _Kind(NamedTuple):
    """What a known attribute may be."""

    holds: Callable[[Any], bool]
    instead: str


class _Wrong(NamedTuple):
    """An attribute that is not what it may be."""

    key: str
    whose: str
    value: object
    instead: str


def _is_number(value: object) -> bool:
    number: Any = value
    return isinstance(value, Real) and not isinstance(value, bool) and bool(abs(number) <= MAX_COORDINATE)


def _numbers(value: object) -> tuple[float, ...]:
    """Return the numbers in *value*, a list or an array of them; none for anything else."""
    try:
        items = tuple(value) if isinstance(value, Iterable) else ()
    except TypeError:  # an array without dimensions
        return ()
    return tuple(map(float, items)) if all(map(_is_number, items)) else ()


def _is_text(value: object) -> bool:
    return isinstance(value, str)


_OF_NODES = {
    "tier": _Kind(lambda value: isinstance(value, str) and value in _TIERS, ""),
    "group": _Kind(_is_text, "write the name of the entry that it is a member of"),
    "pos": _Kind(lambda value: len(_numbers(value)) == 2, "write two numbers"),
    **{east: _Kind(lambda value: _is_number(value) and abs(value) <= 180, "write degrees") for east, _ in _DEGREES},
    **{north: _Kind(lambda value: _is_number(value) and abs(value) <= 90, "write degrees") for _, north in _DEGREES},
}
_OF_EDGES = {
    "direction": _Kind(lambda value: isinstance(value, str) and value in ("up", "down"), "write up or down"),
    "link": _Kind(_is_text, "write the name of the link"),
    "dist": _Kind(lambda value: _is_number(value) and value >= 0, "write a length in km"),
}
_OF_GRAPHS = {
    "links": _Kind(lambda value: isinstance(value, list | tuple) and all(map(_is_text, value)), "write names of links"),
    "metres_per_unit": _Kind(lambda value: _is_number(value) and value > 0, "write a number of metres"),
}


def attribute_findings(graph: Graph) -> list[Finding]:
    """Return known attributes of *graph* that are not what they may be: for each key the first, and how many more."""
    by_key: dict[str, list[_Wrong]] = {}
    for wrong in _wrong(graph):
        by_key.setdefault(wrong.key, []).append(wrong)
    return [_finding(first, len(more)) for first, *more in by_key.values()]


def _wrong(graph: Graph) -> Iterator[_Wrong]:
    yield from _wrong_of("the graph", graph.graph, _OF_GRAPHS)
    for node, attributes in graph.nodes(data=True):
        yield from _wrong_of(f"node {str(node)!r}", attributes, _OF_NODES)
    for a, b, attributes in graph.edges(data=True):
        yield from _wrong_of(f"the edge between {str(a)!r} and {str(b)!r}", attributes, _OF_EDGES)


def _wrong_of(whose: str, attributes: Mapping[str, Any], kinds: Mapping[str, _Kind]) -> Iterator[_Wrong]:
    for key, kind in kinds.items():
        value = attributes.get(key)
        if value is not None and not kind.holds(value):
            yield _Wrong(key, whose, value, kind.instead)


def _finding(wrong: _Wrong, more: int) -> Finding:
    what = f"{wrong.key!r} of {wrong.whose} is {given(wrong.value)}{f', and {more} more are like it' if more else ''}"
    return Finding(GRAPH, what, wrong.instead or did_you_mean(wrong.value, _TIERS))


def known_of_node(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known here of the *attributes* of a node, but its place."""
    return _known(attributes, NODE_KEYS | WHILE_MADE, _OF_NODES)


def known_of_edge(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known here of the *attributes* of an edge, but its length."""
    return _known(attributes, LINK_KEYS, _OF_EDGES)


def _known(attributes: Mapping[str, Any], keys: frozenset[str], kinds: Mapping[str, _Kind]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if key in keys and (value is not None or key not in kinds)}


def degrees_of(attributes: Mapping[str, Any]) -> Place | None:
    """Return the longitude and latitude of a node; None where it has none."""
    for east, north in _DEGREES:
        if attributes.get(east) is not None and attributes.get(north) is not None:
            return float(attributes[east]), float(attributes[north])
    return None


def point_of(attributes: Mapping[str, Any]) -> Place | None:
    """Return where a node is on a plane; None where it has no `pos`."""
    return None if attributes.get("pos") is None else _numbers(attributes["pos"])


def length_m(attributes: Mapping[str, Any]) -> float | None:
    """Return the length that an edge says; None where it says none."""
    if METRES in attributes:
        return float(attributes[METRES])
    return None if attributes.get("dist") is None else 1000 * float(attributes["dist"])
