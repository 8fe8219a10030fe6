"""How much of a sweep is left, and how long that will take."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from ddnnsim import experiment
from ddnnsim.progress import Progress
from ddnnsim.results import Result
from ddnnsim.sources import finished
from ddnnsim.sweeps.job import Job
from ddnnsim.sweeps.networks import Networks, identity


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is left of a sweep."""

    jobs: int
    done: int
    """How many of the jobs are finished."""
    left_s: float
    """How long the others will take, without what follows."""
    untrained: int
    """How many networks are yet to be trained for them."""


def forecast(jobs: Sequence[Job], folders: Sequence[Path], workers: int, progress: Progress) -> Forecast:
    """Return what is left of *jobs*, whose results may be in any of *folders*, for so many *workers*.

    A job takes as long as those of its point that are finished, in the mean, or as all that are; where none is, one
    is tried, of a network that is trained if there is one, and nothing of it kept but the network. Raises UserError
    where that fails.
    """
    networks = Networks()
    times: dict[int, list[float]] = {}
    left: list[Job] = []
    for job in jobs:
        found = (finished(job.scenario, folder, networks.behind) for folder in folders)
        result = next((result for result in found if result is not None), None)
        if result is None:
            left.append(job)
        else:
            times.setdefault(job.point, []).append(_took_s(result))
    of_all = [time_s for of_point in times.values() for time_s in of_point]
    if left and not of_all:
        trained = (job for job in left if networks.behind(job.scenario).is_trained)
        of_all = [_trial_s(next(trained, left[0]), networks, progress)]
    left_s = sum(fmean(times.get(job.point, of_all)) for job in left)
    untrained = {identity(job.scenario) for job in left if not networks.behind(job.scenario).is_trained}
    return Forecast(len(jobs), len(jobs) - len(left), left_s / max(1, min(workers, len(left))), len(untrained))


def _took_s(result: Result) -> float:
    return float(sum(result.manifest["wall_s"].values()))


def _trial_s(job: Job, networks: Networks, progress: Progress) -> float:
    """Return how long *job* takes when its network is there and the first run has loaded what all need."""
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            began = time.perf_counter()
            experiment.carry_out(job.scenario, Path(folder), progress, behind=networks.behind)
            took_s = time.perf_counter() - began
    return took_s
