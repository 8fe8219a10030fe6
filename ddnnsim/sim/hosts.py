"""Hosts: on which of several nodes a section or an exit is for each request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ddnnsim.sim.message import Flow

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.deployment import Exit as ExitPlan
    from ddnnsim.deployment import Section as SectionPlan
    from ddnnsim.sim.condition import Condition
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.request import Request


class Hosts:
    """Where the sections, exits and coordinators of each request are: settled once, when they are first needed.

    Of the node of an entity and its stand-ins, in this order, it is the first that is up as it is known; where none is
    it is the node itself. An exit that is part of a section's job is where the section is, a coordinator where the
    exit is at whose node it is.
    """

    def __init__(self, deployment: Deployment, known: Condition) -> None:
        self.known = known
        sections, exits = deployment.sections, deployment.exits
        plans: list[SectionPlan | ExitPlan] = [*sections, *exits]
        self._machines = [(plan.machine, *(at.machine for at in plan.stand_ins)) for plan in plans]
        self._with = list(range(len(self._machines)))  # by entity, the one that it is always with
        for number, plan in enumerate(exits, start=len(sections)):
            if plan.service_ns is None:
                self._with[number] = plan.sections[0]
        self._settled: WeakKeyDictionary[Request, dict[int, int]] = WeakKeyDictionary()

    def follow(self, coordinator: int, exit_: int) -> None:
        """Let the entity *coordinator*, the next after all others, be where the entity *exit_* is."""
        assert coordinator == len(self._with)
        self._with.append(self._with[exit_])

    def at(self, request: Request, entity: int) -> int:
        """Return where *entity* is for *request*, settled now at the latest: 0 its own node, k its k-th stand-in."""
        leader = self._with[entity]
        if len(self._machines[leader]) == 1:
            return 0
        places = self._settled.setdefault(request, {})
        if leader not in places:
            places[leader] = self._first_up(leader)
        return places[leader]

    def settled(self, request: Request, entity: int) -> int | None:
        """Return where *entity* is for *request*; None where that is still open."""
        return self._settled.get(request, {}).get(self._with[entity])

    def machine(self, request: Request, entity: int) -> int:
        """Return the machine on which *entity* is for *request*, or would be if it were settled now."""
        leader, place = self._with[entity], self.settled(request, entity)
        return self._machines[leader][self._first_up(leader) if place is None else place]

    def _first_up(self, entity: int) -> int:
        down = self.known.nodes
        return next((k for k, machine in enumerate(self._machines[entity]) if machine not in down), 0)


class Fork(Flow):
    """A flow to wherever the receiver is: each message is one of the flow to there."""

    def __init__(self, hosts: Hosts, receiver: int, flows: Sequence[Flow]) -> None:
        some = flows[0]
        super().__init__(some.clock, some.kind, 0, some.size_bytes, some.links, some.inbox[0], some.deliver)
        self.hosts = hosts
        self.receiver = receiver
        """Its entity."""
        self.flows = flows
        """By where it is."""

    def send(self, request: Request, views: int) -> None:
        """Send a message of *request*, of the usual size, that carries what was made of *views*, a bit mask."""
        self.flows[self.hosts.at(request, self.receiver)].send(request, views)

    def put(self, message: Message) -> None:
        """Send *message*."""
        flow = message.flow = self.flows[self.hosts.at(message.request, self.receiver)]
        flow.put(message)


class Opening(Flow):
    """Orders with which a gather above begins, that of the entity *above*: they settle where it is."""

    def __init__(self, hosts: Hosts, above: int, orders: Flow) -> None:
        inbox, deliver = orders.inbox[0], orders.deliver
        super().__init__(orders.clock, orders.kind, 0, orders.size_bytes, orders.links, inbox, deliver)
        self.hosts = hosts
        self.above = above
        self.orders = orders

    def send(self, request: Request, views: int) -> None:
        """Send an order about *request*."""
        self.hosts.at(request, self.above)
        self.orders.send(request, views)
