"""`ddnnsim paper`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from ddnnsim.cli.options import Json, Quiet
from ddnnsim.cli.output import print_json, print_rich, progress_bars


def paper(
    out: Annotated[Path, typer.Option(help="The folder for tables, figures and runs.")] = Path("results/paper"),
    scenarios: Annotated[Path, typer.Option(help="The folder of the paper's scenarios.")] = Path("scenarios/paper"),
    data: Annotated[
        str | None, typer.Option(metavar="mvmc=PATH", help="The authors' data, from a file.", show_default=False)
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Seeds of the training.", show_default="5, with --quick 1")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes side by side.", show_default="as many as processors")
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="NAME,...", help="Not all studies but these.", show_default=False)
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Train for 2 epochs: to try it out.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Make the paper's tables and figures again, and more; what is finished is not made twice."""
    from ddnnsim.paper import PAGE, Campaign, mvmc_file, regenerate, studies_named

    campaign = Campaign(
        studies=studies_named(only),
        scenarios=scenarios,
        out=out,
        seeds=seeds or (1 if quick else 5),
        mvmc=None if data is None else mvmc_file(data),
        quick=quick,
    )
    with progress_bars(quiet or as_json) as progress:
        means = regenerate(campaign, jobs or os.cpu_count() or 1, progress)
    if as_json:
        print_json({"path": str(out), "means": json.loads(means.to_json(orient="records"))})
    elif not quiet:
        from rich.markdown import Markdown

        for study in campaign.studies:
            print_rich(iter([Markdown((out / "tables" / f"{study.name}.md").read_text(encoding="utf-8"))]))
        print(f"\nPage: {out / PAGE}\nTables: {out / 'tables'}\nFigures: {out / 'figures'}")
