"""The flows of a run: what messages there are between which nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ddnnsim.sim.message import Flow

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.network import Network
    from ddnnsim.sim.node import Node


class Flows:
    """Makes flows between the nodes of a run, over its network."""

    def __init__(self, clock: Clock, network: Network, nodes: Sequence[Node]) -> None:
        self.clock = clock
        self.network = network
        self.nodes = nodes

    def flow(
        self, kind: int, entity: int, size_bytes: int, source: int, target: int, deliver: Callable[[Message], None]
    ) -> Flow:
        """Return the flow of messages of *kind* about *entity* from the machine *source* to *target*."""
        way = self.network.way(kind, entity, size_bytes, source, target)
        return Flow(self.clock, kind, entity, size_bytes, way, self.nodes[target].inbox, deliver)

    def finish(self) -> None:
        """Take note that all flows are made, and wired to their ends: nothing is to be done about it."""
