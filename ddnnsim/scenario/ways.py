"""Ways between the nodes that have something to say to one another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from .configuration import Configuration
from .defaults import section
from .finding import Finding
from .names import Entries, device_groups, machines_named, machines_of_tier
from .wording import listed

Islands = dict[str, set[str]]
"""By machine, the machines that links join it with, itself included; those of one island share a set."""


class _Way(NamedTuple):
    """A way that must be there from each of some machines to one."""

    sources: frozenset[str]
    target: str
    what: str
    """What is at the target, such as 'the local exit is'."""


def way_findings(data: dict[str, Any], nodes: Entries, configuration: Configuration) -> Iterator[Finding]:
    """Yield the nodes from which no link leads where their scores, features or answers go.

    *data* name no unknown node. A way that is told to be missing counts as there for those after it.
    """
    joined = islands(data, nodes)
    ranks = {machine: rank for rank, machine in enumerate(joined)}
    owners = {machine: name for name, entry in nodes.items() for machine in entry.machines}
    for way in _ways(data, nodes, configuration):
        away = [machine for machine in way.sources if way.target not in joined[machine]]
        for name, group in groupby(sorted(away, key=ranks.__getitem__), key=owners.__getitem__):
            entry, cut = nodes[name], [machine for machine in group if way.target not in joined[machine]]
            if cut:
                whole = len(cut) == len(entry.machines) and entry.group
                have = "has" if len(cut) == 1 else "have"
                who = f"no machine of {name!r} has a" if whole else f"{listed(cut)} {have} no"
                what = f"{who} way to {way.target!r}, where {way.what}"
                yield Finding(("topology", "nodes", name), what, "add a link", at_key=True)
            for machine in cut:
                _join(joined, machine, way.target)
    yield from _reply(data, joined)


def _reply(data: dict[str, Any], joined: Islands) -> Iterator[Finding]:
    """Yield a place of replies that no answer comes to."""
    reply_to, cloud = section(data, "workload").get("reply_to"), section(data, "exits", "cloud").get("at")
    if isinstance(reply_to, str) and isinstance(cloud, str) and reply_to not in joined[cloud]:
        what = f"{reply_to!r} has no way to {cloud!r}, where the cloud exit is"
        yield Finding(("workload", "reply_to"), what, "add a link")


def _ways(data: dict[str, Any], nodes: Entries, configuration: Configuration) -> Iterator[_Way]:
    """Yield the ways that must be there, from the bottom up; those to nodes that are not there are left out."""
    devices, edges, clouds = (frozenset(machines_of_tier(tier, nodes)) for tier in ("device", "edge", "cloud"))
    groups = {group: frozenset(machines) for group, machines in device_groups(data, nodes).items()}
    local, edge = (section(data, "exits", name).get("at") for name in ("local", "edge"))
    if isinstance(local, str):
        yield _Way(devices, local, "the local exit is")
    for group, node in section(local).items():
        if isinstance(node, str):
            yield _Way(groups.get(group, frozenset()), node, f"the local exit of {group!r} is")
    for group, members in groups.items():
        own = section(data, "placement", "groups", group).get("edge")
        if isinstance(own, str):
            yield _Way(members, own, "features go")
    if "edge" in configuration.levels:
        if not groups and len(edges) == 1:
            yield _Way(devices, min(edges), "features go")
        if isinstance(edge, str):
            yield _Way(edges, edge, "the edge exit is")
    if len(clouds) == 1:
        what = "views go" if configuration.exits == ("cloud",) else "features go"
        yield _Way(edges if "edge" in configuration.levels else devices, min(clouds), what)


def islands(data: dict[str, Any], nodes: Entries) -> Islands:
    """Return which machines links join."""
    joined: Islands = {machine: {machine} for entry in nodes.values() for machine in entry.machines}
    for link in section(data, "topology", "links").values():
        for source in machines_named(section(link).get("from"), nodes):
            for target in machines_named(section(link).get("to"), nodes):
                _join(joined, source, target)
    return joined


def _join(islands: Islands, a: str, b: str) -> None:
    """Make one island of those of *a* and *b*."""
    small, large = sorted((islands[a], islands[b]), key=len)
    if small is not large:
        large |= small
        islands |= dict.fromkeys(small, large)
