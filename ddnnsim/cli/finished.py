"""`ddnnsim explain`: a request of a result that is there."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ddnnsim.cli.options import Json
from ddnnsim.cli.output import print_json, print_rich
from ddnnsim.errors import UserError


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
