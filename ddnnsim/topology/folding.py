"""From a plain graph to nodes and links as a file has them: groups where members are alike, links both ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ddnnsim.scenario import Link
from ddnnsim.scenario.direction import is_directed
from ddnnsim.scenario.finding import Finding, Unmade
from ddnnsim.scenario.making import GRAPH
from ddnnsim.scenario.wording import given, listed
from ddnnsim.topology.attributes import WHILE_MADE
from ddnnsim.topology.defaults import TIERS
from ddnnsim.topology.naming import free_name
from ddnnsim.topology.plain import values

if TYPE_CHECKING:
    from ddnnsim.topology.plain import Plain

DIRECTED = ("rate", "delay", "jitter", "loss", "trace")
"""Keys of a link that may differ by direction."""
DEFAULTS: Mapping[str, object] = {
    key: value
    for key, value in Link.model_validate({"from": "a", "to": "b"}).model_dump(by_alias=True, exclude_none=True).items()
    if key not in ("from", "to")
} | {"jitter": "0 ms", "loss": "0 %"}
"""What a direction of a link has that does not say it."""
_SHOWN = 3
_OTHER = {"up": "down", "down": "up"}
Fields = dict[str, Any]


class _Pair(NamedTuple):
    """Two nodes that are joined, and by what."""

    source: str
    target: str
    name: str | None
    """Where the graph gives one."""
    fields: Fields


def fold(plain: Plain) -> tuple[dict[str, Fields], dict[str, Fields]]:
    """Return the nodes and the links of *plain*, as a file has them.

    Nodes with a `group` are one entry with a count if they are alike and called GROUP1, GROUP2, ... Links of such a
    group to one node are one link if they are alike. A link leads from the lower tier to the higher, or from the node
    that stands first, unless `direction` tells it; it is called FROM-TO unless `link` does. Raises Unmade where the
    two directions of a link say what both must have in common.
    """
    groups = {name: group for name, group in values(plain, "group").items() if group and group not in plain}
    sizes, whole = Counter(groups.values()), _whole_groups(plain, groups)
    nodes: dict[str, Fields] = {}
    for name, node in plain.nodes(data=True):
        fields = {key: value for key, value in _written(node).items() if key != "tier"}
        tier = {"tier": node.get("tier")}
        if groups.get(name) not in whole:
            nodes[name] = tier | fields
        elif groups[name] not in nodes:
            nodes[groups[name]] = tier | {"count": sizes[groups[name]]} | fields
    return nodes, _links(list(_pairs(plain)), groups, {name: node.get("count", 1) for name, node in nodes.items()})


def _whole_groups(plain: Plain, groups: Mapping[str, str]) -> set[str]:
    """Return those of *groups*, by member, that can be one entry."""
    members: dict[str, list[str]] = {}
    for name, group in groups.items():
        members.setdefault(group, []).append(name)
    return {group for group, names in members.items() if _alike(plain, group, names)}


def _alike(plain: Plain, group: str, names: list[str]) -> bool:
    """Return whether *names* are those of the members of *group*, and all have the same."""
    right = names == [f"{group}{number}" for number in range(1, len(names) + 1)]
    return right and all(_written(plain.nodes[name]) == _written(plain.nodes[names[0]]) for name in names)


def _written(node: Fields) -> Fields:
    """Return what an entry of *node* has."""
    return {key: value for key, value in node.items() if key != "group" and key not in WHILE_MADE}


def _pairs(plain: Plain) -> Iterator[_Pair]:
    """Yield the nodes that are joined, once each, in the order of the edges."""
    ranks = {name: TIERS.index(tier) if tier in TIERS else 0 for name, tier in values(plain, "tier").items()}
    numbers = {name: number for number, name in enumerate(plain)}
    for a, b, there in plain.edges(data=True):
        if numbers[a] < numbers[b]:
            way, back = there.get("direction"), _OTHER.get(plain.edges[b, a].get("direction", ""))
            if way and back and way != back:
                what = f"both edges between {a!r} and {b!r} have the 'direction' {way!r}"
                raise Unmade(Finding(GRAPH, what, "write it of one"))
            way = way or back
            turned = way == "down" if way else ranks[a] > ranks[b]
            source, target = (b, a) if turned else (a, b)
            fields = _joined(source, target, plain.edges[source, target], plain.edges[target, source])
            yield _Pair(source, target, fields.pop("link", None), fields)


def _joined(source: str, target: str, up: Fields, down: Fields) -> Fields:
    """Return what a link has, of what its directions have; one that lacks a key has its default.

    Raises Unmade where they differ in what both must have in common.
    """
    fields: Fields = {}
    for key in {**up, **down}:
        if key == "direction":
            continue
        there, back = (side.get(key, DEFAULTS.get(key)) for side in (up, down))
        if there == back or (key == "link" and None in (there, back)):
            fields[key] = back if there is None else there
        elif key in DIRECTED and there is not None and back is not None:
            fields[key] = {"up": value_of(there, "up"), "down": value_of(back, "down")}
        elif key == "steps" and _in_step(there, back):
            fields[key] = [_step(one, other) for one, other in zip(there, back, strict=True)]
        else:
            said = f"{_said(there)} from {source!r} to {target!r}, {_said(back)} back"
            what = f"{key!r} of the link between {source!r} and {target!r} differs by direction: {said}"
            raise Unmade(Finding(GRAPH, what, "give both edges the same"))
    return fields


def _said(value: object) -> str:
    """Return *value* as a fault has it."""
    return "nothing" if value is None else given(value)


def value_of(value: Any, direction: str) -> Any:  # noqa: ANN401
    """Return *value*, as a file has it, or what it says of *direction*."""
    return value[direction] if is_directed(value) and direction in value else value


def _in_step(there: object, back: object) -> bool:
    """Return whether steps of two directions are of the same times and keys."""
    if not (isinstance(there, list) and isinstance(back, list) and len(there) == len(back)):
        return False
    return all(
        isinstance(one, Mapping) and isinstance(other, Mapping)
        and one.keys() == other.keys() and one.get("at") == other.get("at")
        for one, other in zip(there, back, strict=True)
    )  # fmt: skip


def _step(up: Mapping[str, Any], down: Mapping[str, Any]) -> Fields:
    return {
        key: up[key] if up[key] == down[key] else {"up": value_of(up[key], "up"), "down": value_of(down[key], "down")}
        for key in up
    }


def _links(pairs: list[_Pair], groups: Mapping[str, str], counts: Mapping[str, int]) -> dict[str, Fields]:
    """Return the links of *pairs*, those of a group together where that is one entry, with a count, and they are alike.

    *groups* are by member; what is no entry of *counts* is no group after all. Raises Unmade for a medium that several
    links would share, if they were not told apart.
    """
    bundles: dict[tuple[str, str, str | None], list[_Pair]] = {}
    for pair in pairs:
        ends = groups.get(pair.source, pair.source), groups.get(pair.target, pair.target)
        bundles.setdefault((*ends, pair.name), []).append(pair)
    links: dict[str, _Pair] = {}
    taken: set[str] = set()
    for (source, target, said), bundle in bundles.items():
        if _whole(source, target, bundle, counts):
            bundle = [bundle[0]._replace(source=source, target=target)]
        elif len(bundle) > 1 and any(map(_shares, bundle)):
            what = f"links between {source!r} and {target!r} share a medium, but they or their nodes differ"
            raise Unmade(Finding(GRAPH, what, "write 'medium: dedicated' among the defaults, or make them equal"))
        links |= {free_name(said or f"{pair.source}-{pair.target}", taken): pair for pair in bundle}
    _check_cells(links)
    return {name: {"from": pair.source, "to": pair.target} | pair.fields for name, pair in links.items()}


def _shares(pair: _Pair) -> bool:
    return pair.fields.get("medium") == "shared"


def _check_cells(links: Mapping[str, _Pair]) -> None:
    """Raise Unmade for *links* that share a medium in one place and are several, which would be as many channels.

    One place is a node, or, where edges say their `link`, all that say the same.
    """
    cells: dict[tuple[str, str], list[str]] = {}
    for name, pair in links.items():
        if _shares(pair):
            places = [("link", pair.name)] if pair.name else [("node", pair.source), ("node", pair.target)]
            for place in places:
                cells.setdefault(place, []).append(name)
    for (kind, cell), names in cells.items():
        if len(names) > 1:
            shown = names if len(names) <= _SHOWN else [*names[:_SHOWN], f"{len(names) - _SHOWN} more"]
            where = f"meet in node {cell!r}" if kind == "node" else f"are {cell!r}"
            what = f"links {listed(shown)} {where} and share a medium, but only those of a group are one channel"
            instead = "write 'medium: dedicated' among the defaults, or make their nodes a group"
            raise Unmade(Finding(GRAPH, what, instead))


def _whole(source: str, target: str, bundle: list[_Pair], counts: Mapping[str, int]) -> bool:
    """Return whether *bundle* is what a link between *source* and *target* makes, one of which may be a group."""
    ends = counts.get(source, 0), counts.get(target, 0)
    return 1 in ends and len(bundle) == ends[0] * ends[1] and all(pair.fields == bundle[0].fields for pair in bundle)
