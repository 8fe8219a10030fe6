"""`ddnnsim show`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ddnnsim.cli.options import Json, Quiet, ScenarioFile, Settings, load
from ddnnsim.cli.output import print_json, print_rich


def show(
    scenario: ScenarioFile,
    set_: Settings = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="The folder for the picture.", show_default="networks"),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Show and draw the network of a scenario: what is where, what joins it, what a request alone takes."""
    from ddnnsim.overview import overview
    from ddnnsim.plot.network import draw_overview

    shown = overview(load(scenario, set_))
    files = draw_overview(shown, out or Path("networks"))
    if as_json:
        print_json(asdict(shown) | {"figures": [str(file) for file in files]})
    elif not quiet:
        from ddnnsim.report.network import network_report

        print_rich(network_report(shown))
        print(f"Figure: {files[0]}")
