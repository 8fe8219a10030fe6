"""`ddnnsim compare` and `ddnnsim reproduce`: two results side by side, of which one may be made now."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ddnnsim.cli.options import Json, Quiet, Workers, settings_named, words_of
from ddnnsim.cli.output import print_json, print_rich, progress_bars
from ddnnsim.cli.tables import NUMBERS

DIFFERENT = 1
"""The exit code where what was reproduced is not the same."""
One = Annotated[Path, typer.Argument(metavar="A", help="The folder of a run or a sweep.", show_default=False)]
Other = Annotated[Path, typer.Argument(metavar="B", help="Another.", show_default=False)]


def compare(
    first: One,
    second: Other,
    of: Annotated[
        str | None,
        typer.Option(
            metavar="PATH,...", help="Numbers of the summary.", show_default="all that differ; of sweeps four"
        ),
    ] = None,
    only_first: Annotated[
        list[str] | None,
        typer.Option("--first", metavar="A.B=C", help="Only runs of A with this setting.", show_default=False),
    ] = None,
    only_second: Annotated[
        list[str] | None,
        typer.Option("--second", metavar="A.B=C", help="Only runs of B with this setting.", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what two results differ in: settings by path, and numbers, with paired differences over replications."""
    from ddnnsim.comparison import compare
    from ddnnsim.curves import is_sweep
    from ddnnsim.report.comparison import comparison_report

    wanted = of or (NUMBERS if is_sweep(first) or is_sweep(second) else None)
    chosen = settings_named(only_first, "--first"), settings_named(only_second, "--second")
    told = compare(first, second, words_of(wanted), *chosen)
    if as_json:
        print_json(asdict(told))
    else:
        print_rich(comparison_report(told))


def reproduce(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="The folder of a result.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Where the folder of the new result goes.")] = Path("reproduced"),
    workers: Workers = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Do a run or a sweep again from what its folder holds, and compare the hashes of all tables; 1 if they differ."""
    from ddnnsim.report.comparison import reproduction_report
    from ddnnsim.reproduction import reproduce

    with progress_bars(quiet or as_json) as progress:
        told = reproduce(result, out, workers or os.cpu_count() or 1, progress)
    if as_json:
        print_json({"path": str(told.path), "equal": told.equal,
                    "files": [file._asdict() for file in told.files],
                    "changes": [change._asdict() for change in told.changes]})  # fmt: skip
    elif not quiet:
        print_rich(reproduction_report(told))
        print(f"\nResult: {told.path}")
    if not told.equal:
        raise typer.Exit(DIFFERENT)
