"""Trials of placements: where a scenario does best, of the nodes that it names, found by short runs of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ddnnsim.deployment import ClosedLoop, Workload
from ddnnsim.errors import ScenarioError, UserError
from ddnnsim.metrics import answers, latencies_ns
from ddnnsim.metrics.latency import latency
from ddnnsim.placement import memory_findings, missing_bytes
from ddnnsim.policy.making import make
from ddnnsim.rollout import deploy, times_asked_for
from ddnnsim.scenario import Scenario, load_scenario, searched_places
from ddnnsim.search import EXHAUSTIVE, Places, Trial, best, rank, search

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.dnn.given import Given
    from ddnnsim.dnn.trained import Trained
    from ddnnsim.metrics import Latency
    from ddnnsim.numbers import Numbered
    from ddnnsim.policy import Policy
    from ddnnsim.progress import Progress
    from ddnnsim.recovery import PolicyPlan
    from ddnnsim.trace import Trace


@dataclass(frozen=True)
class Tried:
    """What a search came to."""

    scenario: Scenario
    """With the best places by name, and no search."""
    minimise: str
    requests: int
    """Of each short run."""
    paths: tuple[str, ...]
    """Of what was placed, such as `placement.edge`."""
    trials: tuple[Trial, ...]
    best: Trial

    def document(self) -> dict[str, object]:
        """Return it as plain values."""
        rows = [
            {
                "places": dict(zip(self.paths, trial.places, strict=True)),
                "value": trial.value,
                "answered": trial.answered,
                "note": trial.note,
            }
            for trial in self.trials
        ]
        return {
            "minimise": self.minimise,
            "requests": self.requests,
            "places": dict(zip(self.paths, self.best.places, strict=True)),
            "value": self.best.value,
            "answered": self.best.answered,
            "tried": rows,
        }


def try_places(
    scenario: Scenario,
    network: Trained | Given | Numbered,
    progress: Progress,
    policies: Callable[[PolicyPlan], Policy] = make,
    exhaustive: int = EXHAUSTIVE,
) -> Tried:
    """Return where *scenario*, which has a search, does best with its *network*.

    Each placement serves the first requests of the scenario's own run, with the same seeds. Raises UserError where
    none of them can be.
    """
    wanted = scenario.placement.search
    assert wanted is not None, "only a search asks for it"
    slots = searched_places(scenario)
    times, oracle, profiles = times_asked_for(scenario, network), network.oracle(), network.profiles()

    def judge(places: Places) -> Trial:
        try:
            placed = _placed(scenario, places)
        except ScenarioError as error:
            return Trial(places, None, error.faults[0].what, lacks=(len(error.faults), 0))
        if short := list(memory_findings(placed, profiles)):
            return Trial(places, None, short[0].what, lacks=(0, missing_bytes(placed, profiles)))
        try:
            deployment = deploy(placed, network.raw_bytes(), profiles, times)
        except UserError as error:
            return Trial(places, None, str(error), lacks=(1, 0))
        trace = simulate(first_requests(deployment, wanted.requests), oracle, policies=policies)
        return _judged(places, trace.labelled(oracle.labels), wanted.minimise)

    from ddnnsim.sim import simulate

    start = tuple(slot.at for slot in slots)
    trials = search([slot.names for slot in slots], start, judge, partial(progress, "placing"), exhaustive)
    found = best(trials)
    if found is None:
        reasons = "\n".join(f"  {', '.join(trial.places)}: {trial.note}" for trial in sorted(trials, key=rank)[:5])
        raise UserError(f"{scenario.name}: none of the {len(trials):,} placements that were tried can be:\n{reasons}")
    paths = tuple(slot.path for slot in slots)
    return Tried(_placed(scenario, found.places), wanted.minimise, wanted.requests, paths, tuple(trials), found)


def _placed(scenario: Scenario, places: Sequence[str]) -> Scenario:
    """Return *scenario* with *places* by name; exits that are where a section was go with it.

    Raises ScenarioError where that cannot be.
    """
    changes: dict[str, object] = {"placement.search": None}
    for slot, name in zip(searched_places(scenario), places, strict=True):
        changes |= dict.fromkeys((*slot.with_it, slot.path), name)
    return load_scenario(scenario, changes)


def _judged(places: Places, trace: Trace, minimise: str) -> Trial:
    """Return what *places* came to in the short run *trace*."""
    done, _ = answers(trace)
    if not done.any():
        return Trial(places, None, "no request was answered", 0.0)
    return Trial(places, MEASURES[minimise](trace), "", float(done.mean()))


def first_requests(deployment: Deployment, count: int) -> Deployment:
    """Return *deployment* with the first *count* requests of its workload, and no time series."""
    load = deployment.workload
    if isinstance(load, ClosedLoop):
        return replace(deployment, workload=replace(load, samples=load.samples[:count]), window_ns=None)
    captures = load.captures
    if captures is not None:
        kept = captures.requests < count
        captures = replace(
            captures, at_ns=captures.at_ns[kept], requests=captures.requests[kept], sections=captures.sections[kept]
        )
    first = Workload(load.captured_ns[:count], load.samples[:count], captures)
    return replace(deployment, workload=first, window_ns=None)


def _latency(trace: Trace) -> Latency:
    done, _ = answers(trace)
    return latency(latencies_ns(trace)[done])


def _bytes(trace: Trace) -> float | None:
    carried = sum(int(trace.links[f"{kind}_bytes"].sum()) for kind in trace.names["kind"])
    return carried / len(trace.requests["request"])


MEASURES: dict[str, Callable[[Trace], float | None]] = {
    "latency_mean": lambda trace: _latency(trace).mean_s,
    "latency_p95": lambda trace: _latency(trace).p95_s,
    "bytes": _bytes,
}
"""By what is minimised, how it is measured: latency in s, of the requests that were answered; bytes that links
carried for each request, summed over hops."""
