"""The topology of a scenario: machines and the links between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import Field

from .direction import Direction
from .link import Link
from .node import Node
from .part import Names, Part
from .places import Places

NAME = r"^[A-Za-z0-9_][A-Za-z0-9_-]*$"


class DirectedLink(NamedTuple):
    """One direction of a link between two nodes."""

    name: str
    """`source>target`, unique."""
    link: str
    """The link's name in the scenario."""
    source: str
    target: str
    direction: Direction
    spec: Link
    """Of both directions."""

    @property
    def rate_bps(self) -> int | None:
        """Return the rate at the start; None where a trace tells it."""
        return None if self.spec.rates is None else self.spec.rates.of(self.direction)

    @property
    def delay_ns(self) -> int:
        """Return the propagation delay at the start."""
        return self.spec.delays.of(self.direction)


def members(name: str, node: Node) -> list[str]:
    """Return the names of the machines of the entry *name*: name1, name2, ... for a group, else its own."""
    return [name] if node.count is None else [f"{name}{index}" for index in range(1, node.count + 1)]


class Topology(Part):
    """Machines and the links between them."""

    nodes: Mapping[str, Node] = Field(
        description="By name; names are letters, digits, '_' and '-'.",
        json_schema_extra={"propertyNames": {"pattern": NAME}},
    )
    links: Mapping[str, Link] = Field(
        description="By name; names are letters, digits, '_' and '-'.",
        json_schema_extra={"propertyNames": {"pattern": NAME}},
    )
    regions: Mapping[str, Names] = Field(
        default={},
        description="By name, nodes that faults may hit together: nodes, groups or members.",
        json_schema_extra={"propertyNames": {"pattern": NAME}},
    )
    routing: Literal["delay", "hops", "transfer"] = Field(
        "delay", description="What routes have least of: delay, hops, or the time to send a message and its delay."
    )
    forwarding: Literal["message", "packet"] = Field(
        "message", description="What nodes store and forward: whole messages, or packets by themselves."
    )

    def machines(self) -> dict[str, Node]:
        """Return every single machine by its name, groups expanded, in the order of the file."""
        return {name: node for entry, node in self.nodes.items() for name in members(entry, node)}

    def directed_links(self) -> list[DirectedLink]:
        """Return both directions of every link, groups expanded: there and back, in the order of the file."""
        return [
            DirectedLink(f"{source}>{target}", name, source, target, direction, link)
            for name, link in self.links.items()
            for a in self._ends(link.source)
            for b in self._ends(link.target)
            for source, target, direction in _both_ways(a, b)
        ]

    def places(self) -> Places:
        """Return what faults may hit."""
        machines: dict[str, tuple[str, ...]] = {member: (member,) for member in self.machines()}
        machines |= {name: tuple(members(name, node)) for name, node in self.nodes.items()}
        regions = {
            name: tuple(machine for part in parts for machine in machines[part]) for name, parts in self.regions.items()
        }
        links: dict[str, tuple[tuple[str, str], ...]] = dict.fromkeys(self.links, ())
        for link in self.directed_links():
            links[link.link] += ((link.source, link.target),)
        return Places(machines, regions, links)

    def _ends(self, name: str) -> list[str]:
        """Return the machines that *name* (a node, a group or a member) stands for."""
        return members(name, self.nodes[name]) if name in self.nodes else [name]


def _both_ways(a: str, b: str) -> tuple[tuple[str, str, Direction], ...]:
    return (a, b, "up"), (b, a, "down")
