"""Names that must fit together: nodes, links and what is placed on nodes.

Every check reads raw data and passes over what has the wrong shape, so that all faults come at once;
what only follows from another fault is not reported.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .defaults import section
from .document import Keys
from .names import Entry, entries, is_name
from .wording import did_you_mean, listed


class Finding(NamedTuple):
    """A fault at a path of the data, at the key itself or at its value."""

    keys: Keys
    what: str
    instead: str = ""
    at_key: bool = False


def reference_findings(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with the names in *data* and with what they connect."""
    nodes = entries(data)
    yield from _names(data, nodes)
    if not nodes:
        return  # then every name would be unknown
    bad_links = list(_links(data, nodes))
    yield from bad_links
    bad_places = list(_places(data, nodes))
    yield from bad_places
    if not bad_links and not bad_places and all(entry.sure for entry in nodes.values()):
        yield from _ways(data, nodes)


def _names(data: dict[str, Any], nodes: dict[str, Entry]) -> Iterator[Finding]:
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


def _links(data: dict[str, Any], nodes: dict[str, Entry]) -> Iterator[Finding]:
    """Yield links with an end that is not there, from a node to itself, between groups, or given twice."""
    joined: dict[frozenset[str], str] = {}
    for name, link in section(data, "topology", "links").items():
        keys = ("topology", "links", name)
        ends = []
        for side in ("from", "to"):
            end = section(link).get(side)
            if isinstance(end, str):
                machines = _machines(end, nodes)
                ends.append((end, machines))
                if not machines:
                    known = _known(nodes, groups=True)
                    yield Finding((*keys, side), f"unknown node {end!r}", did_you_mean(end, known))
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


def _places(data: dict[str, Any], nodes: dict[str, Entry]) -> Iterator[Finding]:
    """Yield exits and replies on nodes that are not there, or on groups."""
    for keys in (("exits", "local", "at"), ("exits", "cloud", "at"), ("workload", "reply_to")):
        name = section(data, *keys[:-1]).get(keys[-1])
        if not isinstance(name, str):
            continue
        entry = nodes.get(name)
        if entry and entry.group:
            what = f"{name!r} is a group of {len(entry.machines)}, and one node is needed"
            yield Finding(keys, what, f"name a member such as {entry.machines[0]!r}")
        elif not _machines(name, nodes):
            yield Finding(keys, f"unknown node {name!r}", did_you_mean(name, _known(nodes, groups=False)))


def _ways(data: dict[str, Any], nodes: dict[str, Entry]) -> Iterator[Finding]:
    """Yield the devices, the cloud and the place of replies that no link leads to from the local exit."""
    exit_node = section(data, "exits", "local").get("at")
    if not isinstance(exit_node, str):
        return
    reached = _reached(exit_node, data, nodes)
    instead = "add a link"
    for name, entry in nodes.items():
        cut = [machine for machine in entry.machines if machine not in reached]
        if cut and entry.tier in ("device", "cloud"):
            whole = len(cut) == len(entry.machines) and entry.group
            who = f"no machine of {name!r} has" if whole else f"{listed(cut)} {_have(cut)} no"
            what = f"{who}{' a' if whole else ''} way to {exit_node!r}, where the local exit is"
            yield Finding(("topology", "nodes", name), what, instead, at_key=True)
    reply_to = section(data, "workload").get("reply_to")
    if isinstance(reply_to, str) and reply_to not in reached:
        what = f"{reply_to!r} has no way to {exit_node!r}, where the local exit is"
        yield Finding(("workload", "reply_to"), what, instead)


def _have(names: list[str]) -> str:
    return "has" if len(names) == 1 else "have"


def _reached(start: str, data: dict[str, Any], nodes: dict[str, Entry]) -> set[str]:
    """Return the machines that links lead to from *start*, breadth first."""
    beside: dict[str, list[str]] = {}
    for link in section(data, "topology", "links").values():
        ends = section(link)
        for a in _machines(ends.get("from"), nodes):
            for b in _machines(ends.get("to"), nodes):
                beside.setdefault(a, []).append(b)
                beside.setdefault(b, []).append(a)
    reached, waiting = {start}, deque([start])
    while waiting:
        fresh = set(beside.get(waiting.popleft(), ())) - reached
        reached |= fresh
        waiting.extend(sorted(fresh))
    return reached


def _machines(name: object, nodes: dict[str, Entry]) -> tuple[str, ...]:
    """Return the machines that *name* stands for: a group's, or the one of that name; none if unknown."""
    if not isinstance(name, str):
        return ()
    if name in nodes:
        return nodes[name].machines
    return (name,) if any(name in entry.machines for entry in nodes.values()) else ()


def _known(nodes: dict[str, Entry], groups: bool) -> Iterable[str]:
    """Return the names that may be meant: entries first, then members."""
    entry_names = [name for name, entry in nodes.items() if groups or not entry.group]
    return [*entry_names, *(m for entry in nodes.values() if entry.group for m in entry.machines)]
