"""Sections, exits and coordinators that keep track of where each request stands.

They may be asked before they are ready, forget with their node, and be left without anything by a deadline.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ddnnsim.sim.coordinator import Coordinator
from ddnnsim.sim.exit import Exit, GroupExit
from ddnnsim.sim.section import Section
from ddnnsim.sim.standing import Said
from ddnnsim.trace import NO_VIEW, TOO_LATE

if TYPE_CHECKING:
    from ddnnsim.oracle import Decision
    from ddnnsim.sim.memory import Memory
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.outcome import Outcome
    from ddnnsim.sim.request import Request


class TrackedSection(Section):
    """A section that may be told to send its features before it has them, or when it has them no more."""

    memory: Memory | None = None
    """None: room for all features that wait."""
    features_bytes = 0
    confess: Callable[[Request, int], None]
    """Told of a request of which this section, given as a bit, has no features although they were asked for."""

    def begin(self, request: Request) -> None:
        """Queue the work on what was gathered of *request*, if it has a view; else a deadline may be in vain."""
        note_vain(request, self.entity)
        super().begin(request)

    def finish(self, request: Request) -> None:
        """Give the scores to the exit, where there is one; keep the features, unless they have been asked for."""
        standing, bit = request.standing, 1 << self.entity
        standing.complete |= bit
        standing.lives[self.entity] = self.processor.life
        if self.memory is not None and not standing.ordered & bit:
            self.memory.keep(request, self.entity, self.features_bytes)
        super().finish(request)
        if standing.ordered & bit:
            self.send_features(request, request.views[self.entity])

    def fail(self, request: Request) -> None:
        """Let it be known that there never will be scores, or features that were asked for, of *request*."""
        standing, bit = request.standing, 1 << self.entity
        standing.failed |= bit
        super().fail(request)
        if standing.ordered & bit:
            self.confess(request, bit)

    def has_features(self, request: Request) -> bool:
        """Tell whether features of *request* are here to be sent up, or may come to be."""
        standing, bit = request.standing, 1 << self.entity
        return not standing.failed & bit and (not standing.complete & bit or self._holds(request))

    def escalate(self, order: Message) -> None:
        """Send the features up if they are here, or as soon as they are."""
        request, bit = order.request, 1 << self.entity
        standing = request.standing
        if not self.has_features(request):
            self.confess(request, bit)
        elif not standing.complete & bit:
            standing.ordered |= bit
        else:
            if self.memory is not None:
                self.memory.hand_over(request, self.entity)
            super().escalate(order)

    def _holds(self, request: Request) -> bool:
        """Tell whether the features of *request*, which were made, are still here."""
        processor = self.processor
        if processor.refuses or request.standing.lives[self.entity] != processor.life:
            return False
        return self.memory is None or self.memory.holds(request, self.entity)


class TrackedExit(Exit):
    """An exit of which it is known what it has decided, or whether a deadline has left it with nothing."""

    gathers = 0
    """Its gather and those of its sections, as a bit mask."""
    below = 0
    """The exits of lower levels, as a bit mask."""

    def begin(self, request: Request) -> None:
        """Queue the decision on what was gathered of *request*, if it has a view; else a deadline may be in vain."""
        note_vain(request, self.entity)
        super().begin(request)

    def leave(self, request: Request, views: int, seen: int, decision: Decision) -> None:
        """Let *request*, unless it is over, leave here with *decision*, made of *views*; *seen* is their id."""
        self._settle(request, views, seen, decision)
        super().leave(request, views, seen, decision)

    def defer(self, request: Request, views: int, seen: int, decision: Decision) -> None:
        """Leave *request* to those above: *decision*, made of *views* of id *seen*, is no answer."""
        self._settle(request, views, seen, decision)
        super().defer(request, views, seen, decision)

    def fail(self, request: Request) -> None:
        """Decide nothing, perhaps because of a deadline."""
        standing, bit = request.standing, 1 << self.entity
        standing.settled |= bit
        if standing.vain & self.gathers:
            standing.vain |= bit
        super().fail(request)

    def abandon(self, request: Request) -> None:
        """Let *request* come to nothing, unless it was a deadline and an exit below has still to decide."""
        come_to_nothing(self.outcome, request, 1 << self.entity, self.below)

    def _settle(self, request: Request, views: int, seen: int, decision: Decision) -> None:
        standing = request.standing
        standing.settled |= 1 << self.entity
        standing.said.append(Said(self.clock.now, self, views, seen, decision, self.processor.life))


class TrackedGroupExit(TrackedExit, GroupExit):
    """Such an exit beside others of its level."""


class TrackedCoordinator(Coordinator):
    """A coordinator that may count an exit as one that says no although it has not heard of it."""

    below = 0
    """The exits of lower levels than those of its own, as a bit mask."""

    def begin(self, request: Request) -> None:
        """Have the features of *request* sent up, unless it is certain that none of the exits has decided."""
        if request.views[self.entity] or request.arrived[self.entity] != self.gather.expected:
            self.escalation.order(request, 0)
        else:
            self.abandon(request)

    def abandon(self, request: Request) -> None:
        """Let *request* come to nothing, unless it was a deadline and an exit below has still to decide."""
        come_to_nothing(self.outcome, request, self.gather.expected, self.below)


def note_vain(request: Request, entity: int) -> None:
    """Note it if a deadline has closed the gather of *entity* without any view of *request*."""
    standing, bit = request.standing, 1 << entity
    if standing.overdue & bit and not request.views[entity]:
        standing.vain |= bit


def come_to_nothing(outcome: Outcome, request: Request, exits: int, below: int) -> None:
    """Let *request* come to nothing, as *exits* decide nothing, unless those *below* may still: for what reason."""
    standing = request.standing
    if not standing.vain & exits:
        outcome.lose(request, NO_VIEW)
    elif not below & ~standing.settled:
        outcome.lose(request, TOO_LATE if below else NO_VIEW)
