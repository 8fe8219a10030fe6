"""Many small jobs, and what they left in their folders."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from ddnnsim import experiment
from ddnnsim.progress import silent
from ddnnsim.results import folder_name
from ddnnsim.sweeps.execution import perform
from ddnnsim.sweeps.job import Job, Outcome

SCENARIOS = Path(__file__).parents[2] / "scenarios"
NUMBERS = SCENARIOS / "numbers.yaml"
TRAINED = SCENARIOS / "quickstart.yaml"
REQUESTS = 60
SMALL: Mapping[str, object] = {"model.training.epochs": 1}
"""A network that is trained at once."""


def jobs(count: int, scenario: Path = NUMBERS, **changes: object) -> list[Job]:
    """Return *count* jobs of *scenario* with *changes*, which differ in the seed of the run."""
    return [job(number, scenario, **changes) for number in range(count)]


def job(number: int, scenario: Path = NUMBERS, **changes: object) -> Job:
    return Job(
        number,
        0,
        number,
        number,
        experiment.load(scenario, {"workload.requests": REQUESTS, "run.seed": number, **changes}),
    )


def done(todo: Sequence[Job], out: Path, workers: int = 1) -> list[Outcome]:
    """Return what becomes of jobs, by their numbers."""
    return by_number(perform(todo, out, None, workers, silent))


def by_number(outcomes) -> list[Outcome]:
    return sorted(outcomes, key=lambda outcome: outcome.job)


def records(out: Path) -> dict[str, str]:
    """Return by file what the runs under *out* are, but for what tells of hosts and times."""
    return {
        str(file.relative_to(out)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(out.rglob("*"))
        if file.is_file() and file.name != "manifest.json"
    }


def folders(todo: Sequence[Job]) -> list[str]:
    return [folder_name(of.scenario) for of in todo]
