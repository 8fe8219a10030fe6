"""A scenario along an axis: every point is run, or found, and what came out stands in one folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim import experiment
from ddnnsim.errors import ResultError, UserError
from ddnnsim.progress import Progress, silent
from ddnnsim.provenance import provenance
from ddnnsim.resilience.axes import Axis, Wish, points_of
from ddnnsim.resilience.curve import Outcome, curve, outcome, table
from ddnnsim.results import load_result, written_beside
from ddnnsim.scenario import dump, scenario_hash
from ddnnsim.sweeps.execution import perform
from ddnnsim.sweeps.job import Job
from ddnnsim.sweeps.plan import replicated

if TYPE_CHECKING:
    import pandas as pd

    from ddnnsim.resilience.points import Point
    from ddnnsim.results import Result
    from ddnnsim.scenario import Scenario

POINTS, MANIFEST, SCENARIO, FIGURES, FIGURE = "points.csv", "manifest.json", "scenario.yaml", "figures", "failures"
RUNS = "runs"
"""The folder of the points' results, beside those of the studies."""


@dataclass(frozen=True)
class Study:
    """A scenario along one axis, as its folder holds it."""

    path: Path
    points: pd.DataFrame
    """A row for each replication of each point."""

    @property
    def curve(self) -> pd.DataFrame:
        """Return a row for each place on the axis and quantity."""
        return curve(self.points)


def carry_out(
    scenario: Scenario, axis: Axis, wish: Wish, out: Path, progress: Progress = silent, workers: int = 1
) -> Study:
    """Run the points of *scenario* along *axis*, but those that are finished, and write what came out under *out*.

    So many *workers* run them side by side, each in the replications that *scenario* asks for, with the seeds of those
    of a sweep. What *scenario* itself sweeps is left out. Raise UserError, before anything runs, where a point is at
    fault, and after all others are run where one fails.
    """
    base = scenario.once
    points = points_of(axis, base, wish)
    asked = [experiment.load(base, point.overrides) for point in points]
    jobs = _jobs(asked, _replications(scenario))
    results = _results(points, jobs, out / RUNS, workers, progress)
    runs = [Run(points[job.point], job.replication, result) for job, result in zip(jobs, results, strict=True)]
    path = out / f"{base.name}-{axis.name}-{_key(points, asked)[:8]}"
    _write(path, scenario.model_copy(update={"sweep": None}), axis, runs)
    return Study(path, _table(axis, runs))


def _replications(scenario: Scenario) -> int:
    """Return how often each point is run: of a precision that is asked for, the replications to begin with."""
    precision = scenario.run.precision
    return scenario.run.replications or 1 if precision is None else precision.least


class Run(NamedTuple):
    """One replication of one point."""

    point: Point
    replication: int
    result: Result


def _table(axis: Axis, runs: Sequence[Run]) -> pd.DataFrame:
    return table([outcome(axis.name, *run) for run in runs])


def _jobs(asked: Sequence[Scenario], replications: int) -> list[Job]:
    """Return so many *replications* of each of the scenarios *asked* for, point by point."""
    places = product(enumerate(asked), range(replications))
    return [replicated(plain, number, point, r) for number, ((point, plain), r) in enumerate(places)]


def _results(
    points: Sequence[Point], jobs: Sequence[Job], runs: Path, workers: int, progress: Progress
) -> list[Result]:
    """Return what each of *jobs* came to. Raise UserError where some of them failed."""
    done = {outcome.job: outcome for outcome in perform(jobs, runs, None, workers, progress)}
    failed = [f"{points[job.point].label}: {error}" for job in jobs if (error := done[job.number].error) is not None]
    if failed:
        raise UserError("\n".join(dict.fromkeys(failed)))
    return [load_result(runs / str(done[job.number].run)) for job in jobs]


def is_study(path: Path) -> bool:
    """Return whether the folder *path* is that of a study."""
    file = path / POINTS
    return file.is_file() and file.read_text(encoding="utf-8").startswith(f"{Outcome._fields[0]},")


def load_study(path: Path) -> Study:
    """Return the study in the folder *path*. Raise ResultError where there is none, or not a whole one."""
    import pandas as pd

    file = path / POINTS
    if not file.is_file():
        raise ResultError(f"{file}: no such file; 'ddnnsim failures' makes it")
    words = {"axis": str, "label": str, "failed": str, "run": str}
    try:
        points = pd.read_csv(file, dtype=words, keep_default_na=False, na_values=[""])
        return Study(path, points[list(Outcome._fields)])
    except (ValueError, KeyError):
        raise ResultError(f"{file}: damaged; call 'ddnnsim failures' again to make it anew") from None


def _key(points: Sequence[Point], asked: Sequence[Scenario]) -> str:
    """Return 64 hex digits of all that can change what comes out."""
    told = [[point.label, scenario_hash(of_point)] for point, of_point in zip(points, asked, strict=True)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _write(path: Path, scenario: Scenario, axis: Axis, runs: Sequence[Run]) -> None:
    """Write the folder *path*: what was asked, what came out, how, and the figure."""
    from ddnnsim.plot.failures import save_failures

    rows = _table(axis, runs)
    with written_beside(path) as part:
        (part / SCENARIO).write_text(dump(scenario), encoding="utf-8")
        rows.to_csv(part / POINTS, index=False, float_format="%.9g", lineterminator="\n")
        (part / FIGURES).mkdir()
        save_failures(curve(rows), part / FIGURES / FIGURE)
        told = {
            "name": scenario.name,
            "axis": axis.name,
            "scenario_sha256": scenario_hash(scenario),
            **provenance(),
            "points": [_told(*run) for run in runs],
        }
        (part / MANIFEST).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _told(point: Point, replication: int, result: Result) -> dict[str, object]:
    """Return what the manifest says of a *replication* of *point*."""
    return {
        "x": None if isnan(point.x) else point.x,
        "label": point.label,
        "overrides": point.overrides,
        "replication": replication,
        "seed": result.scenario.run.seed,
        "run": result.path.name,
        "files_sha256": result.manifest["files_sha256"],
    }
