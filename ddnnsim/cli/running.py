"""`ddnnsim run`."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ddnnsim.cli.options import Json, Quiet, ScenarioFile, Seed, Settings, load
from ddnnsim.cli.output import print_json, print_rich, progress_bars, warn_not_saved

if TYPE_CHECKING:
    from ddnnsim.results import Result

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
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train if needed, simulate, and print and save what came out."""
    from ddnnsim import experiment, sources
    from ddnnsim.plot import draw, draw_missing

    resolved = load(scenario, [*(set_ or []), *(["run.record=messages"] if trace else [])], seed)

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
