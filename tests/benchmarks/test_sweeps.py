"""A sweep of 200 jobs of half a second: what a second worker is worth, and what a job costs beside simulating."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

import ddnnsim
from ddnnsim.progress import silent
from ddnnsim.sweeps import Job
from ddnnsim.sweeps.execution import perform

QUICKSTART = Path(__file__).parents[2] / "scenarios" / "quickstart.yaml"
JOBS = 200
REQUESTS = 8000
"""They take about half a second."""


def jobs(count: int, requests: int) -> list[Job]:
    scenarios = (ddnnsim.load(QUICKSTART, {"run.seed": seed, "workload.requests": requests}) for seed in range(count))
    return [Job(number, 0, number, number, scenario) for number, scenario in enumerate(scenarios)]


def seconds_each(todo: list[Job], out: Path, workers: int) -> float:
    """Return how long a job takes, from one to the next, when all workers have started."""
    ends = []
    for outcome in perform(todo, out, None, workers, silent):
        assert outcome.error is None
        ends.append(time.perf_counter())
    return (ends[-1] - ends[2 * workers]) / (len(ends) - 1 - 2 * workers)


@pytest.mark.benchmark
def test_two_workers_are_nearly_twice_as_fast(tmp_path: Path) -> None:
    todo = jobs(JOBS, REQUESTS)
    one, two = (seconds_each(todo, tmp_path / str(workers), workers) for workers in (1, 2))
    print(f"one worker {one:.3f} s a job, two {two:.3f} s: {one / two:.2f} times as fast")
    assert one / two >= 1.7


@pytest.mark.benchmark
def test_a_job_costs_little_beside_simulating(tmp_path: Path) -> None:
    each = seconds_each(jobs(40, 200), tmp_path, 1)
    told = [json.loads((run / "manifest.json").read_text())["wall_s"]["simulation"] for run in tmp_path.iterdir()]
    beside = each - sum(told) / len(told)
    print(f"{1e3 * beside:.0f} ms beside simulating")
    assert beside < 0.05


@pytest.mark.benchmark
def test_finished_jobs_are_found_at_once(tmp_path: Path) -> None:
    todo = jobs(200, 10)
    assert all(outcome.error is None for outcome in perform(todo, tmp_path, None, 1, silent))
    began = time.perf_counter()
    assert all(outcome.wall_s == 0 for outcome in perform(todo, tmp_path, None, 1, silent))
    took = time.perf_counter() - began
    print(f"{took:.2f} s for 200 finished jobs")
    assert took < 2
