"""A sweep of 200 jobs of half a second: what a second worker is worth, and what a job costs beside simulating."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import ddnnsim
from ddnnsim.progress import silent
from ddnnsim.results import folder_name
from ddnnsim.sweeps import Job
from ddnnsim.sweeps.execution import perform
from ddnnsim.workers import LocalWorkers, spread

QUICKSTART = Path(__file__).parents[2] / "scenarios" / "quickstart.yaml"
JOBS = 200
REQUESTS = 8000
"""They take about half a second."""
BARE = 12


def jobs(count: int, requests: int) -> list[Job]:
    scenarios = (ddnnsim.load(QUICKSTART, {"run.seed": seed, "workload.requests": requests}) for seed in range(count))
    return [Job(number, 0, number, number, scenario) for number, scenario in enumerate(scenarios)]


def seconds_each(ends: Iterable[float], workers: int) -> float:
    """Return how long a job takes, from one of *ends* to the next, when all workers have started."""
    started = list(ends)[2 * workers :]
    return (started[-1] - started[0]) / (len(started) - 1)


def ends(todo: list[Job], out: Path, workers: int) -> Iterator[float]:
    for outcome in perform(todo, out, None, workers, silent):
        assert outcome.error is None
        yield time.perf_counter()


def ends_of_bare_work(workers: int) -> Iterator[float]:
    """Yield when each of some calls ended that do nothing but count: what so many processes can do here at best."""
    with LocalWorkers(workers) as executor:
        for _, call in spread(sum, [range(30_000_000)] * BARE, executor, workers):
            call.result()
            yield time.perf_counter()


@pytest.mark.benchmark
def test_two_workers_are_nearly_twice_as_fast(tmp_path: Path) -> None:
    todo = jobs(JOBS, REQUESTS)
    bare = [seconds_each(ends_of_bare_work(workers), workers) for workers in (1, 2, 1, 2)]
    one, two = (seconds_each(ends(todo, tmp_path / str(workers), workers), workers) for workers in (1, 2))
    bare += [seconds_each(ends_of_bare_work(workers), workers) for workers in (1, 2, 1, 2)]
    best = sum(bare[::2]) / sum(bare[1::2])
    print(f"one worker {one:.3f} s a job, two {two:.3f} s: {one / two:.2f} times as fast; bare work {best:.2f} times")
    assert one / two >= 1.7 / 2 * best, "others may be at work on the host, too"


@pytest.mark.benchmark
def test_a_job_costs_little_beside_simulating(tmp_path: Path) -> None:
    todo = jobs(80, 200)
    began = list(ends(todo, tmp_path, 1))
    told = [json.loads((tmp_path / folder_name(job.scenario) / "manifest.json").read_text())["wall_s"] for job in todo]
    took = [end - start for start, end in itertools.pairwise(began)]
    beside = sorted(1e3 * (each - of["simulation"]) for each, of in zip(took, told[1:], strict=True))
    median, undisturbed = beside[len(beside) // 2], beside[len(beside) // 4]
    print(f"{median:.0f} ms beside simulating, {undisturbed:.0f} ms where others let it work")
    assert undisturbed < 50, "others may be at work on the host, too"


@pytest.mark.benchmark
def test_finished_jobs_are_found_at_once(tmp_path: Path) -> None:
    todo = jobs(200, 10)
    assert all(outcome.error is None for outcome in perform(todo, tmp_path, None, 1, silent))
    began = time.perf_counter()
    assert all(outcome.wall_s == 0 for outcome in perform(todo, tmp_path, None, 1, silent))
    took = time.perf_counter() - began
    print(f"{took:.2f} s for 200 finished jobs")
    assert took < 2
