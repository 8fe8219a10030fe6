"""Sections, exits and coordinators that have stand-ins: what others tell them is told to where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ddnnsim.sim.coordinator import Coordinator
from ddnnsim.sim.exit import Exit
from ddnnsim.sim.section import Section

if TYPE_CHECKING:
    from ddnnsim.sim.coordinator import Claim
    from ddnnsim.sim.hosts import Hosts
    from ddnnsim.sim.request import Request


class MovingSection(Section):
    """A section, on one of several nodes for each request."""

    def __init__(self, hosts: Hosts, replicas: Sequence[Section]) -> None:
        self.hosts = hosts
        self.replicas = replicas
        self.entity, self.children = replicas[0].entity, replicas[0].children

    def go_without(self, request: Request, sender: int) -> None:
        """Do without the features of *sender*, a bit."""
        self._at(request).go_without(request, sender)

    def has_features(self, request: Request) -> bool:
        """Tell whether features of *request*, which the exit has dealt with, are there to be sent up."""
        place = self.hosts.settled(request, self.entity)
        return place is not None and self.replicas[place].has_features(request)

    def withhold(self, request: Request) -> None:
        """Let it be known above that there are no features of *request* to send up."""
        self.replicas[self.hosts.settled(request, self.entity) or 0].withhold(request)

    def _at(self, request: Request) -> Section:
        return self.replicas[self.hosts.at(request, self.entity)]


class MovingExit(Exit):
    """An exit, on one of several nodes for each request."""

    def __init__(self, hosts: Hosts, replicas: Sequence[Exit]) -> None:
        self.hosts = hosts
        self.replicas = replicas
        self.number, self.entity, self.expected = replicas[0].number, replicas[0].entity, replicas[0].expected

    def abstain(self, request: Request, sender: int) -> None:
        """Decide nothing, as the job of its only section, *sender*, would have decided."""
        self._at(request).abstain(request, sender)

    def go_without(self, request: Request, sender: int) -> None:
        """Do without the summary of *sender*, a bit."""
        self._at(request).go_without(request, sender)

    def decide(self, request: Request, views: int) -> None:
        """Answer if confident, or if there is no exit above; otherwise defer to those above."""
        self._at(request).decide(request, views)

    def _at(self, request: Request) -> Exit:
        return self.replicas[self.hosts.at(request, self.entity)]


class MovingCoordinator(Coordinator):
    """A coordinator, on one of several nodes for each request."""

    def __init__(self, hosts: Hosts, replicas: Sequence[Coordinator]) -> None:
        self.hosts = hosts
        self.replicas = replicas
        self.entity, self.exits = replicas[0].entity, replicas[0].exits

    def claim(self, request: Request, claim: Claim) -> None:
        """Take up *claim*."""
        self._at(request).claim(request, claim)

    def go_without(self, request: Request, sender: int) -> None:
        """Count the exit *sender*, a bit, as one that is not confident."""
        self._at(request).go_without(request, sender)

    def _at(self, request: Request) -> Coordinator:
        return self.replicas[self.hosts.at(request, self.entity)]
