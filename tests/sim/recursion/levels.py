"""What sections and exits do about a request: gather, compute, decide, order, answer; and what never comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ddnnsim.deployment import REPLY_BYTES, Deployment, Exit
from ddnnsim.oracle import Decision, Oracle

from .agenda import COMPLETION, SETTLEMENT, Agenda
from .draws import Stream
from .machines import Machine
from .network import Network


def leaves(decision: Decision, exit_: Exit) -> bool:
    """Whether *exit_* answers: entropy < T, or highest probability > T, or margin > T; the last exit always.

    The most generous threshold, 1 of entropy and 0 of the others, always answers, ties or none; entropy 0 never.
    """
    t = exit_.threshold
    if t is None:
        return True
    if exit_.rule == "entropy":
        return t == 1 or (t != 0 and decision.entropy < t)
    if exit_.rule == "probability":
        return t == 0 or decision.top > t
    assert exit_.rule == "margin"
    return t == 0 or decision.margin > t


@dataclass
class Request:
    number: int
    sample: int
    expects: frozenset[int]
    """The sections that have a view of it, or have something from such a section."""
    row: dict[str, Any]
    views: dict[int, int] = field(default_factory=dict)
    """By section, the set of the views that are behind its scores, as a mask; by exit, see `behind`."""
    behind: dict[int, int] = field(default_factory=dict)
    """By exit, those on which it decides."""
    summaries: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    """By exit, what has come of which section: the views behind it, none where it never comes."""
    gathered: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    """By section, the same of the sections below it."""
    verdicts: dict[int, bool] = field(default_factory=dict)
    """By exit that has a coordinator, what is known of it there."""
    decided: set[int] = field(default_factory=set)
    features: set[int] = field(default_factory=set)
    """The sections that have features to send."""
    claims: list[tuple[int, Decision, dict[str, Any]]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.row["answered_ns"] is None and self.row["fate"] != "lost"


class Levels:
    def __init__(
        self,
        deployment: Deployment,
        oracle: Oracle,
        agenda: Agenda,
        machines: list[Machine],
        network: Network,
        over: Callable[[int], None],
    ) -> None:
        self.d = deployment
        self.oracle = oracle
        self.agenda = agenda
        self.machines = machines
        self.network = network
        self.over = over
        """Called with a request of which whoever asked has heard all that there will be."""
        self.requests: dict[int, Request] = {}
        self.decisions: list[dict[str, Any]] = []
        self.captures = [0 for _ in deployment.machines]
        names = [m.name for m in deployment.machines]
        self._services = [
            None if s.service is None else Stream(deployment.seed, f"service/{s.level}/{names[s.machine]}")
            for s in deployment.sections
        ]

    # requests

    def opens(self, number: int, sample: int, sensing: set[int]) -> None:
        """Open the record of a request of which the device sections *sensing* have a view."""
        expects = set(sensing)
        for i, section in enumerate(self.d.sections):  # bottom up
            if i in expects and section.parent is not None:
                expects.add(section.parent)
        row = {
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
        self.requests[number] = Request(number, sample, frozenset(expects), row)

    def forget(self, machine: int) -> None:
        """Lose the features that are on *machine*."""
        for request in self.requests.values():
            request.features -= {i for i in request.features if self.d.sections[i].machine == machine}

    def _close(self, request: Request) -> None:
        """Release what waits for a decision that is no longer needed."""
        for i in sorted(request.features):
            machine = self.machines[self.d.sections[i].machine]
            if machine.plan.memory is not None:
                machine.releases(request.number, i)
                request.features.remove(i)

    def _lose(self, request: Request, reason: str) -> None:
        if request.is_open or reason == "reply":
            request.row.update(fate="lost", reason=reason)
            self._close(request)
            self.over(request.number)

    # sections

    def captured(self, number: int, section: int) -> None:
        request, s = self.requests[number], self.d.sections[section]
        request.views[section] = 1 << s.view
        self.captures[s.machine] += self.machines[s.machine].alive
        if not self.machines[s.machine].alive:
            self._never(request, section, lambda: self._section_never(request, section))
        elif s.raw_bytes is None:
            self._queue_section(request, section)
        else:
            self._goes_up(request, section, "raw", s.raw_bytes[request.sample])

    def _never(self, request: Request, entity: int, act: Callable[[], None]) -> None:
        """Let it be known in the place of its completion that a job will never be."""
        self.agenda.enter(self.agenda.now, COMPLETION, request.number, entity, act=act)

    def _queue_section(self, request: Request, section: int) -> None:
        s, draws = self.d.sections[section], self._services[section]
        self.machines[s.machine].queue(
            request.number, section, section, None,
            lambda: s.service_ns if draws is None else draws.duration_ns(s.service),
            lambda: self._section_completes(request, section),
            lambda: self._section_never(request, section),
        )  # fmt: skip

    def _section_completes(self, request: Request, section: int) -> None:
        s = self.d.sections[section]
        if s.exit is None:
            self._goes_up(request, section, "features", s.features_bytes)
            return
        exit_ = self.d.exits[s.exit]
        assert section in exit_.sections
        if exit_.service_ns is None:  # part of this very job
            assert exit_.sections == (section,)
            assert exit_.machine == s.machine
            if exit_.coordinator is not None:
                self._keep(request, section)
            request.behind[s.exit] = request.views[section]
            self._exit_decides(request, s.exit)
            return
        self._keep(request, section)
        self._send(
            request, section, "summary", s.summary_bytes, s.machine, exit_.machine,
            lambda: self._exit_gathers(request, section, request.views[section]),
            lambda: self._exit_gathers(request, section, 0),
        )  # fmt: skip

    def _section_never(self, request: Request, section: int) -> None:
        """Tell who expects something of *section* that it will never come."""
        s = self.d.sections[section]
        if s.exit is None:
            self._parent_gathers(request, section, 0)
        elif self.d.exits[s.exit].service_ns is None:
            self._exit_never(request, s.exit)
        else:
            self._exit_gathers(request, section, 0)

    def _keep(self, request: Request, section: int) -> None:
        s = self.d.sections[section]
        machine = self.machines[s.machine]
        if s.parent is None:
            return
        if machine.plan.memory is not None and not request.is_open:
            return
        if machine.keeps(request.number, section, s.features_bytes):
            request.features.add(section)

    def _goes_up(self, request: Request, section: int, kind: str, size: int) -> None:
        """Send features or a raw view of *section* to its parent."""
        s = self.d.sections[section]
        assert s.parent is not None
        self._send(
            request, section, kind, size, s.machine, self.d.sections[s.parent].machine,
            lambda: self._parent_gathers(request, section, request.views[section]),
            lambda: self._parent_gathers(request, section, 0),
        )  # fmt: skip

    def _parent_gathers(self, request: Request, section: int, views: int) -> None:
        parent = self.d.sections[section].parent
        below = {i for i, s in enumerate(self.d.sections) if s.parent == parent}
        behind = _gather(request.gathered[parent], section, views, below & request.expects)
        if behind is None:
            return
        if behind:
            request.views[parent] = behind
            self._queue_section(request, parent)
        else:
            self._never(request, parent, lambda: self._section_never(request, parent))

    # exits

    def _exit_gathers(self, request: Request, section: int, views: int) -> None:
        e = self.d.sections[section].exit
        exit_ = self.d.exits[e]
        behind = _gather(request.summaries[e], section, views, set(exit_.sections) & request.expects)
        if behind is None:
            return
        entity = len(self.d.sections) + e
        if behind:
            request.behind[e] = behind
            self.machines[exit_.machine].queue(
                request.number, entity, None, e,
                lambda: exit_.service_ns,
                lambda: self._exit_decides(request, e),
                lambda: self._exit_never(request, e),
            )  # fmt: skip
        else:
            self._never(request, entity, lambda: self._exit_never(request, e))

    def _exit_never(self, request: Request, e: int) -> None:
        """Take note that the exit *e* decides nothing."""
        if self.d.exits[e].coordinator is None:
            self._lose(request, "no_view")
        else:
            self._verdict_is_known(request, e, confident=False)

    def _exit_decides(self, request: Request, e: int) -> None:
        exit_ = self.d.exits[e]
        mask = request.behind[e]
        decision = self.oracle.decide(e, request.sample, self.oracle.view_sets.id(mask))
        confident = leaves(decision, exit_)
        row = {
            "request": request.number,
            "exit": e,
            "at_ns": self.agenda.now,
            "views": mask,
            "prediction": decision.prediction,
            "entropy": decision.entropy,
            "verdict": "superseded" if confident else "escalate",
        }
        self.decisions.append(row)
        if exit_.coordinator is not None:
            request.decided.add(e)
            self._send(
                request, len(self.d.sections) + e, "control", 0,
                exit_.machine, self.d.exits[exit_.coordinator].machine,
                lambda: self._verdict_is_known(request, e, confident),
                lambda: self._verdict_is_known(request, e, confident=False),
            )  # fmt: skip
            if confident and request.is_open:
                self._claim(request, e, decision, row)
        elif confident:
            self._answer(request, e, decision, row)
        elif exit_.service_ns is None:  # no order is sent: the job knows
            (section,) = exit_.sections
            self._goes_up(request, section, "features", self.d.sections[section].features_bytes)
        else:
            self._order(request, exit_.machine, exit_.sections)

    def _claim(self, request: Request, e: int, decision: Decision, row: dict[str, Any]) -> None:
        """Let the exit wait for the end of the instant: a lower one may be as early."""
        if not request.claims:
            self.agenda.enter(self.agenda.now, SETTLEMENT, request.number, 0, act=lambda: self._settle(request))
        request.claims.append((e, decision, row))

    def _settle(self, request: Request) -> None:
        lowest = min(request.claims, key=lambda claim: claim[0])
        request.claims = []
        self._answer(request, *lowest)

    def _answer(self, request: Request, e: int, decision: Decision, row: dict[str, Any]) -> None:
        if not request.is_open:
            return
        row["verdict"] = "answer"
        request.row.update(
            answered_ns=self.agenda.now,
            exit=e,
            fate="answered",
            reason=None,
            prediction=decision.prediction,
            views=row["views"],
            entropy=decision.entropy,
        )
        self._close(request)
        if self.d.reply_to is None:
            self.over(request.number)
        elif self.machines[self.d.exits[e].machine].alive:
            self._send(
                request, len(self.d.sections) + e, "reply", REPLY_BYTES, self.d.exits[e].machine, self.d.reply_to,
                lambda: self._is_replied(request),
                lambda: self._lose(request, "reply"),
            )  # fmt: skip
        else:
            self._lose(request, "reply")

    def _is_replied(self, request: Request) -> None:
        request.row["replied_ns"] = self.agenda.now
        self.over(request.number)

    def _verdict_is_known(self, request: Request, e: int, confident: bool) -> None:
        """Take note at the coordinator of *e* of what that says, which is no where nothing will come."""
        judge = self.d.exits[e].coordinator
        request.verdicts[e] = confident
        judged = [
            i
            for i, x in enumerate(self.d.exits)
            if x.coordinator == judge and x.level == self.d.exits[e].level and set(x.sections) & request.expects
        ]
        if not set(judged) <= set(request.verdicts) or any(request.verdicts[i] for i in judged):
            return
        if not request.decided & set(judged):
            self._lose(request, "no_view")
        else:
            self._order(request, self.d.exits[judge].machine, [s for i in judged for s in self.d.exits[i].sections])

    # orders

    def _order(self, request: Request, machine: int, sections: list[int] | tuple[int, ...]) -> None:
        """Tell *sections* from *machine* to escalate; the parents of those without features hear it at once."""
        if not request.is_open:
            return
        for section in sorted(set(sections) & request.expects):
            s = self.d.sections[section]
            if section in request.features and self.machines[machine].alive:
                self._send(
                    request, section, "control", self.d.exits[s.exit].control_bytes, machine, s.machine,
                    lambda section=section: self._order_arrives(request, section),
                    lambda section=section: self._parent_gathers(request, section, 0),
                )  # fmt: skip
            else:
                self._parent_gathers(request, section, 0)

    def _order_arrives(self, request: Request, section: int) -> None:
        s = self.d.sections[section]
        if section in request.features:
            request.features.remove(section)
            self.machines[s.machine].releases(request.number, section)
            self._goes_up(request, section, "features", s.features_bytes)
        else:
            self._parent_gathers(request, section, 0)

    def _send(
        self, request: Request, entity: int, kind: str, size: int, source: int, target: int,
        arrives: Callable[[], None], misses: Callable[[], None],
    ) -> None:  # fmt: skip
        self.network.send(request.number, entity, kind, size, source, target, arrives, misses)


def _gather(there: dict[int, int], section: int, views: int, expected: set[int]) -> int | None:
    """Add what is known of *section*; return the views behind all where all is known, else None."""
    assert section not in there
    assert section in expected
    there[section] = views
    if set(there) != expected:
        return None
    mask = 0
    for views in there.values():
        mask |= views
    return mask
