"""An exit at work: it gathers summaries, decides, and answers or has the features sent up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ddnnsim.oracle import confident
from ddnnsim.sim import rules
from ddnnsim.sim.coordinator import Claim
from ddnnsim.sim.failure import give_up
from ddnnsim.trace import NO_VIEW

if TYPE_CHECKING:
    from ddnnsim.deployment import Exit as ExitPlan
    from ddnnsim.oracle import Decision, Oracle
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.coordinator import Coordinator
    from ddnnsim.sim.gather import Gather
    from ddnnsim.sim.message import Flow
    from ddnnsim.sim.outcome import Outcome
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.request import Request
    from ddnnsim.trace import Recorder


class Exit:
    """A classifier over the sections of its level; its decision is a job of its own, or part of a section's."""

    def __init__(
        self,
        clock: Clock,
        number: int,
        entity: int,
        plan: ExitPlan,
        processor: Processor,
        oracle: Oracle,
        recorder: Recorder,
        outcome: Outcome,
    ) -> None:
        self.clock = clock
        self.number = number
        self.entity = entity
        self.rule = plan.rule
        self.threshold = plan.threshold
        self.gather: Gather
        """Of summaries."""
        self.processor = processor
        self.service_ns = plan.service_ns or 0
        self.services: Iterator[int] | None = None
        self.key = rules.key(rules.COMPLETION, entity=entity)
        self.oracle = oracle
        self.recorder = recorder
        self.outcome = outcome
        self.deferrals: list[Callable[[Request, int], None]] = []
        """What it sends when it is not confident: orders to its sections, or a verdict to its coordinator.

        An exit that is part of a section's job, and has no coordinator, just lets the features go.
        """
        self.reply: Flow | None = None
        self.settles: Callable[[Request, int, Decision], bool] = self._by_rule
        """Who tells whether a request leaves here, with a decision that is made of some views."""

    def begin(self, request: Request) -> None:
        """Queue the decision on what was gathered of *request*, if it has a view."""
        if request.views[self.entity]:
            self.processor.submit(request, self)
        else:
            give_up(self.clock, request, self)

    def abstain(self, request: Request, sender: int) -> None:
        """Decide nothing, as the job of its only section, *sender*, would have decided."""
        self.fail(request)

    def fail(self, request: Request) -> None:
        """Decide nothing."""
        self.abandon(request)

    def abandon(self, request: Request) -> None:
        """Let *request* come to nothing: nobody else is left to answer."""
        self.outcome.lose(request, NO_VIEW)

    def finish(self, request: Request) -> None:
        """Decide, the summaries being merged."""
        self.decide(request, request.views[self.entity])

    def decide(self, request: Request, views: int) -> None:
        """Answer if confident, or if there is no exit above; otherwise defer to those above."""
        seen = self.oracle.view_sets.id(views)
        decision = self.oracle.decide(self.number, request.sample, seen, request.variant)
        if self.settles(request, views, decision):
            self.leave(request, views, seen, decision)
        else:
            self.defer(request, views, seen, decision)

    def _by_rule(self, request: Request, views: int, decision: Decision) -> bool:
        return self.threshold is None or confident(decision, self.rule, self.threshold)

    def defer(self, request: Request, views: int, seen: int, decision: Decision) -> None:
        """Leave *request* to those above: *decision*, made of *views* of id *seen*, is no answer."""
        self.recorder.escalated(request.id, self.clock.now, self.number, decision, seen)
        for deferral in self.deferrals:
            deferral(request, views)

    def leave(self, request: Request, views: int, seen: int, decision: Decision) -> None:
        """Let *request*, unless it is over, leave here with *decision*, made of *views*; *seen* is their id."""
        if request.over:
            self.recorder.claimed(request.id, self.clock.now, self.number, decision, seen)
        else:
            self.answer(request, views, seen, decision)

    def answer(self, request: Request, views: int, seen: int, decision: Decision) -> None:
        """Answer *request* with *decision*."""
        self.outcome.answer(request, self.number, decision, seen)
        self.send_reply(request, views)

    def send_reply(self, request: Request, views: int) -> None:
        """Send the answer to where it is wanted, if it is; it is made of *views*."""
        if self.reply is None:
            return
        if self.processor.dead:  # since it claimed the answer, at this instant
            self.outcome.not_replied(request)
        else:
            self.reply.send(request, views)


class GroupExit(Exit):
    """An exit beside others of its level: a coordinator hears its verdicts and its claims to an answer."""

    coordinator: Coordinator
    yes: Flow
    """The verdict that it is confident; in the place of views, a verdict carries the exit that has decided."""
    no: Flow
    """The verdict that it is not."""
    forgo: Callable[[Request, int], None]
    """Told of a request that this exit, given as a bit, never decides: its coordinator."""

    def refer(self, request: Request, views: int) -> None:
        """Let the coordinator hear that this exit is not confident of *views*."""
        self.no.send(request, 1 << self.entity)

    def leave(self, request: Request, views: int, seen: int, decision: Decision) -> None:
        """Claim the answer; another exit may have given it, or be as early and come first."""
        self.yes.send(request, 1 << self.entity)
        self.recorder.claimed(request.id, self.clock.now, self.number, decision, seen)
        self.coordinator.claim(request, Claim(self, views, seen, decision))

    def fail(self, request: Request) -> None:
        """Decide nothing: the others of the level are left to answer, or those above."""
        self.forgo(request, 1 << self.entity)
