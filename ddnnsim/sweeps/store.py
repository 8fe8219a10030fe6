"""The folder of a sweep is written: each table whole, and the manifest last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ddnnsim.inputs import digest
from ddnnsim.provenance import provenance
from ddnnsim.results import load_result, written_into
from ddnnsim.results.layout import sha256
from ddnnsim.scenario import Scenario, as_yaml, scenario_hash
from ddnnsim.scenario.sweep import Precision
from ddnnsim.sources import graph_files
from ddnnsim.sweeps.estimates import Numbers
from ddnnsim.sweeps.job import Job, Outcome
from ddnnsim.sweeps.layout import JOBS, MANIFEST, POINTS, RESULTS, RUNS, SCENARIO, SUMMARY
from ddnnsim.sweeps.plan import Plan
from ddnnsim.sweeps.reach import reach
from ddnnsim.sweeps.rows import Row, chosen, read_rows
from ddnnsim.sweeps.tables import estimate_table, job_table, point_table, tidy_table


def write(path: Path, plan: Plan, jobs: Iterable[Job], outcomes: Mapping[int, Outcome]) -> None:
    """Write into the folder *path*, whose runs are there, what *plan* asked for and what became of its *jobs*.

    *outcomes* are by the number of the job.
    """
    runs = path / RUNS
    points = [{"number": point.number, "label": point.label, "values": dict(point.values)} for point in plan.points]
    done = [_told(job, outcomes[job.number], runs) for job in sorted(jobs, key=lambda job: job.number)]
    asked = plan.scenario.run.precision
    rows = chosen(read_rows(runs, done), () if asked is None else (asked.of,))
    tables = {
        POINTS: point_table(points),
        JOBS: job_table(done),
        RESULTS: tidy_table(points, rows),
        SUMMARY: estimate_table(rows),
    }
    with written_into(path, last=MANIFEST) as part:
        (part / SCENARIO).write_text(as_yaml(plan.said), encoding="utf-8")
        for name, table in tables.items():
            table.to_csv(part / name, index=False, lineterminator="\n")
        told = {
            "name": plan.scenario.name,
            "scenario_sha256": scenario_hash(plan.scenario),
            "points_sha256": plan.key,
            **provenance(),
            **_made_from(plan.scenario),
            "files_sha256": {file.name: sha256(file) for file in sorted(part.iterdir())},
            "precision": None if asked is None else _precision(asked, [point.number for point in plan.points], rows),
            "points": points,
            "jobs": done,
        }
        (part / MANIFEST).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _made_from(scenario: Scenario) -> dict[str, Any]:
    """Return what a manifest says of what the topology of *scenario* was made from; nothing if it was written out."""
    if scenario.recipe is None:
        return {}
    return {"recipe": scenario.recipe, "inputs_sha256": {str(file): digest(file) for file in graph_files(scenario)}}


def _precision(asked: Precision, points: Iterable[int], rows: Sequence[Row]) -> dict[str, Any]:
    """Return what a manifest says of the precision that is *asked* for: how near each of *points* came to it."""
    runs: dict[int, list[Numbers]] = {point: [] for point in points}
    for row in rows:
        runs[row.point].append(row.numbers)
    reached = [{"point": point, **reach(asked, told)._asdict()} for point, told in runs.items()]
    return {"of": asked.of, "within": asked.within, "points": reached}


def _told(job: Job, outcome: Outcome, runs: Path) -> dict[str, Any]:
    """Return what a manifest says of *job*, with the hashes of the tables of its run."""
    files = {} if outcome.run is None else load_result(runs / outcome.run).manifest["files_sha256"]
    return {
        "point": job.point,
        "replication": job.replication,
        "seed": job.seed,
        "run": outcome.run,
        "error": outcome.error,
        "files_sha256": files,
    }
