"""`ddnnsim run` of a scenario that asks for many runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.cli.output import print_json, print_rich, progress_bars

if TYPE_CHECKING:
    from ddnnsim.sweeps import Job, Outcome, Plan, ResultSet, Shard

SOME_FAILED = 3
"""The exit code where jobs failed, and others are done."""


class Spreading(NamedTuple):
    """A plan, where its results go, and who does its jobs."""

    plan: Plan
    out: Path
    workers: int | None
    """Side by side; None: as many as there are."""
    dask: str | None
    """The address of the scheduler of a cluster; None: this host."""


def run_sweep(spreading: Spreading, *, quiet: bool, as_json: bool) -> None:
    """Run all jobs, and print what came out."""
    from ddnnsim.sweeps import carry_out

    with _hands(spreading) as (executor, workers), progress_bars(quiet or as_json) as progress:
        result_set = carry_out(spreading.plan, spreading.out, executor, workers, progress, _tell)
    failed = result_set.failed
    if as_json:
        summary, errors = (json.loads(table.to_json(orient="records")) for table in (result_set.summary, failed))
        told = {"path": str(result_set.path), "jobs": len(result_set.jobs), "failed": errors, "summary": summary}
        print_json({**told, "precision": result_set.precision})
    elif not quiet:
        _print_report(result_set)
    _end(len(failed), len(result_set.jobs))


def run_part(spreading: Spreading, shard: Shard, *, quiet: bool, as_json: bool) -> None:
    """Run the jobs of *shard*, and print how many are done; tables are for who has them all."""
    from ddnnsim.sweeps import carry_out_part

    plan = spreading.plan
    with _hands(spreading) as (executor, workers), progress_bars(quiet or as_json) as progress:
        outcomes = carry_out_part(plan, shard, spreading.out, executor, workers, progress, _tell)
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    path = spreading.out / plan.name
    if as_json:
        errors = [{"job": outcome.job, "error": outcome.error} for outcome in failed]
        print_json({"path": str(path), "shard": list(shard), "jobs": len(outcomes), "failed": errors})
    elif not quiet:
        print(f"{path}: {len(outcomes) - len(failed):,} of the {len(outcomes):,} jobs of part {shard} are done")
        print("When all parts are, the same command without --shard writes the tables.")
    _end(len(failed), len(outcomes))


def dry_run_sweep(spreading: Spreading, shard: Shard, *, quiet: bool, as_json: bool) -> None:
    """Print the points, how many of the jobs of *shard* are done, and how long the others will take."""
    from ddnnsim.sweeps import RUNS, elsewhere, forecast

    plan = spreading.plan
    folders = [spreading.out / plan.name / RUNS, *elsewhere(plan, spreading.out)]
    with _hands(spreading) as (_, workers), progress_bars(quiet or as_json) as progress:
        told = forecast(shard.jobs(plan.first_jobs), folders, workers, progress)
    if as_json:
        points = [{"point": of.number, "label": of.label, "values": dict(of.values)} for of in plan.points]
        print_json({"points": points, **asdict(told)})
    elif not quiet:
        _print_points(plan)
        left = timedelta(seconds=ceil(told.left_s))
        networks = "network" if told.untrained == 1 else "networks"
        training = f", and the training of {told.untrained:,} {networks}" if told.untrained else ""
        print(
            f"\n{told.jobs:,} jobs, {told.done:,} done; the others take about {left} with {workers:,} workers{training}"
        )


@contextmanager
def _hands(spreading: Spreading) -> Iterator[tuple[Executor | None, int]]:
    """Give who does the jobs, None for processes of this host, and how many side by side."""
    from ddnnsim.sweeps import dask_cluster

    if spreading.dask is None:
        yield None, spreading.workers or os.cpu_count() or 1
    else:
        with dask_cluster(spreading.dask) as (executor, workers):
            yield executor, spreading.workers or workers


def _tell(job: Job, outcome: Outcome) -> None:
    """Tell of a job that failed, at once."""
    if outcome.error is not None:
        print(f"point {job.point}, replication {job.replication}: {outcome.error}", file=sys.stderr)


def _end(failed: int, jobs: int) -> None:
    if failed:
        print(f"{failed:,} of {jobs:,} jobs failed; the same command tries them again", file=sys.stderr)
        raise SystemExit(SOME_FAILED)


def _print_points(plan: Plan) -> None:
    """Print what each point of *plan* sets."""
    for point in plan.points:
        said = ", ".join(f"{path}: {value}" for path, value in point.values.items() if value is not None)
        print(f"point {point.number}: {f'{point.label}: ' if point.label else ''}{said or 'as the file has it'}")


def _print_report(result_set: ResultSet) -> None:
    from ddnnsim.report.sweep import sweep_report

    told = result_set.points, result_set.summary, result_set.precision
    print_rich(sweep_report(result_set.scenario.name, *told))
    done = len(result_set.jobs) - len(result_set.failed)
    print(f"\nResult: {result_set.path} ({done:,} of {len(result_set.jobs):,} jobs)")
