"""Sections, exits and coordinators that have stand-ins: what others tell them is told to where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ddnnsim.sim.closing import ClosingGather
from ddnnsim.sim.coordinator import Coordinator
from ddnnsim.sim.exit import Exit
from ddnnsim.sim.gather import Gather
from ddnnsim.sim.section import Section

if TYPE_CHECKING:
    from ddnnsim.sim.coordinator import Claim
    from ddnnsim.sim.hosts import Hosts
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.request import Request


class MovingGather(Gather):
    """A gather, on one of several nodes for each request."""

    def __init__(self, hosts: Hosts, replicas: Sequence[Gather]) -> None:
        super().__init__(replicas[0].entity, replicas[0].expected, replicas[0].then)
        self.hosts = hosts
        self.replicas = replicas

    def take(self, message: Message) -> None:
        """Take what *message* brings."""
        self._at(message.request).take(message)

    def go_without(self, request: Request, sender: int) -> None:
        """Do without anything from *sender*, a bit."""
        self._at(request).go_without(request, sender)

    def expire(self, request: Request) -> None:
        """Wait no longer: a deadline has come."""
        gather = self._at(request)
        assert isinstance(gather, ClosingGather)
        gather.expire(request)

    def _at(self, request: Request) -> Gather:
        return self.replicas[self.hosts.at(request, self.entity)]


class MovingSection(Section):
    """A section, on one of several nodes for each request."""

    def __init__(self, hosts: Hosts, replicas: Sequence[Section]) -> None:
        self.hosts = hosts
        self.replicas = replicas
        self.entity = replicas[0].entity
        self.gather = MovingGather(hosts, [replica.gather for replica in replicas])

    def has_features(self, request: Request) -> bool:
        """Tell whether features of *request*, which the exit has dealt with, are there to be sent up."""
        return self.replicas[self.hosts.settled(request, self.entity) or 0].has_features(request)

    def withhold(self, request: Request) -> None:
        """Let it be known above that there are no features of *request* to send up."""
        self.replicas[self.hosts.settled(request, self.entity) or 0].withhold(request)


class MovingExit(Exit):
    """An exit, on one of several nodes for each request."""

    def __init__(self, hosts: Hosts, replicas: Sequence[Exit]) -> None:
        self.hosts = hosts
        self.replicas = replicas
        self.number, self.entity = replicas[0].number, replicas[0].entity
        self.gather = MovingGather(hosts, [replica.gather for replica in replicas])

    def abstain(self, request: Request, sender: int) -> None:
        """Decide nothing, as the job of its only section, *sender*, would have decided."""
        self._at(request).abstain(request, sender)

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
        self.entity = replicas[0].entity
        self.gather = MovingGather(hosts, [replica.gather for replica in replicas])

    def claim(self, request: Request, claim: Claim) -> None:
        """Take up *claim*: when all of this instant has happened, the lowest exit that is confident answers."""
        self.replicas[self.hosts.at(request, self.entity)].claim(request, claim)
