"""What will never be complete, and when whoever waits for it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ddnnsim.sim.happening import Happening

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.request import Request


class Party(Protocol):
    """A section, a sensor or an exit: others wait for what it makes of a request."""

    key: int
    """Its completion's key, but for the request."""

    def fail(self, request: Request) -> None:
        """Let those who wait for it know that it will never make anything of *request*."""


class Failure(Happening):
    """The instant at which it is known that a party will never make anything of a request."""

    def __init__(self, request: Request, party: Party) -> None:
        self.request = request
        self.party = party


def give_up(clock: Clock, request: Request, party: Party) -> None:
    """Let *party* fail on *request* at this instant, in the place of its completion."""
    clock.arrange(Failure(request, party), (_fail,), request.key + party.key, 0)


def _fail(failure: Failure) -> None:
    failure.party.fail(failure.request)
