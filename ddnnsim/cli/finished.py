"""`ddnnsim plot` and `ddnnsim explain`: results that are there."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ddnnsim.cli.options import Json, Quiet, load
from ddnnsim.cli.output import print_json, print_rich
from ddnnsim.errors import UserError


def plot(
    results: Annotated[
        list[Path] | None, typer.Argument(metavar="[RESULT...]", help="Folders of results.", show_default=False)
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="SCENARIO", help="Draw the data of this scenario as a contact sheet.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The folder for figures, each result's in one of its own.", show_default="into the results"),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Draw the figures of results: PDF, PNG and the plotted numbers as CSV; or a contact sheet of data."""
    from ddnnsim.plot import draw
    from ddnnsim.results import load_result

    if not results and data is None:
        raise UserError("nothing to plot: name folders of results, or a scenario with --data")
    loaded = [load_result(path) for path in results or ()]
    files = [file for result in loaded for file in draw(result, out and out / result.path.resolve().name)]
    if data is not None:
        files.append(_contact_sheet(data, out or Path()))
    if as_json:
        print_json({"figures": [str(file) for file in files]})
    elif not quiet:
        for file in files:
            print(file)


def _contact_sheet(path: Path, out: Path) -> Path:
    """Draw test samples of the scenario at *path* into the folder *out*, and return the picture."""
    from ddnnsim.dnn.data.datasets import load_dataset
    from ddnnsim.plot.contact_sheet import draw_contact_sheet

    scenario = load(path)
    dataset = load_dataset(scenario.data)
    split = dataset.splits["test"]
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{scenario.name}-data.png"
    draw_contact_sheet(split.images, split.labels, dataset.classes, file)
    return file


def explain(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="The folder of a result.", show_default=False)],
    request: Annotated[int, typer.Option(metavar="N", help="The number of the request, from 0.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Tell what became of one request and what it waited for; the run must have kept messages on record."""
    from rich.console import Console

    from ddnnsim.explanation import explain, page
    from ddnnsim.results import load_result

    trace = load_result(result).trace
    requests = len(trace.requests["request"])
    if not 0 <= request < requests:
        raise UserError(f"{result}: no request {request}; the run had {requests:,}, numbered from 0")
    told = explain(trace, request)
    if as_json:
        print_json(asdict(told))
    else:
        print_rich(page(told, Console().width))
