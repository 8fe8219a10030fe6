"""What exits do about a request: gather, decide, and answer or have features sent up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from ddnnsim import policy
from ddnnsim.deployment import Deployment, Exit
from ddnnsim.oracle import Decision, Oracle
from ddnnsim.recovery import PolicyPlan

from .agenda import COMPLETION, Agenda
from .beats import Beats
from .fates import Fates
from .gathers import Gathers
from .machines import Machine
from .network import Network
from .requests import Decided, Gather, Request
from .sections import Sections
from .sights import Sights, asks
from .sites import Sites


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


class Exits:
    def __init__(
        self,
        deployment: Deployment,
        oracle: Oracle,
        make: Callable[[PolicyPlan], policy.Policy],
        agenda: Agenda,
        machines: list[Machine],
        network: Network,
        sites: Sites,
        gathers: Gathers,
        sections: Sections,
        fates: Fates,
        sights: Sights,
    ) -> None:
        self.d = deployment
        self.oracle = oracle
        self.agenda = agenda
        self.machines = machines
        self.network = network
        self.sites = sites
        self.gathers = gathers
        self.sections = sections
        self.fates = fates
        self.sights = sights
        self.beats: Beats | None = None
        self.policies = {e: make(x.policy) for e, x in enumerate(deployment.exits) if x.policy is not None}

    # what has come together

    def gathered(self, request: Request, gather: Gather) -> None:
        """Decide on what has come together, where there is something to decide on."""
        e = gather.key[1]
        entity = len(self.d.sections) + e
        if not gather.views and not self.d.blanks:
            self.agenda.enter(self.agenda.now, COMPLETION, request.number, entity, act=lambda: self.never(request, e))
            return
        request.behind[e] = gather.views
        self.machines[self.sites.exit(request, e)].queue(
            request.number, entity, None, e,
            lambda: self.sites.exit_ns(request, e),
            lambda: self.decides(request, e),
            lambda: self.never(request, e),
        )  # fmt: skip

    def is_early(self, request: Request, e: int) -> bool:
        """Whether an exit of a level below *e* has still to decide."""
        return any(
            x.level < self.d.exits[e].level
            and set(x.sections) & request.expects
            and i not in request.decided
            and i not in request.undecided
            for i, x in enumerate(self.d.exits)
        )

    def never(self, request: Request, e: int) -> None:
        """Take note that the exit *e* decides nothing."""
        request.undecided.add(e)
        judge = self.d.exits[e].coordinator
        if judge is None:
            self._come_to_nothing(request, [e])
        else:
            self.gathers.misses(request, ("judge", judge), e, self.sites.exit(request, e))

    def _come_to_nothing(self, request: Request, exits: Iterable[int]) -> None:
        """Let *request* come to nothing, as *exits* decide nothing; but not early, for a deadline."""
        late = [e for e in exits if e in request.too_late]
        if any(self.is_early(request, e) for e in late):
            return
        lowest = min(x.level for x in self.d.exits)
        why = "deadline" if any(self.d.exits[e].level > lowest for e in late) else "no_view"
        self.fates.comes_to_nothing(request, why)

    # decisions

    def decides(self, request: Request, e: int) -> None:
        if self.d.recovery.cancel and not request.is_open:
            return
        exit_, machine = self.d.exits[e], self.sites.exit(request, e)
        mask = request.behind[e]
        decision = asks(self.oracle, request, e, mask)
        confident = self._exits(request, e, decision)
        row = {
            "request": request.number,
            "exit": e,
            "at_ns": self.agenda.now,
            "views": mask,
            "prediction": decision.prediction,
            "entropy": decision.entropy,
            "verdict": "superseded" if confident else "escalate",
        }
        self.fates.decisions.append(row)
        life = self.machines[machine].life
        request.decided[e] = Decided(self.agenda.now, e, decision, row, machine, life)
        if exit_.coordinator is not None:
            self._sends_its_verdict(request, e, confident)
            if confident and request.is_open:
                self.fates.claim(request, e, decision, row)
        elif confident:
            self.fates.answer(request, e, decision, row)
        else:
            in_the_job = exit_.service_ns is None
            self._escalates(request, machine, exit_.sections, request.asked[e], in_the_job)

    def _exits(self, request: Request, e: int, decision: Decision) -> bool:
        """Tell whether the exit *e* answers; where it does not take note of whom it wants to be told."""
        exit_ = self.d.exits[e]
        request.asked[e] = frozenset(exit_.sections)
        if e not in self.policies:
            return leaves(decision, exit_)
        summaries = {exit_.sections[0]: request.behind[e]}
        if exit_.service_ns is not None:
            gather = self.gathers.of(request, ("exit", e))
            summaries = gather.there
        seen = self.sights.of(request, e, decision, self.sites.exit(request, e), summaries)
        said = self.policies[e].decide(seen)
        if isinstance(said, policy.Escalates) and said.sections is not None:
            request.asked[e] = frozenset(i for i in exit_.sections if self.d.sections[i].name in said.sections)
        return isinstance(said, policy.Exits)

    def _sends_its_verdict(self, request: Request, e: int, confident: bool) -> None:
        judge, machine = self.d.exits[e].coordinator, self.sites.exit(request, e)
        key = ("judge", judge)
        self.network.send(
            request.number, len(self.d.sections) + e, "control", 0, machine, self.sites.exit(request, judge),
            lambda: self.gathers.arrives(request, key, e, int(confident)),
            lambda: self.gathers.misses(request, key, e, machine),
        )  # fmt: skip

    def judged(self, request: Request, gather: Gather) -> None:
        """Escalate where all verdicts are no, or will never come."""
        judge = gather.key[1]
        if gather.views:
            return
        is_certain = set(gather.there) == gather.expected
        if is_certain and not (set(request.decided) & gather.expected) - gather.forgotten:
            self._come_to_nothing(request, gather.expected)
        else:
            sections = [s for e in gather.expected for s in self.d.exits[e].sections]
            asked = {s for e in gather.expected for s in self._asked(request, gather, e)}
            self._escalates(request, self.sites.exit(request, judge), sections, asked, in_the_job=False)

    def _asked(self, request: Request, gather: Gather, e: int) -> Iterable[int]:
        """Return whom the exit *e* wants to be told, as far as its verdict has come."""
        return request.asked[e] if e in gather.heard else self.d.exits[e].sections

    # escalation

    def _escalates(
        self, request: Request, machine: int, sections: Iterable[int], asked: Collection[int], in_the_job: bool
    ) -> None:
        """Have *asked* of *sections* send their features, told from *machine*; the parents of others learn at once."""
        if not request.is_open and (self.d.recovery.cancel or not in_the_job):
            return
        mine = sorted(set(sections) & request.expects)
        could = [s for s in mine if s in asked and (in_the_job or self._has_something(request, s))]
        told = [s for s in could if self._can_be_reached(request, s, machine)]
        knows_ways = self.d.faults or self.d.recovery.heartbeats is not None
        if (could and not told and knows_ways) or (told and all(self._is_cut_off(request, s) for s in told)):
            self.fates.comes_to_nothing(request, "out_of_reach")
            return
        if not could and all(self._is_cut_off(request, s) for s in mine):
            self.fates.comes_to_nothing(request, "no_view")
            return
        for s in mine:
            if s not in told:
                self.gathers.does_without(request, ("section", self.d.sections[s].parent), s)
            elif in_the_job:
                self.sections.sends_at_once(request, s)
            else:
                self.sections.is_told(request, s, machine)

    def _is_cut_off(self, request: Request, section: int) -> bool:
        """Whether a gather above *section* is closed, up to that of the first section that has an exit."""
        above = self.d.sections[section].parent
        while above is not None:
            if self.gathers.of(request, ("section", above)).closed:
                return True
            above = self.d.sections[above].parent if self.d.sections[above].exit is None else None
        return False

    def _has_something(self, request: Request, section: int) -> bool:
        """Whether *section* has features to send, or may come to have, as far as one knows."""
        if self.d.recovery.heartbeats is not None:
            return True
        return section in request.features or request.is_pending(section)

    def _can_be_reached(self, request: Request, section: int, machine: int) -> bool:
        s = self.d.sections[section]
        there = self.sites.section(request, section, settle=False)
        if self.d.recovery.heartbeats is not None:
            return self.machines[machine].alive and not self.beats.is_suspected(there, machine)
        if not self.d.faults:
            return self.machines[machine].alive
        above = self.sites.section(request, s.parent, settle=False)
        return self.network.is_whole(machine, there, self.d.exits[s.exit].control_bytes) and self.network.is_whole(
            there, above, s.features_bytes
        )
