"""The command line: the only place that prints."""

from __future__ import annotations

import gc
import sys

import typer

from ddnnsim.cli.comparing import compare, reproduce
from ddnnsim.cli.files import schema, validate
from ddnnsim.cli.finished import explain
from ddnnsim.cli.networks import calibrate, train
from ddnnsim.cli.output import print_json
from ddnnsim.cli.placing import place
from ddnnsim.cli.plotting import plot
from ddnnsim.cli.resilience import failures
from ddnnsim.cli.running import run
from ddnnsim.cli.showing import show
from ddnnsim.cli.studies import paper
from ddnnsim.cli.tables import table
from ddnnsim.errors import ScenarioError, UserError, told

INTERRUPTED = 130
"""The exit code that typer gives to Ctrl-C."""

LASTING_OBJECTS = 100_000
"""New objects between two collections: imports and results make many that last, and hardly a cycle."""

app = typer.Typer(
    help="Simulate distributed deep neural networks over devices, edges and a cloud.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
COMMANDS = (
    run, validate, show, place, train, calibrate, failures, plot, table, compare, reproduce, explain, paper, schema,
)  # fmt: skip
"""In the order of the help."""
for command in COMMANDS:
    app.command()(command)


def main() -> None:
    """Run the command line; end with 1 when the user can mend what went wrong."""
    as_json = "--json" in sys.argv[1:]
    gc.set_threshold(LASTING_OBJECTS)
    try:
        app(standalone_mode=True)
    except ScenarioError as error:
        if as_json:
            print_json({"errors": [fault._asdict() for fault in error.faults]})
        _fail(str(error))
    except (UserError, OSError, MemoryError) as error:
        if as_json:
            print_json({"errors": [{"what": told(error)}]})
        _fail(told(error))
    except SystemExit as end:
        if end.code == INTERRUPTED:
            if as_json:
                print_json({"errors": [{"what": "interrupted"}]})
            _fail("interrupted", INTERRUPTED)
        raise
    finally:
        gc.freeze()  # nothing is left to collect before the end


def _fail(text: str, code: int = 1) -> None:
    print(text, file=sys.stderr)
    raise SystemExit(code)
