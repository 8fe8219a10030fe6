"""A coordinator at work: the exits of one level that decide alone, and what comes of it all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening

if TYPE_CHECKING:
    from ddnnsim.oracle import Decision
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.escalation import Escalation
    from ddnnsim.sim.exit import Exit
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.outcome import Outcome
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

    def __init__(self, clock: Clock, entity: int, exits: int, escalation: Escalation, outcome: Outcome) -> None:
        self.clock = clock
        self.entity = entity
        self.exits = exits
        """Whose verdicts it expects, as a bit mask."""
        self.escalation = escalation
        self.outcome = outcome
        self._key = rules.key(rules.SETTLEMENT, entity=entity)
        self._open: dict[int, Settlement] = {}  # by request, of this instant

    def claim(self, request: Request, claim: Claim) -> None:
        """Take up *claim*: when all of this instant has happened, the lowest exit that is confident answers."""
        if request.over:
            return
        if request.id in self._open:
            self._open[request.id].claims.append(claim)
            return
        settlement = self._open[request.id] = Settlement(request, claim)
        self.clock.arrange(settlement, (self._settle,), request.key + self._key, 0)

    def hear_yes(self, verdict: Message) -> None:
        """Take the verdict of an exit that is confident: it has its claim, and nothing is left to do."""

    def hear_no(self, verdict: Message) -> None:
        """Take the verdict of an exit that is not confident; with the last of them the features are asked for.

        A verdict that never comes counts as this one.
        """
        request = verdict.request
        request.views[self.entity] |= verdict.views
        self.go_without(request, verdict.flow.sender)

    def go_without(self, request: Request, sender: int) -> None:
        """Count the exit *sender*, a bit, as one that is not confident, although it may not even have decided."""
        entity = self.entity
        arrived = request.arrived[entity] = request.arrived[entity] | sender
        if arrived == self.exits:
            if request.views[entity]:
                self.escalation.order(request, request.views[entity])
            else:
                self.outcome.lose(request)

    def _settle(self, settlement: Settlement) -> None:
        request = settlement.request
        del self._open[request.id]
        if request.over:
            return
        first = min(settlement.claims, key=lambda claim: claim.exit.number)
        first.exit.answer(request, first.views, first.seen, first.decision)
