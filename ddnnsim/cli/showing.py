"""`ddnnsim show`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ddnnsim.cli.options import Json, Quiet, ScenarioFile, Settings, load
from ddnnsim.cli.output import print_json, print_rich
from ddnnsim.errors import UserError


def show(
    scenario: ScenarioFile,
    set_: Settings = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="The folder for the picture.", show_default="networks"),
    ] = None,
    as_yaml: Annotated[
        bool, typer.Option("--yaml", help="Print only the resolved scenario, as YAML on standard output.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Show and draw the network of a scenario: what is where, what joins it, what a request alone takes."""
    from ddnnsim.scenario import dump, written_out

    if as_yaml and (as_json or out is not None):
        raise UserError("--yaml prints the scenario and nothing else: leave out --json and --out")
    resolved = load(scenario, set_)
    if as_yaml:
        print(dump(resolved), end="")
        return
    from ddnnsim.overview import overview
    from ddnnsim.plot.network import draw_overview

    shown = overview(resolved)
    files = draw_overview(shown, out or Path("networks"))
    if as_json:
        told = {"scenario": written_out(resolved), "figures": [str(file) for file in files]}
        print_json(asdict(shown) | told)
    elif not quiet:
        from ddnnsim.report.network import network_report

        print_rich(network_report(shown))
        print(f"Figure: {files[0]}")
