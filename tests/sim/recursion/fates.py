"""What becomes of requests: an answer, an answer for want of a better one, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ddnnsim.deployment import REPLY_BYTES, Deployment
from ddnnsim.oracle import Decision

from .agenda import SETTLEMENT, Agenda
from .machines import Machine
from .network import Network
from .requests import Request
from .sites import Sites


class Fates:
    """*over* is called with a request of which whoever asked has heard all that there will be."""

    def __init__(
        self,
        deployment: Deployment,
        agenda: Agenda,
        machines: list[Machine],
        network: Network,
        sites: Sites,
        over: Callable[[int], None],
    ) -> None:
        self.d = deployment
        self.agenda = agenda
        self.machines = machines
        self.network = network
        self.sites = sites
        self.over = over
        self.decisions: list[dict[str, Any]] = []

    def row(self, number: int, sample: int) -> dict[str, Any]:
        """Return the row of a request that is captured now."""
        return {
            "request": number,
            "sample": sample,
            "captured_ns": self.agenda.now,
            "answered_ns": None,
            "replied_ns": None,
            "exit": None,
            "fate": "unfinished",
            "reason": "waiting" if self.d.until_ns is None else "stopped",
            "prediction": None,
            "views": None,
            "entropy": None,
            "late": 0,
        }

    # no answer

    def comes_to_nothing(self, request: Request, reason: str) -> None:
        """Let *request* be over: nobody is left to answer, but for what was said before."""
        if not request.is_open or request.claims:
            return
        best = None
        if self.d.recovery.fallback == "best_effort":
            able = [d for d in request.decided.values() if self._could_say(d.machine, d.life)]
            best = min(able, key=lambda d: (-d.at_ns, d.exit), default=None)
        if best is None:
            self._lose(request, reason)
            return
        row = {**best.row, "at_ns": self.agenda.now, "verdict": "fallback"}
        self.decisions.append(row)
        self._is_answered(request, best.exit, best.decision, row, "degraded", reason)

    def _could_say(self, machine: int, life: int) -> bool:
        return self.machines[machine].alive and self.machines[machine].life == life

    def _lose(self, request: Request, reason: str) -> None:
        request.row.update(fate="lost", reason=reason)
        self._close(request)
        self.over(request.number)

    def _close(self, request: Request) -> None:
        """Release what waits for a decision that is no longer needed."""
        for place in request.deadlines.values():
            self.agenda.strike(place)
        for i in sorted(request.features):
            machine = self.machines[self.sites.section(request, i)]
            if machine.plan.memory is not None:
                machine.releases(request.number, i)
                request.features.remove(i)

    # an answer

    def claim(self, request: Request, e: int, decision: Decision, row: dict[str, Any]) -> None:
        """Let the exit wait for the end of the instant: a lower one may be as early."""
        if not request.claims:
            self.agenda.enter(self.agenda.now, SETTLEMENT, request.number, 0, act=lambda: self._settle(request))
        request.claims.append((e, decision, row))

    def _settle(self, request: Request) -> None:
        lowest = min(request.claims, key=lambda claim: claim[0])
        request.claims = []
        self.answer(request, *lowest)

    def answer(self, request: Request, e: int, decision: Decision, row: dict[str, Any]) -> None:
        if request.is_open:
            row["verdict"] = "answer"
            self._is_answered(request, e, decision, row, "answered", None)

    def _is_answered(
        self, request: Request, e: int, decision: Decision, row: dict[str, Any], fate: str, reason: str | None
    ) -> None:
        request.row.update(
            answered_ns=self.agenda.now,
            exit=e,
            fate=fate,
            reason=reason,
            prediction=decision.prediction,
            views=row["views"],
            entropy=decision.entropy,
        )
        self._close(request)
        machine = self.sites.exit(request, e)
        if self.d.reply_to is None:
            self.over(request.number)
        elif self.machines[machine].alive:
            self.network.send(
                request.number, len(self.d.sections) + e, "reply", REPLY_BYTES, machine, self.d.reply_to,
                lambda: self._is_replied(request),
                lambda: self._lose(request, "reply"),
            )  # fmt: skip
        else:
            self._lose(request, "reply")

    def _is_replied(self, request: Request) -> None:
        request.row["replied_ns"] = self.agenda.now
        self.over(request.number)
