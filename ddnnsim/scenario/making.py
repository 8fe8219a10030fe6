"""From a topology that names a graph to one that is written out: nodes, links, and cells of devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeAlias

from .cells import cells
from .complaints import schema_findings
from .configuration import configuration_of
from .defaults import section
from .document import Raw
from .finding import Finding, Unmade
from .link import Link
from .names import entries
from .node import MAX_COUNT, Node
from .recipe import DISTANCE, RECIPE_KEYS, Recipe
from .references import link_findings
from .ways import islands
from .wording import did_you_mean, listed

Written: TypeAlias = Mapping[str, Raw]
Make = Callable[[Recipe, Written], tuple[dict[str, Raw], dict[str, Raw]]]
"""What makes the nodes and the links of a recipe, as a file would have them; those that are written change nodes of
their name. Raises Unmade."""
GRAPH = ("topology", "graph")
_TIERS = ("device", "gateway", "router", "edge", "cloud")
_PARTS_SHOWN, _NAMES_SHOWN = 4, 3


def unmade(recipe: Recipe, written: Written) -> tuple[dict[str, Raw], dict[str, Raw]]:
    """Make nothing: there are no graphs where this is asked."""
    raise Unmade(Finding(GRAPH, "a graph that is not made yet", "load it with ddnnsim.load"))


def names_a_graph(data: Raw) -> bool:
    """Return whether the topology of *data* is to be made."""
    return "graph" in section(data, "topology")


def recipe_in(data: Raw) -> dict[str, Raw] | None:
    """Return what the topology of *data* is to be made from, as it is said; None where it is written out."""
    if not names_a_graph(data):
        return None
    said = section(data, "topology")
    return deepcopy({key: said[key] for key in RECIPE_KEYS if said.get(key) is not None})


def with_made(data: dict[str, Any], make: Make) -> dict[str, Any]:
    """Return *data* with nodes and links in the place of the graph that they name, and cells as groups.

    Raises Unmade with all that is wrong with it.
    """
    topology = section(data, "topology")
    said = recipe_in(data) or {}
    findings = [Finding(("topology", *found.keys), *found[1:]) for found in recipe_findings(said)]
    if findings:
        raise Unmade(*findings)
    written = {kind: section(topology, kind) for kind in ("nodes", "links")}
    nodes, links = make(Recipe.model_validate(said), written["nodes"])
    strangers = [*_strangers("nodes", written, nodes), *_strangers("links", written, links)]
    if strangers:
        raise Unmade(*strangers)
    rest = {key: value for key, value in topology.items() if key not in RECIPE_KEYS}
    both = {"nodes": _changed(nodes, topology.get("nodes")), "links": _changed(links, topology.get("links"))}
    made = data | {"topology": rest | both}
    if findings := [*_crowd(made["topology"]["nodes"]), *_apart(made)]:
        raise Unmade(*findings)
    return _with_groups(made)


def recipe_findings(said: dict[str, Raw]) -> Iterator[Finding]:
    """Yield what is wrong with the keys of a recipe, by the shapes of their values, and with its defaults."""
    yield from schema_findings(said, Recipe)
    defaults = section(said, "defaults")
    for tier in _TIERS:
        yield from _node_findings(("defaults", tier), section(defaults, tier), tier)
    yield from _link_findings(("defaults", "link"), section(defaults, "link"))
    for tier, link in section(defaults, "link_from").items():
        yield from _link_findings(("defaults", "link_from", tier), section(link))


def without_graph(data: dict[str, Any]) -> dict[str, Any]:
    """Return *data* with no nodes and links in the place of a graph, for what can be said of the rest of it."""
    topology = {key: value for key, value in section(data, "topology").items() if key not in RECIPE_KEYS}
    return data | {"topology": topology | {"nodes": {}, "links": {}}}


def made_by_graph(finding: Finding, data: Raw) -> Finding:
    """Return *finding* at the graph, if it is about what that has made, and *data*, as written, do not have."""
    keys = finding.keys
    if not names_a_graph(data):
        return finding
    if keys[:2] == ("placement", "groups") and not section(data, "placement", "groups"):
        return finding._replace(keys=GRAPH, at_key=True)
    if len(keys) < 3 or keys[0] != "topology" or keys[1] not in ("nodes", "links"):
        return finding
    if keys[2] in section(data, "topology", str(keys[1])):
        return finding
    what = f"{keys[1][:-1] if isinstance(keys[1], str) else ''} {keys[2]!r}, which it makes: {finding.what}"
    return finding._replace(keys=GRAPH, what=what, at_key=True)


def _strangers(kind: str, written: Mapping[str, Written], made: Mapping[str, Raw]) -> Iterator[Finding]:
    """Yield what is *written* to change something of *kind* that is not made."""
    noun, *needed = ("node", "tier") if kind == "nodes" else ("link", "from", "to")
    for name, fields in written[kind].items():
        if name not in made and isinstance(fields, dict) and not fields.keys() & {*needed}:
            turned = "-".join(reversed(name.split("-")))
            guess = f"did you mean {turned!r}?" if turned in made else did_you_mean(name, made)
            what = f"the graph makes no {noun} {name!r}, and a new one needs {listed(needed)}"
            yield Finding(("topology", kind, name), what, guess, at_key=True)


def _changed(made: Mapping[str, Raw], written: Raw) -> Raw:
    """Return what is *made* with what is *written* in its place, key by key, and beside it."""
    if written is not None and not isinstance(written, dict):
        return written
    entries = dict(made)
    for name, fields in (written or {}).items():
        known = entries.get(name)
        entries[name] = known | fields if isinstance(known, dict) and isinstance(fields, dict) else fields
    return entries


def _node_findings(keys: tuple[str, ...], node: dict[str, Raw], tier: str) -> Iterator[Finding]:
    """Yield what is wrong with keys of a node."""
    for key in node.keys() & {"tier", "count"}:
        yield Finding((*keys, key), f"{key!r} has no place among defaults", "leave it out", at_key=True)
    given = {key: value for key, value in node.items() if key not in ("tier", "count")}
    for found in schema_findings({"tier": tier} | given, Node):
        yield found._replace(keys=(*keys, *found.keys))


def _link_findings(keys: tuple[str, ...], link: dict[str, Raw]) -> Iterator[Finding]:
    """Yield what is wrong with keys of a link."""
    for key in link.keys() & {"from", "to"}:
        yield Finding((*keys, key), f"{key!r} has no place among defaults", "the graph says it", at_key=True)
    given = {key: value for key, value in link.items() if key not in ("from", "to", "preset")}
    if given.get("delay") == DISTANCE:
        del given["delay"]
    for found in schema_findings({"from": "a", "to": "b"} | given, Link):
        yield found._replace(keys=(*keys, *found.keys))


def _crowd(nodes: Mapping[str, Raw]) -> Iterator[Finding]:
    """Yield that *nodes* have more devices than there can be."""
    devices = (node for node in nodes.values() if isinstance(node, dict) and node.get("tier") == "device")
    counts = [1 if device.get("count") is None else device["count"] for device in devices]
    if all(isinstance(count, int) for count in counts) and sum(counts) > MAX_COUNT:
        yield Finding(GRAPH, f"it makes {sum(counts):,} devices", f"let it make at most {MAX_COUNT:,}", at_key=True)


def _apart(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield that the nodes of *data* are in several parts; nothing where a link has a fault of its own."""
    nodes = entries(data)
    if any(link_findings(data, nodes)):
        return
    parts = list({id(part): part for part in islands(data, nodes).values()}.values())
    if len(parts) > 1:
        shown = "; ".join(_part(part) for part in sorted(parts, key=len, reverse=True)[:_PARTS_SHOWN])
        more = "" if len(parts) <= _PARTS_SHOWN else "; ..."
        what = f"the graph is in {len(parts)} parts that no link joins: {shown}{more}"
        yield Finding(GRAPH, what, "join them by links under 'links'", at_key=True)


def _part(part: set[str]) -> str:
    """Return the first names of a part, and how many there are."""
    names = sorted(part)
    return listed(names) if len(names) <= _NAMES_SHOWN else f"{', '.join(names[:_NAMES_SHOWN])}, ... ({len(names)})"


def _with_groups(data: dict[str, Any]) -> dict[str, Any]:
    """Return *data* with a group for the cell of each edge, where there are several edges and no groups are written.

    Local exits that are to be in each group are on its edge then.
    """
    configuration, said = configuration_of(data), section(data, "placement")
    one_edge = "edge" in said or "edge" in section(said, "search", "of")
    if configuration is None or configuration.groups == "none" or "groups" in said or one_edge:
        return data
    found = cells(data)
    if configuration.groups == "some" and len(found) < 2:
        return data
    groups = {edge: {"devices": devices, "edge": edge} for edge, devices in found.items() if devices}
    made = data | {"placement": said | {"groups": groups}}
    local = section(data, "exits").get("local")
    if configuration.groups == "all" and isinstance(local, dict) and local.get("at") is None:
        made["exits"] = data["exits"] | {"local": local | {"at": {edge: edge for edge in groups}}}
    return made
