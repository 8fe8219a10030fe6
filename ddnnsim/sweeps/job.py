"""A run of one point in one replication, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from ddnnsim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Job:
    """One run that is to be done; a process may hand it to another."""

    number: int
    """From 0; point by point, within a point replication by replication."""
    point: int
    replication: int
    seed: int
    """The `run.seed` of *scenario*."""
    scenario: Scenario
    """Of this run alone: without sweep and replications."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one job: a finished run, or an error."""

    job: int
    """Its number."""
    run: str | None
    """The folder of its result, below that of the runs; None where there is an error."""
    error: str | None
    """What is told to a person; None where there is a run."""
    wall_s: float
    """How long it took now; 0 where the run was found."""
