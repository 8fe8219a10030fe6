"""Names that must fit together: nodes, links and what is placed on nodes.

Every check reads raw data and passes over what has the wrong shape, so that all faults come at once;
what only follows from another fault is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .defaults import section
from .document import Keys
from .finding import Finding
from .names import Entries, is_name, known_names, machines_named, placed_devices
from .wording import did_you_mean, listed


def name_findings(data: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield names that cannot be names, and members named like another machine."""
    for kind in ("nodes", "links"):
        for name in section(data, "topology", kind):
            if not is_name(name):
                what = f"{name!r} is not a name"
                yield Finding(("topology", kind, name), what, "use letters, digits, '_' and '-'", at_key=True)
    owner: dict[str, str] = {}
    for name, entry in nodes.items():
        for machine in {*entry.machines, name}:
            other = owner.setdefault(machine, name)
            if other != name:
                what = f"{machine!r} would name a machine of {name!r} and one of {other!r}"
                yield Finding(("topology", "nodes", name), what, "rename one of them", at_key=True)
                break


def link_findings(data: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield links with an end that is not there, from a node to itself, between groups, or given twice."""
    joined: dict[frozenset[str], str] = {}
    for name, link in section(data, "topology", "links").items():
        keys = ("topology", "links", name)
        ends = []
        for side in ("from", "to"):
            end = section(link).get(side)
            if isinstance(end, str):
                machines = machines_named(end, nodes)
                ends.append((end, machines))
                if not machines:
                    yield _unknown((*keys, side), end, nodes, groups=True)
        if len(ends) == 2 and ends[0][1] and ends[1][1]:
            yield from _pairs(name, ends, joined)


def _pairs(name: str, ends: list[tuple[str, tuple[str, ...]]], joined: dict[frozenset[str], str]) -> Iterator[Finding]:
    """Yield what is wrong with the pairs of machines that a link joins; note them in *joined*."""
    keys = ("topology", "links", name)
    (source, sources), (target, targets) = ends
    if set(sources) & set(targets):
        yield Finding((*keys, "to"), f"a link from {source!r} to itself", "name another node")
    elif len(sources) > 1 and len(targets) > 1:
        what = f"a link between two groups, {source!r} and {target!r}"
        yield Finding((*keys, "to"), what, "join a group to a single node")
    else:
        for pair in (frozenset((a, b)) for a in sources for b in targets):
            other = joined.setdefault(pair, name)
            if other != name:
                what = f"link {name!r} joins {listed(sorted(pair))}, and so does {other!r}"
                instead = "keep one; a link goes both ways"
                yield Finding(keys, what, instead, at_key=True)
                return


def place_findings(data: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield exits, groups and replies on nodes that are not there, or on several where one is needed."""
    for keys, name in _single_nodes(data):
        entry = nodes.get(name)
        if entry and entry.group:
            what = f"{name!r} is a group of {len(entry.machines)}, and one node is needed"
            yield Finding(keys, what, f"name a member such as {entry.machines[0]!r}")
        elif not machines_named(name, nodes):
            yield _unknown(keys, name, nodes, groups=False)
    for placed in placed_devices(data):
        if not machines_named(placed.name, nodes):
            yield _unknown(placed.keys, placed.name, nodes, groups=True)


def _single_nodes(data: dict[str, Any]) -> Iterator[tuple[Keys, str]]:
    """Yield every name that stands for one node, with its path."""
    places: list[tuple[Keys, object]] = []
    for exit_ in section(data, "exits"):
        at = section(data, "exits", exit_).get("at")
        places.append((("exits", exit_, "at"), at))
        places += [(("exits", exit_, "at", group), node) for group, node in section(at).items()]
    for group in section(data, "placement", "groups"):
        edge = section(data, "placement", "groups", group).get("edge")
        places.append((("placement", "groups", group, "edge"), edge))
    for tier in ("edge", "cloud"):
        places.append((("placement", tier), section(data, "placement").get(tier)))
    places.append((("workload", "reply_to"), section(data, "workload").get("reply_to")))
    yield from ((keys, name) for keys, name in places if isinstance(name, str))


def _unknown(keys: Keys, name: str, nodes: Entries, *, groups: bool) -> Finding:
    """Return the finding that *name* is no node."""
    return Finding(keys, f"unknown node {name!r}", did_you_mean(name, known_names(nodes, groups=groups)))
