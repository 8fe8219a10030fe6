"""A sweep from end to end: points, jobs in rounds until means are known well enough, and the folder of it all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ddnnsim.errors import UserError
from ddnnsim.experiment import ScenarioLike
from ddnnsim.progress import Progress, silent
from ddnnsim.results import load_result
from ddnnsim.sweeps.estimates import Numbers
from ddnnsim.sweeps.execution import perform, staff
from ddnnsim.sweeps.job import Job, Outcome
from ddnnsim.sweeps.layout import RUNS
from ddnnsim.sweeps.numbers import numbers_of
from ddnnsim.sweeps.plan import Plan, load_plan
from ddnnsim.sweeps.reach import more_runs
from ddnnsim.sweeps.result_set import ResultSet
from ddnnsim.sweeps.reuse import adopt, elsewhere
from ddnnsim.sweeps.shard import Shard
from ddnnsim.sweeps.store import write

Values = Iterable[object] | Mapping[str, object]
"""Values for a path, or a range as a file has it."""
_NONE: Mapping[str, Values] = MappingProxyType({})


def untold(job: Job, outcome: Outcome) -> None:
    """Tell nobody of *outcome*."""


def sweep(
    scenario: ScenarioLike,
    grid: Mapping[str, Values] = _NONE,
    /,
    *,
    zip: Mapping[str, Values] = _NONE,  # noqa: A002 (as in a file)
    list: Iterable[Mapping[str, object]] = (),  # noqa: A002
    replications: int | None = None,
    out: str | os.PathLike[str] = "results",
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Progress = silent,
    **overrides: object,
) -> ResultSet:
    """Return the results of *scenario*, with *overrides*, at each point of its sweep and what is given here.

    *grid* and *zip* are values by path, beside those of the file; for a path that the file sweeps there, they are in
    the place of its values, and *list* of its list. Each point is run *replications* times. Jobs that are finished
    under *out* are not run again; the others are run by *executor*, which has so many *workers*, or by as many local
    processes, one for each core where nothing is said. Jobs that fail are in `jobs`.
    Raises ScenarioError, before anything runs, with every fault of every point, and UserError where neither *workers*
    nor the executor tells how many there are.
    """
    asked = dict(overrides)
    asked |= {
        f"sweep.{part}.{path}": _plain(values)
        for part, of in (("grid", grid), ("zip", zip))
        for path, values in of.items()
    }
    if items := [*list]:
        asked["sweep.list"] = items
    if replications is not None:
        asked["run.replications"] = replications
    return carry_out(load_plan(scenario, asked), Path(out), executor, _side_by_side(executor, workers), progress)


def carry_out(
    plan: Plan,
    out: Path,
    executor: Executor | None,
    workers: int,
    progress: Progress = silent,
    tell: Callable[[Job, Outcome], object] = untold,
    others: Sequence[Path] | None = None,
) -> ResultSet:
    """Return the results of all jobs of *plan*, under *out*, in a folder that is written when all are done.

    *tell* is called with each job when it is done. Jobs that are finished in one of the folders *others* are not done
    again; where none are said, these are all others under *out*.
    """
    path = out / plan.name
    (path / RUNS).mkdir(parents=True, exist_ok=True)  # where that cannot be, no job needs to be done
    done: list[Job] = []
    outcomes: dict[int, Outcome] = {}
    todo = plan.first_jobs
    others = elsewhere(plan, out) if others is None else others
    with staff(executor, workers) as hands:
        while todo:
            adopt(todo, path / RUNS, others)
            outcomes |= _outcomes(todo, path / RUNS, hands, workers, progress, tell)
            done += todo
            todo = _more(plan, path / RUNS, done, outcomes)
    write(path, plan, done, outcomes)
    return ResultSet(path)


def carry_out_part(
    plan: Plan,
    part: Shard,
    out: Path,
    executor: Executor | None,
    workers: int,
    progress: Progress = silent,
    tell: Callable[[Job, Outcome], object] = untold,
) -> list[Outcome]:
    """Return what became of *part* of the jobs of *plan*, as `carry_out` does them; no table is written.

    Of a plan with a precision, these are of the jobs to begin with.
    """
    jobs = part.jobs(plan.first_jobs)
    adopt(jobs, out / plan.name / RUNS, elsewhere(plan, out))
    return list(_outcomes(jobs, out / plan.name / RUNS, executor, workers, progress, tell).values())


def _outcomes(
    jobs: Sequence[Job],
    runs: Path,
    executor: Executor | None,
    workers: int,
    progress: Progress,
    tell: Callable[[Job, Outcome], object],
) -> dict[int, Outcome]:
    """Return by the number of the job what becomes of each of *jobs*."""
    numbered = {job.number: job for job in jobs}
    outcomes = {}
    for outcome in perform(jobs, runs, executor, workers, progress):
        outcomes[outcome.job] = outcome
        tell(numbered[outcome.job], outcome)
    return outcomes


def _more(plan: Plan, runs: Path, done: Sequence[Job], outcomes: Mapping[int, Outcome]) -> list[Job]:
    """Return the jobs that the precision of *plan* asks for beside those that are *done*."""
    precision = plan.scenario.run.precision
    if precision is None:
        return []
    by_point: dict[int, list[Numbers]] = {}
    for job in done:
        run = outcomes[job.number].run
        numbers = {} if run is None else numbers_of(load_result(runs / run).summary)
        by_point.setdefault(job.point, []).append(numbers)
    return plan.jobs(
        {point: range(len(told), len(told) + more_runs(precision, told)) for point, told in by_point.items()}
    )


def _side_by_side(executor: Executor | None, workers: int | None) -> int:
    """Return how many jobs are done side by side."""
    if workers is None:
        workers = (os.cpu_count() or 1) if executor is None else getattr(executor, "_max_workers", None)
    if not isinstance(workers, int) or workers < 1:
        raise UserError(f"sweep: workers={workers}: how many jobs are done side by side? write a number from 1")
    return workers


def _plain(values: object) -> Any:  # noqa: ANN401
    """Return *values*, an array too, as a file could have them; what can be none is refused with all other faults."""
    if isinstance(values, Mapping):
        return dict(values)
    return [*values] if isinstance(values, Iterable) and not isinstance(values, str) else values
