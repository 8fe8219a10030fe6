"""Fallback: what was decided before answers a request that comes to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.sim.outcome import Outcome

if TYPE_CHECKING:
    from ddnnsim.oracle import Decision
    from ddnnsim.sim.request import Request
    from ddnnsim.sim.standing import Said


class BestEffort(Outcome):
    """Where nobody is left to answer, the exit that has decided last does."""

    def lose(self, request: Request, reason: int) -> None:
        """Let *request* come to nothing for *reason*: to a degraded answer where there is one.

        Unless it is over, or will be answered when all of this instant has happened.
        """
        if self.decided(request):
            return
        there = [said for said in request.standing.said if _is_there(said)]
        if not there:
            super().lose(request, reason)
            return
        last = max(there, key=lambda said: (said.at_ns, -said.exit.number))
        self.degrade(request, last.exit.number, last.decision, last.seen, reason)
        last.exit.send_reply(request, last.views)

    def degrade(self, request: Request, exit_id: int, decision: Decision, seen: int, reason: int) -> None:
        """Let *decision* of the exit *exit_id*, made of the views of id *seen*, answer *request* for *reason*."""
        request.over = True
        self.recorder.degraded(request.id, self.clock.now, exit_id, decision, seen, reason)
        for told in self.when_answered:
            told(request)


def _is_there(said: Said) -> bool:
    """Tell whether the node of an exit is up, and remembers what it *said*."""
    processor = said.exit.processor
    return not processor.dead and processor.life == said.life
