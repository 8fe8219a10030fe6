"""A policy at its exit: what it is shown, and what follows from what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.policy import Exits, Observation

if TYPE_CHECKING:
    from ddnnsim.deployment import Exit as ExitPlan
    from ddnnsim.deployment import Section as SectionPlan
    from ddnnsim.oracle import Decision
    from ddnnsim.policy import Policy
    from ddnnsim.sim.gauge import Gauge
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.request import Request
    from ddnnsim.sim.selection import Selection
    from ddnnsim.sim.stage import Stage


class Guide:
    """Asks a policy whether the exit *number* answers, and notes which sections it does not want to be told."""

    def __init__(
        self,
        stage: Stage,
        number: int,
        policy: Policy,
        processor: Processor,
        gauge: Gauge,
        selection: Selection,
    ) -> None:
        self.clock, self.recorder, self.oracle = stage.clock, stage.recorder, stage.oracle
        self.number = number
        self.plan = stage.deployment.exits[number]
        self.sections = _told(self.plan, stage.deployment.sections)
        self.deadline_ns = stage.deployment.deadline_ns
        self.policy = policy
        self.processor = processor
        self.gauge = gauge
        self.selection = selection
        self._features = MappingProxyType({section.name: section.features_bytes for section in self.sections})

    def settles(self, request: Request, views: int, decision: Decision) -> bool:
        """Tell whether *request* is to leave here with *decision*, made of *views*."""
        verdict = self.policy.decide(self.observation(request, views, decision))
        if isinstance(verdict, Exits):
            return True
        if verdict.sections is not None:
            left_out = sum(section.bit for section in self.sections if section.name not in verdict.sections)
            self.selection.leave_out(request, left_out)
        return False

    def observation(self, request: Request, views: int, decision: Decision) -> Observation:
        """Return what the exit's node has when it decides on *request* with *views*."""
        plan, now, captured_ns = self.plan, self.clock.now, self.recorder.captured_ns(request.id)
        assert plan.threshold is not None
        assert plan.policy is not None
        there = {section.name: section.views & views for section in self.sections if section.views & views}
        return Observation(
            exit=plan.name,
            now_ns=now,
            captured_ns=captured_ns,
            rule=plan.rule,
            threshold=plan.threshold,
            entropy=decision.entropy,
            top=decision.top,
            margin=decision.margin,
            entropies=_Entropies(lambda alone: self._entropy(request, alone), there),
            features_bytes=self._features,
            waiting=self.processor.waiting(),
            serving=self.processor.serving(),
            backlog_bytes=self.gauge.backlog_bytes(),
            rate_bps=self.gauge.rate_bps(),
            slack_ns=None if self.deadline_ns is None else captured_ns + self.deadline_ns - now,
            escalation_ns=plan.policy.escalation_ns,
        )

    def _entropy(self, request: Request, views: int) -> float:
        """Return the entropy of what the exit says of *request* by *views* alone, as their sensors show them."""
        seen = self.oracle.view_sets.id(views)
        return self.oracle.decide(self.number, request.sample, seen, request.variant).entropy


class _Told(NamedTuple):
    """A section of the exit."""

    name: str
    bit: int
    views: int
    """Those that it can be made of, as a bit mask."""
    features_bytes: int


def _told(plan: ExitPlan, sections: Sequence[SectionPlan]) -> list[_Told]:
    """Return the sections of *plan*, of all *sections*."""
    views = [0 if section.view is None else 1 << section.view for section in sections]
    for number, section in enumerate(sections):  # level by level: those below come first
        if section.parent is not None:
            views[section.parent] |= views[number]
    told = [(number, sections[number]) for number in plan.sections]
    return [_Told(section.name, 1 << n, views[n], section.features_bytes) for n, section in told]


class _Entropies(Mapping[str, float]):
    """By section, the entropy of what the exit says of its views alone; asked for when it is looked at."""

    def __init__(self, entropy: Callable[[int], float], views: Mapping[str, int]) -> None:
        self._entropy = entropy
        self._views = views

    def __getitem__(self, section: str) -> float:
        return self._entropy(self._views[section])

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)
