"""The machines that a file names, read from data of whatever shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .data import MAX_VIEWS
from .defaults import is_count, names_said, section, spares
from .document import Keys
from .node import MAX_COUNT
from .topology import NAME

TIERS = ("device", "edge", "cloud", "gateway", "router")


class Entry(NamedTuple):
    """One entry of `topology.nodes`."""

    tier: str | None
    """None where the file does not say it rightly."""
    machines: tuple[str, ...]
    group: bool
    sure: bool
    """Whether tier and count can be trusted; if not, no fault should follow from them."""
    spares: frozenset[str] = frozenset()
    """Those of the machines that do nothing but stand in for others."""


Entries = dict[str, Entry]


def entries(data: dict[str, Any]) -> Entries:
    """Return the entries of `topology.nodes` in *data*; a faulty count stands for as many as there may be."""
    found = {}
    for name, node in section(data, "topology", "nodes").items():
        fields = section(node)
        tier, count = fields.get("tier"), fields.get("count")
        tier = tier if isinstance(tier, str) and tier in TIERS else None
        sound = count is None or is_count(count, MAX_COUNT)
        size = (count or 0) if sound else MAX_VIEWS
        machines = tuple(f"{name}{i}" for i in range(1, size + 1)) if count is not None else (name,)
        found[name] = Entry(tier, machines, count is not None, sound and tier is not None)
    spare = spares(data, tier_of_machines(found))
    return {name: entry._replace(spares=spare.intersection(entry.machines)) for name, entry in found.items()}


def all_sure(nodes: Entries) -> bool:
    """Return whether the tiers and counts of all *nodes* can be trusted."""
    return all(entry.sure for entry in nodes.values())


def machines_named(name: object, nodes: Entries) -> tuple[str, ...]:
    """Return the machines that *name* stands for: a group's, or the one of that name; none if unknown."""
    if not isinstance(name, str):
        return ()
    if name in nodes:
        return nodes[name].machines
    return (name,) if _is_member(name, nodes) else ()


def _is_member(name: str, nodes: Entries) -> bool:
    """Return whether *name* is that of a group and one of its numbers; no look through all members is needed."""
    digits = min(len(name) - len(name.rstrip("0123456789")), len(str(MAX_COUNT)))
    splits = ((name[:-length], name[-length:]) for length in range(1, digits + 1))
    return any(
        group in nodes and nodes[group].group and number[0] != "0" and int(number) <= len(nodes[group].machines)
        for group, number in splits
    )


def machines_of_tier(tier: str, nodes: Entries) -> tuple[str, ...]:
    """Return the machines of *tier*, in the order of the file, but for spares."""
    of_tier = [entry for entry in nodes.values() if entry.tier == tier]
    return tuple(machine for entry in of_tier for machine in entry.machines if machine not in entry.spares)


def tier_of_machines(nodes: Entries) -> dict[str, str]:
    """Return the tier of each machine of which it is known; a group's name is none."""
    return {machine: entry.tier for entry in nodes.values() if entry.sure and entry.tier for machine in entry.machines}


def known_names(nodes: Entries, groups: bool) -> Iterable[str]:
    """Return the names that may be meant: entries first, of *groups* too, then members."""
    entry_names = [name for name, entry in nodes.items() if groups or not entry.group]
    return [*entry_names, *(m for entry in nodes.values() if entry.group for m in entry.machines)]


class Placed(NamedTuple):
    """A name that a group of `placement.groups` gives for one or more of its devices."""

    group: str
    keys: Keys
    name: str


def placed_devices(data: dict[str, Any]) -> Iterator[Placed]:
    """Yield every name that the groups of *data* give for their devices."""
    for group, fields in section(data, "placement", "groups").items():
        for keys, name in names_said(("placement", "groups", group, "devices"), section(fields).get("devices")):
            yield Placed(group, keys, name)


def device_groups(data: dict[str, Any], nodes: Entries) -> dict[str, tuple[str, ...]]:
    """Return by group the machines that its devices stand for."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(section(data, "placement", "groups"), ())
    for placed in placed_devices(data):
        found[placed.group] += machines_named(placed.name, nodes)
    return found


def is_name(name: str) -> bool:
    """Return whether *name* can be a part of a path and of a file's name."""
    return re.fullmatch(NAME[1:-1], name) is not None
