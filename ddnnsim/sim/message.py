"""Messages and the flows that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.request import Request


class Carrier(Protocol):
    """A piece of a way: a link, links that are taken together, or what cuts a message into packets."""

    def carry(self, message: Message) -> None:
        """Take *message* and let it happen at the other end, or be missed there."""


class Flow:
    """What all messages of one kind between two parties have in common: usual size, way, and who takes them."""

    def __init__(
        self,
        clock: Clock,
        kind: int,
        entity: int,
        size_bytes: int,
        links: Sequence[Carrier],
        inbox: Inbox,
        deliver: Callable[[Message], None],
    ) -> None:
        self.clock = clock
        self.kind = kind
        self.sender = 1 << entity
        """The bit of the entity that sends, as gathers count it."""
        self.size_bytes = size_bytes
        self.bytes = 0
        """Of all messages so far that had a place on their first link."""
        self.links = tuple(links)
        self.hops = len(self.links)
        self.key = rules.key(rules.DELIVERY, entity=entity, kind=kind)
        self.inbox = (inbox,)
        self.deliver = deliver
        self.miss: Callable[[Message], None] = _expect_nothing
        """What becomes of it that a message will never come."""

    def send(self, request: Request, views: int) -> None:
        """Send a message of *request*, of the usual size, that carries what was made of *views*, a bit mask."""
        self.put(Message(request, self, views, self.size_bytes))

    def put(self, message: Message) -> None:
        """Send *message*."""
        self.bytes += message.size_bytes
        if self.links:
            self.links[0].carry(message)
        else:  # the same node: no time, but the place of a delivery
            self.clock.arrange(message, self.inbox, message.request.key + self.key, 0)

    def take_back(self, size_bytes: int) -> None:
        """Do not count *size_bytes* of a message for which there was no place on its first link."""
        self.bytes -= size_bytes


class Message(Happening):
    """A message; it happens at every node where it arrives."""

    def __init__(self, request: Request, flow: Flow, views: int, size_bytes: int) -> None:
        self.request = request
        self.flow = flow
        self.views = views
        self.size_bytes = size_bytes
        self.hop = 0
        """Links, or pieces of the way, behind it."""
        self.row: int  # in the table of messages, where there is one

    sendings = 1
    """How often it has been sent by now, each time as another message."""
    number = 0
    """Of a packet among those of its message."""

    @property
    def whole(self) -> Message:
        """Return the message itself, or that of which it is a packet."""
        return self

    def move_on(self) -> None:
        """Take the next link, or be delivered where the flow ends."""
        flow = self.flow
        if self.hop < flow.hops:
            flow.links[self.hop].carry(self)
        else:
            flow.deliver(self)


def _expect_nothing(message: Message) -> None:
    """Do nothing about *message*, which will never come."""
