"""`ddnnsim validate` and `ddnnsim schema`: scenario files themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ddnnsim.cli.options import Json, Quiet, Settings, load_plan
from ddnnsim.cli.output import print_json
from ddnnsim.errors import Fault, ScenarioError


def validate(
    scenarios: Annotated[list[Path], typer.Argument(metavar="SCENARIO...", help="Scenario files.", show_default=False)],
    set_: Settings = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Check scenario files, all points of those with a sweep, and show every fault; nothing is written."""
    faults: list[Fault] = []
    for path in scenarios:
        try:
            load_plan(path, set_)
        except ScenarioError as error:
            faults += error.faults
        else:
            if not quiet and not as_json:
                print(f"{path}: valid")
    if faults:
        raise ScenarioError(faults)
    if as_json:
        print_json({"valid": [str(path) for path in scenarios]})


def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from ddnnsim.scenario import json_schema

    print_json(json_schema())
