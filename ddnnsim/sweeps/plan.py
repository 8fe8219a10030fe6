"""What a sweep is to run: its points, and for each the jobs that are its replications."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from ddnnsim import experiment
from ddnnsim.experiment import ScenarioLike
from ddnnsim.scenario import Point, Scenario, scenario_hash
from ddnnsim.seeds import stream
from ddnnsim.sweeps.job import Job
from ddnnsim.sweeps.numbers import precision_findings

_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class Plan:
    """A scenario and all that it asks for."""

    scenario: Scenario
    """With its sweep, and how often each point is run."""
    points: tuple[Point, ...]
    said: Mapping[str, Any]
    """The scenario as it was written, with overrides: what the same points can be loaded from again."""

    @property
    def name(self) -> str:
        """Return NAME-sweep-HASH8: other points, other hash. How often they are run may change in one folder."""
        return f"{self.scenario.name}-sweep-{self.key[:8]}"

    @cached_property
    def key(self) -> str:
        """Return 64 hex digits of all that can change what comes out of one replication."""
        told = [[point.label, dict(point.values), scenario_hash(point.scenario)] for point in self.points]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @property
    def first(self) -> int:
        """Return how many replications each point has to begin with."""
        precision = self.scenario.run.precision
        return self.scenario.run.replications or 1 if precision is None else precision.least

    @property
    def most(self) -> int:
        """Return how many replications a point has at most."""
        precision = self.scenario.run.precision
        return self.first if precision is None else precision.most

    def jobs(self, replications: Mapping[int, range]) -> list[Job]:
        """Return the jobs of *replications* of points, by the number of the point."""
        return [self.job(point, replication) for point, of_point in replications.items() for replication in of_point]

    def job(self, point: int, replication: int) -> Job:
        """Return the job that is one *replication* of a *point*."""
        return replicated(self.points[point].scenario, point * self.most + replication, point, replication)

    @property
    def first_jobs(self) -> list[Job]:
        """Return the jobs to begin with."""
        return self.jobs({point.number: range(self.first) for point in self.points})


def replicated(plain: Scenario, number: int, point: int, replication: int) -> Job:
    """Return the job that is one *replication* of *plain*, the scenario of a *point*."""
    seed = replication_seed(plain.run.seed, replication)
    scenario = plain.model_copy(update={"run": plain.run.model_copy(update={"seed": seed})})
    return Job(number, point, replication, seed, scenario)


def replication_seed(seed: int, replication: int) -> int:
    """Return the seed of a *replication*, from 0, of a scenario with *seed*: the same for all that have it."""
    if replication == 0:
        return seed
    return int(stream(seed, f"replication/{replication}").integers(_LARGEST_SEED, endpoint=True))


def load_plan(
    scenario: ScenarioLike,
    overrides: Mapping[str, object] = MappingProxyType({}),
    settings: Sequence[str] = (),
) -> Plan:
    """Return *scenario* with its points, checked and resolved, as `experiment.load` does."""
    return Plan(*experiment.load_points(scenario, overrides, settings, (precision_findings,)))
