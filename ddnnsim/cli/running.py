"""`ddnnsim run`."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ddnnsim.cli.options import Dask, DryRun, Json, Part, Quiet, ScenarioFile, Seed, Settings, Workers, load_plan
from ddnnsim.cli.output import print_json, print_rich, progress_bars, warn_not_saved
from ddnnsim.cli.sweeping import Spreading, dry_run_sweep, run_part, run_sweep
from ddnnsim.errors import UserError

if TYPE_CHECKING:
    from ddnnsim.results import Result
    from ddnnsim.scenario import Scenario

TIMELINE = "trace.json"
"""The file of a result that has its timeline."""


class Timeline(StrEnum):
    """In which format a run is written as a timeline."""

    chrome = "chrome"


def run(
    scenario: ScenarioFile,
    set_: Settings = None,
    seed: Seed = None,
    out: Annotated[Path, typer.Option(help="Where the folder of the result goes.")] = Path("results"),
    again: Annotated[bool, typer.Option("--again", help="Simulate again, even if a result is there.")] = False,
    trace: Annotated[
        Timeline | None,
        typer.Option(help="Keep messages on record and write trace.json, a timeline for Perfetto.", show_default=False),
    ] = None,
    workers: Workers = None,
    dask: Dask = None,
    shard: Part = None,
    dry_run: DryRun = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train if needed, simulate, and print and save what came out; of a sweep each point, as often as it asks for."""
    from ddnnsim.sweeps import parse_shard

    part = parse_shard(shard or "1/1")
    plan = load_plan(scenario, [*(set_ or []), *(["run.record=messages"] if trace else [])], seed)
    if plan.scenario.is_repeated:
        if again or trace is not None:
            raise UserError(
                f"{scenario}: --again and --trace are for one run, and it asks for many; add --set sweep=null, or "
                "--set run.replications=null"
            )
        spreading = Spreading(plan, out, workers, dask)
        if dry_run:
            dry_run_sweep(spreading, part, quiet=quiet, as_json=as_json)
        elif part.of > 1:
            run_part(spreading, part, quiet=quiet, as_json=as_json)
        else:
            run_sweep(spreading, quiet=quiet, as_json=as_json)
    elif dask or shard or dry_run:
        raise UserError(f"{scenario}: --dask, --shard and --dry-run are for many runs; add a sweep or replications")
    else:
        _run_once(plan.points[0].scenario, out, trace, again=again, quiet=quiet, as_json=as_json)


def _run_once(
    resolved: Scenario, out: Path, trace: Timeline | None, *, again: bool, quiet: bool, as_json: bool
) -> None:
    from ddnnsim import experiment, sources
    from ddnnsim.plot import draw, draw_missing

    def finish(result: Result) -> None:
        draw(result)
        if trace is not None:
            _write_timeline(result)

    finished = None if again else sources.finished(resolved, out)
    if finished is None:
        with progress_bars(quiet or as_json) as progress:
            result = experiment.run(resolved, out=out, again=again, progress=progress, finish=finish)
        warn_not_saved(result.manifest["weights"]["not_saved"])
    else:
        result = finished
        draw_missing(result)
        if trace is not None and not (result.path / TIMELINE).exists():
            _write_timeline(result)
    if as_json:
        print_json({"path": str(result.path), "finished_before": finished is not None, "summary": _summary(result)})
    elif not quiet:
        _print_report(result, finished_before=finished is not None)


def _write_timeline(result: Result) -> None:
    from ddnnsim.timeline import write_timeline

    write_timeline(result.trace, result.path / TIMELINE)


def _summary(result: Result) -> Any:  # noqa: ANN401
    from ddnnsim.results.layout import SUMMARY

    return json.loads((result.path / SUMMARY).read_text(encoding="utf-8"))


def _print_report(result: Result, *, finished_before: bool) -> None:
    from ddnnsim.report import report

    print_rich(report(result))
    note = " (finished before; --again simulates again)" if finished_before else ""
    print(f"\nResult: {result.path}{note}")
