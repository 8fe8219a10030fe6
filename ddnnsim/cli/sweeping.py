"""`ddnnsim run` of a scenario that asks for many runs."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ddnnsim.cli.output import print_json, print_rich, progress_bars

if TYPE_CHECKING:
    from ddnnsim.sweeps import Plan, ResultSet

SOME_FAILED = 3
"""The exit code where jobs failed, and others are done."""


def run_sweep(plan: Plan, out: Path, workers: int | None, *, quiet: bool, as_json: bool) -> None:
    """Run all jobs of *plan*, and print what came out."""
    from ddnnsim.sweeps import carry_out

    with progress_bars(quiet or as_json) as progress:
        result_set = carry_out(plan, out, None, workers or os.cpu_count() or 1, progress)
    failed = result_set.failed
    if as_json:
        summary, errors = (json.loads(table.to_json(orient="records")) for table in (result_set.summary, failed))
        print_json({"path": str(result_set.path), "jobs": len(result_set.jobs), "failed": errors, "summary": summary})
    elif not quiet:
        _print_report(result_set)
    for job in failed.to_dict("records"):
        print(f"point {job['point']}, replication {job['replication']}: {job['error']}", file=sys.stderr)
    if len(failed):
        raise SystemExit(SOME_FAILED)


def _print_report(result_set: ResultSet) -> None:
    from ddnnsim.report.sweep import sweep_report

    print_rich(sweep_report(result_set.scenario.name, result_set.points, result_set.summary))
    done = len(result_set.jobs) - len(result_set.failed)
    print(f"\nResult: {result_set.path} ({done:,} of {len(result_set.jobs):,} jobs)")
