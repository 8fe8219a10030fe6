"""Groups of devices: each device is in one, and each has an edge of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .configuration import Configuration
from .defaults import section
from .finding import Finding
from .names import (
    Entries,
    all_sure,
    device_groups,
    is_name,
    machines_named,
    machines_of_tier,
    placed_devices,
    tier_of_machines,
)
from .wording import listed

_PATH = ("placement", "groups")


def group_findings(data: dict[str, Any], nodes: Entries, configuration: Configuration) -> Iterator[Finding]:
    """Yield what is wrong with the groups of *data*; unknown nodes are for `references`."""
    if not isinstance(section(data, "placement").get("groups", {}), dict):
        return
    groups = section(data, *_PATH)
    if configuration.groups == "none":
        if groups:
            instead = "leave 'groups' out, or write configuration e or f"
            yield Finding(_PATH, f"{configuration} has no groups", instead, at_key=True)
        return
    yield from _names(groups)
    number = list(_number(groups, nodes, configuration))
    yield from number
    if groups and all_sure(nodes):
        members = [*_devices(data, nodes), *_edges(groups, nodes)]
        yield from members
        if not members and not number:
            yield from _left_over(data, nodes)


def _names(groups: dict[str, Any]) -> Iterator[Finding]:
    """Yield names that cannot be names."""
    for name in groups:
        if not is_name(name):
            yield Finding((*_PATH, name), f"{name!r} is not a name", "use letters, digits, '_' and '-'", at_key=True)


def _number(groups: dict[str, Any], nodes: Entries, configuration: Configuration) -> Iterator[Finding]:
    """Yield too few groups."""
    edges = machines_of_tier("edge", nodes)
    example = "write e.g. 'groups: {north: {devices: [camera1], edge: edge1}, ...}'"
    if configuration.groups == "all" and not groups:
        yield Finding(_PATH, f"'groups' is missing: {configuration} has groups of devices", example)
    elif configuration.groups == "all" and len(groups) == 1:
        what = f"one group, but {configuration} has two or more"
        yield Finding(_PATH, what, "add a group, or write configuration e", at_key=True)
    elif configuration.groups == "some" and not groups and len(edges) > 1 and all_sure(nodes):
        what = f"'groups' is missing: which devices does each of {len(edges)} edges serve"
        yield Finding(_PATH, what, f"{example}, or name the only one that does: 'edge: {edges[0]}'")


def _devices(data: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield what is no device, or is in a group already."""
    tiers = tier_of_machines(nodes)
    group_of: dict[str, str] = {}
    for group, keys, name in placed_devices(data):
        machines = machines_named(name, nodes)
        others = {tiers[machine] for machine in machines} - {"device"}
        taken = [machine for machine in machines if machine in group_of]
        if others:
            yield Finding(keys, f"{name!r} is of tier {listed(sorted(others))}, not device", "name devices")
        elif taken:
            what = f"{taken[0]!r} is in group {group_of[taken[0]]!r} already"
            yield Finding(keys, what, "a device is in one group, once")
        group_of |= dict.fromkeys(machines, group)


def _edges(groups: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield what is no edge, or another group's."""
    tiers = tier_of_machines(nodes)
    group_of: dict[str, str] = {}
    for group in groups:
        keys, edge = (*_PATH, group, "edge"), section(groups, group).get("edge")
        if not isinstance(edge, str) or edge not in tiers:
            continue
        if tiers[edge] != "edge":
            yield Finding(keys, f"{edge!r} is of tier {tiers[edge]}, not edge", "name an edge")
        elif edge in group_of:
            what = f"{edge!r} is the edge of group {group_of[edge]!r} already"
            yield Finding(keys, what, "give each group an edge of its own")
        group_of.setdefault(edge, group)


def _left_over(data: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield devices that are in no group; nothing where some name is missing or unknown."""
    edges = [section(group).get("edge") for group in section(data, *_PATH).values()]
    members = device_groups(data, nodes)
    if not all(members.values()) or not all(machines_named(edge, nodes) for edge in edges):
        return
    placed = {machine for machines in members.values() for machine in machines}
    left = [machine for machine in machines_of_tier("device", nodes) if machine not in placed]
    if left:
        verb = "is" if len(left) == 1 else "are"
        yield Finding(_PATH, f"{listed(left)} {verb} in no group", "every device is in one", at_key=True)
