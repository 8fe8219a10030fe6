"""A coordinator at work: the exits of one level that decide alone, and what comes of it all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening

if TYPE_CHECKING:
    from ddnnsim.oracle import Decision
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.exit import Exit
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.request import Request


class Claim(NamedTuple):
    """What an exit that is confident would answer."""

    exit: Exit
    views: int
    seen: int
    """The id of the set *views*."""
    decision: Decision


class Settlement(Happening):
    """The end of an instant at which exits were confident: one of them answers."""

    def __init__(self, request: Request, claim: Claim) -> None:
        self.request = request
        self.claims = [claim]


class Coordinator:
    """Of its exits the first that is confident answers; it has the features sent up when none is."""

    def __init__(self, clock: Clock, entity: int, exits: int) -> None:
        self.clock = clock
        self.entity = entity
        self.exits = exits
        """Whose verdicts it expects, as a bit mask."""
        self.orders: list[Callable[[Request, int], None]] = []
        self._key = rules.key(rules.SETTLEMENT, entity=entity)
        self._open: dict[int, Settlement] = {}  # by request, of this instant

    def claim(self, request: Request, claim: Claim) -> None:
        """Take up *claim*: when all of this instant has happened, the lowest exit that is confident answers."""
        if request.answered:
            return
        if request.id in self._open:
            self._open[request.id].claims.append(claim)
            return
        settlement = self._open[request.id] = Settlement(request, claim)
        self.clock.arrange(settlement, (self._settle,), request.key + self._key, 0)

    def hear_yes(self, verdict: Message) -> None:
        """Take the verdict of an exit that is confident: it has its claim, and nothing is left to do."""

    def hear_no(self, verdict: Message) -> None:
        """Take the verdict of an exit that is not confident; with the last of them the features are asked for."""
        request, entity = verdict.request, self.entity
        request.views[entity] |= verdict.views
        arrived = request.arrived[entity] = request.arrived[entity] | verdict.flow.sender
        if arrived == self.exits:
            for order in self.orders:
                order(request, request.views[entity])

    def _settle(self, settlement: Settlement) -> None:
        request = settlement.request
        del self._open[request.id]
        request.answered = True
        first = min(settlement.claims, key=lambda claim: claim.exit.number)
        first.exit.answer(request, first.views, first.seen, first.decision)
