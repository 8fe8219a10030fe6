"""Cells: the devices that are nearer to an edge than to any other."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from .defaults import section, sound_duration_ns
from .direction import by_direction
from .names import Entries, entries, machines_named, machines_of_tier
from .presets import with_preset

Neighbours = dict[str, list[tuple[str, int]]]


def cells(data: dict[str, Any]) -> dict[str, list[str]]:
    """Return by edge the devices of its cell: whole groups by their name, the others by their own.

    A device is of the edge to which the delays are least, then the hops; of equals the edge that stands first in
    *data*. Delays are those at the start, from the device up. Devices that no edge can be reached from are left out.
    """
    nodes = entries(data)
    edges = machines_of_tier("edge", nodes)
    nearest = _nearest(edges, _neighbours(data, nodes))
    found: dict[str, list[str]] = {edge: [] for edge in edges}
    for name, entry in nodes.items():
        if entry.tier != "device":
            continue
        own = [nearest.get(machine) for machine in entry.machines if machine not in entry.spares]
        if len(set(own)) == 1 and own[0] is not None:
            found[edges[own[0]]].append(name)
            continue
        for machine, edge in zip(entry.machines, own, strict=True):
            if edge is not None:
                found[edges[edge]].append(machine)
    return found


def _neighbours(data: dict[str, Any], nodes: Entries) -> Neighbours:
    """Return by machine those that links lead from to it, and their delays."""
    found: Neighbours = {}
    for link in section(data, "topology", "links").values():
        delays = by_direction(with_preset(section(link)).get("delay", "0 ms"))
        up, down = (sound_duration_ns(delay) or 0 for delay in (delays[0], delays[-1]))
        for source in machines_named(section(link).get("from"), nodes):
            for target in machines_named(section(link).get("to"), nodes):
                found.setdefault(target, []).append((source, up))
                found.setdefault(source, []).append((target, down))
    return found


def _nearest(edges: tuple[str, ...], neighbours: Neighbours) -> dict[str, int]:
    """Return by machine the number of its nearest edge."""
    agenda = [(0, 0, number, edge) for number, edge in enumerate(edges)]
    nearest: dict[str, int] = {}
    while agenda:
        delay_ns, hops, number, machine = heappop(agenda)
        if machine not in nearest:
            nearest[machine] = number
            for source, more_ns in neighbours.get(machine, ()):
                if source not in nearest:
                    heappush(agenda, (delay_ns + more_ns, hops + 1, number, source))
    return nearest
