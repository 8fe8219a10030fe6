"""Asking for features where some sections cannot be told, or are not waited for any more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.sim.escalation import Escalation
from ddnnsim.trace import NO_VIEW, OUT_OF_REACH

if TYPE_CHECKING:
    from ddnnsim.sim.outcome import Outcome
    from ddnnsim.sim.request import Request
    from ddnnsim.sim.section import Section


class Addressee(NamedTuple):
    """A section that may be asked for its features."""

    entity: int
    section: Section
    above: int
    """The gathers that its features pass on their way to the next exit, as a bit mask."""
    ask: Callable[[Request, int], None]
    """Sends the order, or has the features of an exit's own job sent."""
    may_have: Callable[[Request], bool]
    """Tells whether, for all that is known, it has features of a request or will have them."""
    is_near: Callable[[Request], bool]
    """Tells whether, for all that is known, it can be told, and its features can get up."""


class Asking(Escalation):
    """Those are asked that may have features and are near; where nobody is whom anyone hears, that is the end."""

    def __init__(self, outcome: Outcome, addressees: Sequence[Addressee], left_out: Callable[[Request], int]) -> None:
        self.outcome = outcome
        self.addressees = addressees
        self.left_out = left_out
        """Tells which sections are told nothing of a request, as a bit mask."""

    def order(self, request: Request, views: int) -> None:
        """Have the features of *request* sent up, unless it is over; *views* are behind the decision to do so."""
        if not request.over:
            self.ask(request, views)

    def ask(self, request: Request, views: int) -> None:
        """Ask whoever may have features of *request* and is near, if anyone hears of them."""
        left_out, closed, absent = self.left_out(request), request.standing.closed, request.standing.absent
        concerned = [to for to in self.addressees if not absent >> to.entity & 1]
        some = [to for to in concerned if not left_out >> to.entity & 1 and to.may_have(request)]
        told = [to for to in some if to.is_near(request)]
        if some and all(to.above & closed for to in told):
            self.outcome.lose(request, OUT_OF_REACH)
        elif all(to.above & closed for to in concerned):
            self.outcome.lose(request, NO_VIEW)
        else:
            for to in concerned:
                if to in told:
                    to.ask(request, views)
                else:
                    to.section.withhold(request)


class Releasing(Asking):
    """Asking a section for its features within its own job: they leave although the request may be over."""

    def order(self, request: Request, views: int) -> None:
        """Have the features of *request*, made of *views*, sent up."""
        self.ask(request, views)
