"""`ddnnsim table`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ddnnsim.cli.options import Over, Where, settings_named, words_of
from ddnnsim.errors import UserError

NUMBERS = "accuracy,latency.mean_s,latency.p95_s,bytes.per_sample_per_device"


def table(
    results: Annotated[
        list[Path], typer.Argument(metavar="RESULT...", help="Folders of runs, or that of a sweep.", show_default=False)
    ],
    of: Annotated[str, typer.Option(metavar="PATH,...", help="Numbers of the summary, by path.")] = NUMBERS,
    over: Over = None,
    where: Where = None,
    latex: Annotated[bool, typer.Option("--latex", help="As LaTeX, with booktabs.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown; so it is unless asked otherwise.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, with intervals in columns of their own.")] = False,
) -> None:
    """Print numbers of runs as a table for a paper: a row for each point, with units, rounded to their intervals."""
    from ddnnsim.curves import open_runs
    from ddnnsim.report.manuscript import WRITERS, manuscript

    formats = [name for name, asked in (("latex", latex), ("markdown", markdown), ("csv", as_csv)) if asked]
    if len(formats) > 1:
        raise UserError(f"--{formats[0]} and --{formats[1]}: a table has one format; name one")
    write = WRITERS[formats[0] if formats else "markdown"]
    runs = open_runs(results).among(settings_named(where)).over(words_of(over))
    print(write(manuscript(runs, words_of(of))), end="")
