"""Arguments and options that several commands have, and the scenario that they come to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ddnnsim.errors import UserError

if TYPE_CHECKING:
    from ddnnsim.scenario import Scenario
    from ddnnsim.sweeps import Plan

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file.", show_default=False)]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="A.B=C", help="Change a value of the scenario; may be repeated.", show_default=False),
]
Seed = Annotated[int | None, typer.Option(help="Seed of the simulation, instead of run.seed.", show_default=False)]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Of many runs: processes side by side.", show_default="as many as there are cores"),
]
Dask = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="Of a sweep: the scheduler of a Dask cluster to run it on.", show_default=False
    ),
]
Part = Annotated[
    str | None,
    typer.Option("--shard", metavar="I/N", help="Of a sweep: run only one part of N, from 1.", show_default=False),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Of a sweep: show its points, what is done, and how long the rest takes.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and print only faults.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Where = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="A.B=C", help="Only runs with this setting; may be repeated.", show_default=False),
]

Over = Annotated[
    str | None,
    typer.Option(metavar="PATH,...", help="Take runs together over the values of these settings.", show_default=False),
]


def words_of(text: str | None) -> tuple[str, ...]:
    """Return what commas part in *text*."""
    return tuple(word for part in (text or "").split(",") if (word := part.strip()))


def settings_named(texts: list[str] | None, option: str = "--where") -> dict[str, str]:
    """Return *texts* of *option*, such as `exits.local.threshold=0.5`, by path. Raise UserError for another form."""
    found = {}
    for text in texts or ():
        path, equals, value = (part.strip() for part in text.partition("="))
        if not path or not equals or not value:
            raise UserError(f"{option} {text}: not of the form a.b=value; write e.g. 'exits.local.threshold=0.5'")
        found[path] = value
    return found


def load(path: Path, settings: list[str] | None = None, seed: int | None = None) -> Scenario:
    """Return the scenario at *path* with what options say of it; the points of a sweep are not looked at."""
    from ddnnsim import experiment

    return experiment.load(path, settings=_settings(settings, seed))


def load_plan(path: Path, settings: list[str] | None = None, seed: int | None = None) -> Plan:
    """Return the scenario at *path* with what options say of it, and all points of its sweep."""
    from ddnnsim.sweeps import load_plan

    return load_plan(path, settings=_settings(settings, seed))


def _settings(settings: list[str] | None, seed: int | None) -> list[str]:
    return [*(settings or []), *([] if seed is None else [f"run.seed={seed}"])]
