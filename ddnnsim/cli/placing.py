"""`ddnnsim place`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ddnnsim.cli.options import Json, Quiet, ScenarioFile, Seed, Settings, load
from ddnnsim.cli.output import print_json, print_rich, progress_bars
from ddnnsim.errors import UserError


def place(
    scenario: ScenarioFile,
    set_: Settings = None,
    seed: Seed = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The scenario with the best places by name.", show_default="NAME-placed.yaml"
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Search for the places of sections and exits, show what was tried, and write the scenario with the best."""
    from ddnnsim import experiment
    from ddnnsim.scenario import dump

    resolved = load(scenario, set_, seed)
    file = out or Path(f"{resolved.name}-placed.yaml")
    if file.exists() and file.samefile(scenario):
        raise UserError(f"{file}: the scenario that searches; name another file with --out")
    with progress_bars(quiet or as_json) as progress:
        tried = experiment.place(resolved, progress)
    file.write_text(dump(tried.scenario), encoding="utf-8")
    if as_json:
        print_json(tried.document() | {"file": str(file)})
    elif not quiet:
        from ddnnsim.report.placing import placing_report

        print_rich(placing_report(tried))
        print(f"Scenario: {file}")
