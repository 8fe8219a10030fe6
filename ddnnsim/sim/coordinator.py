"""A coordinator at work: the exits of one level that decide alone, and what comes of it all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening
from ddnnsim.trace import NO_VIEW

if TYPE_CHECKING:
    from ddnnsim.oracle import Decision
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.escalation import Escalation
    from ddnnsim.sim.exit import Exit
    from ddnnsim.sim.gather import Gather
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

    def __init__(self, clock: Clock, entity: int, escalation: Escalation, outcome: Outcome) -> None:
        self.clock = clock
        self.entity = entity
        self.gather: Gather
        """Of verdicts: in the place of views, of the exits that have decided."""
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
        self.outcome.claimed.add(request.id)
        settlement = self._open[request.id] = Settlement(request, claim)
        self.clock.arrange(settlement, (self._settle,), request.key + self._key, 0)

    def hear_yes(self, verdict: Message) -> None:
        """Take the verdict of an exit that is confident: it has its claim, and nothing is left to do."""

    def hear_no(self, verdict: Message) -> None:
        """Take the verdict of an exit that is not confident; one that never comes counts as this, too."""
        self.gather.take(verdict)

    def begin(self, request: Request) -> None:
        """Have the features of *request* sent up: no exit is confident, but some have decided."""
        if request.views[self.entity]:
            self.escalation.order(request, 0)
        else:
            self.abandon(request)

    def abandon(self, request: Request) -> None:
        """Let *request* come to nothing: none of the exits has decided."""
        self.outcome.lose(request, NO_VIEW)

    def _settle(self, settlement: Settlement) -> None:
        request = settlement.request
        del self._open[request.id]
        self.outcome.claimed.discard(request.id)
        if request.over:
            return
        first = min(settlement.claims, key=lambda claim: claim.exit.number)
        first.exit.answer(request, first.views, first.seen, first.decision)
