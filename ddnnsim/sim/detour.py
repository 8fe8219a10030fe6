"""Detours: each message takes the route that is in force when it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ddnnsim.sim.message import Flow

if TYPE_CHECKING:
    from ddnnsim.sim.message import Carrier, Message
    from ddnnsim.sim.reach import Route, Routes


class Leg(Flow):
    """The messages of a flow that take the same route."""

    def __init__(self, flow: Flow, links: Sequence[Carrier]) -> None:
        super().__init__(flow.clock, flow.kind, 0, flow.size_bytes, links, flow.inbox[0], flow.deliver)
        self.flow = flow
        self.sender, self.key, self.miss = flow.sender, flow.key, flow.miss

    def take_back(self, size_bytes: int) -> None:
        """Do not count *size_bytes* of a message for which there was no place on its first link."""
        self.flow.take_back(size_bytes)


class Detours:
    """A way that is another at times: it lets each message be one of a leg, if there is any way."""

    def __init__(self, routes: Routes, source: int, target: int, lay: Callable[[Route], Sequence[Carrier]]) -> None:
        self.routes = routes
        self.ends = source, target
        self._lay = lay
        self._legs: dict[Route, Leg] = {}

    def carry(self, message: Message) -> None:
        """Let *message* take the route in force, to its end; where there is none it is lost at once."""
        route, flow = self.routes.route(*self.ends, message.size_bytes), message.flow
        if route is None:
            flow.take_back(message.size_bytes)
            flow.clock.arrange(message, (flow.miss,), message.request.key + flow.key, 0)
            return
        if route not in self._legs:
            self._legs[route] = Leg(flow, self._lay(route))
        leg = message.flow = self._legs[route]
        leg.links[0].carry(message)
