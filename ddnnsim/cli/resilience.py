"""`ddnnsim failures`."""

from __future__ import annotations

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ddnnsim.cli.options import Json, Quiet, ScenarioFile, Seed, Settings, Workers, load, words_of
from ddnnsim.cli.output import print_json, print_rich, progress_bars


class Against(StrEnum):
    """What a scenario is looked at against."""

    device = "device"
    number = "number"
    mtbf = "mtbf"
    deadline = "deadline"
    loss = "loss"


def failures(
    scenario: ScenarioFile,
    against: Annotated[
        Against,
        typer.Option(help="Which node failed, how many did, how often they do, how long exits wait, what links lose."),
    ],
    of: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="Nodes or groups that fail, exits with the deadline, or links that lose.",
            show_default="devices; all exits that gather; all links",
        ),
    ] = None,
    values: Annotated[
        str | None,
        typer.Option(metavar="VALUE,...", help="Places on the axis, e.g. '1 s,10 s'.", show_default="by axis"),
    ] = None,
    subsets: Annotated[
        int | None,
        typer.Option(min=2, help="With number: the most sets of one size; they are drawn.", show_default="20"),
    ] = None,
    mttr: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="With mtbf: how long a failure lasts, in the mean.", show_default="10 s"),
    ] = None,
    set_: Settings = None,
    seed: Seed = None,
    out: Annotated[Path, typer.Option(help="Where the folder goes, and those of the runs.")] = Path("results/failures"),
    workers: Workers = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Run a scenario with more and more that fails, and draw accuracy, availability, latency and bytes against it."""
    from ddnnsim.resilience import AXES, Wish, carry_out

    wish = Wish(of=words_of(of), values=words_of(values), subsets=subsets, mttr=mttr)
    resolved = load(scenario, set_, seed)
    with progress_bars(quiet or as_json) as progress:
        study = carry_out(resolved, AXES[against.value], wish, out, progress, workers or os.cpu_count() or 1)
    if as_json:
        points, curve = (json.loads(table.to_json(orient="records")) for table in (study.points, study.curve))
        print_json({"path": str(study.path), "points": points, "curve": curve})
    elif not quiet:
        from ddnnsim.report.failures import failures_report

        print_rich(failures_report(resolved.name, study.curve))
        print(f"\nResult: {study.path}")
