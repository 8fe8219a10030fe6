"""The topology of a scenario: machines and the links between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pydantic import Field

from .drawn import Drawn
from .part import Part
from .units import BinaryCompute, Compute, Duration, Rate, Size

MAX_COUNT = 10_000
NAME = r"^[A-Za-z0-9_][A-Za-z0-9_-]*$"
Tier = Literal["device", "edge", "cloud", "gateway"]


class Node(Part):
    """A machine, or a group of equal machines: `camera` with count 6 is camera1 to camera6."""

    tier: Tier = Field(description="Where in the hierarchy it stands.")
    count: int | None = Field(
        None, ge=1, le=MAX_COUNT,
        description="Makes a group of so many; the only device entry has one for each view.",
    )  # fmt: skip
    compute_ops: Compute | None = Field(
        None, alias="compute", description="Speed of a processor; without it, work takes no time."
    )
    binary_ops: BinaryCompute | None = Field(
        None, alias="binary", description="Speed on binary operations; that of `compute` unless given."
    )
    service: Drawn | None = Field(
        None, description="How long the job of a section on it takes, whatever the section costs."
    )
    measured: float | None = Field(
        None, gt=0, description="The job of a section takes as long as on this host, so many times."
    )
    servers: int = Field(1, ge=1, le=1_000_000, description="Processors that share one queue.")
    memory_bytes: Size | None = Field(
        None, alias="memory", description="Room for the parameters of the sections on it; no limit unless given."
    )


class Link(Part):
    """A link, both directions; from a group, one for each member."""

    source: str = Field(alias="from", description="A node, a group, or a member such as camera3.")
    target: str = Field(alias="to", description="A node, a group, or a member such as camera3.")
    rate_bps: Rate = Field(alias="rate", description="Data rate of each direction.")
    delay_ns: Duration = Field(0, alias="delay", description="Propagation, after the last bit is sent.")


class DirectedLink(NamedTuple):
    """One direction of a link between two nodes."""

    name: str
    """`source>target`, unique."""
    link: str
    """The link's name in the scenario."""
    source: str
    target: str
    rate_bps: int
    delay_ns: int


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

    def machines(self) -> dict[str, Node]:
        """Return every single machine by its name, groups expanded, in the order of the file."""
        return {name: node for entry, node in self.nodes.items() for name in members(entry, node)}

    def directed_links(self) -> list[DirectedLink]:
        """Return both directions of every link, groups expanded: there and back, in the order of the file."""
        return [
            DirectedLink(f"{source}>{target}", name, source, target, link.rate_bps, link.delay_ns)
            for name, link in self.links.items()
            for a in self._ends(link.source)
            for b in self._ends(link.target)
            for source, target in ((a, b), (b, a))
        ]

    def _ends(self, name: str) -> list[str]:
        """Return the machines that *name* (a node, a group or a member) stands for."""
        return members(name, self.nodes[name]) if name in self.nodes else [name]
