"""The command line: the only place that prints."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ddnnsim.errors import Fault, ScenarioError, UserError

if TYPE_CHECKING:
    from ddnnsim.results import Result

INTERRUPTED = 130
"""The exit code that typer gives to Ctrl-C."""

SPEED_PERIOD_S = 3600.0
"""What progress in this time tells of the time that is left: steps may take minutes."""

TIMELINE = "trace.json"
"""The file of a result that has its timeline."""

LASTING_OBJECTS = 100_000
"""New objects between two collections: imports and results make many that last, and hardly a cycle."""

app = typer.Typer(
    help="Simulate distributed deep neural networks over devices, edges and a cloud.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Timeline(StrEnum):
    """In which format a run is written as a timeline."""

    chrome = "chrome"


ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file.", show_default=False)]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="A.B=C", help="Change a value of the scenario; may be repeated.", show_default=False),
]
Seed = Annotated[int | None, typer.Option(help="Seed of the simulation, instead of run.seed.", show_default=False)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and print only faults.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]


def main() -> None:
    """Run the command line; end with 1 when the user can mend what went wrong."""
    as_json = "--json" in sys.argv[1:]
    gc.set_threshold(LASTING_OBJECTS)
    try:
        app(standalone_mode=True)
    except ScenarioError as error:
        if as_json:
            _print_json({"errors": [fault._asdict() for fault in error.faults]})
        _fail(str(error))
    except (UserError, OSError) as error:
        what = str(error)
        if isinstance(error, OSError):
            what = f"cannot read or write {error.filename or 'the output'}: {error.strerror or error}"
        if as_json:
            _print_json({"errors": [{"what": what}]})
        _fail(what)
    except MemoryError:
        what = "not enough memory; ask for fewer requests, users or devices, or keep only requests on record"
        if as_json:
            _print_json({"errors": [{"what": what}]})
        _fail(what)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            if as_json:
                _print_json({"errors": [{"what": "interrupted"}]})
            _fail("interrupted", INTERRUPTED)
        raise
    finally:
        gc.freeze()  # nothing is left to collect before the end


def _fail(text: str, code: int = 1) -> None:
    print(text, file=sys.stderr)
    raise SystemExit(code)


@app.command()
def run(
    scenario: ScenarioFile,
    set_: Settings = None,
    seed: Seed = None,
    out: Annotated[Path, typer.Option(help="Where the folder of the result goes.")] = Path("results"),
    again: Annotated[bool, typer.Option("--again", help="Simulate again, even if a result is there.")] = False,
    trace: Annotated[
        Timeline | None,
        typer.Option(help="Keep messages on record and write trace.json, a timeline for Perfetto.", show_default=False),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train if needed, simulate, and print and save what came out."""
    from ddnnsim import experiment
    from ddnnsim.plot import draw, draw_missing

    resolved = _load(scenario, [*(set_ or []), *(["run.record=messages"] if trace else [])], seed)

    def finish(result: Result) -> None:
        draw(result)
        if trace is not None:
            _write_timeline(result)

    finished = None if again else experiment.finished(resolved, out)
    if finished is None:
        with _progress(quiet or as_json) as progress:
            result = experiment.run(resolved, out=out, again=again, progress=progress, finish=finish)
        _warn_not_saved(result.manifest["weights"]["not_saved"])
    else:
        result = finished
        draw_missing(result)
        if trace is not None and not (result.path / TIMELINE).exists():
            _write_timeline(result)
    if as_json:
        _print_json({"path": str(result.path), "finished_before": finished is not None, "summary": _summary(result)})
    elif not quiet:
        _print_report(result, finished_before=finished is not None)


def _write_timeline(result: Result) -> None:
    from ddnnsim.timeline import write_timeline

    write_timeline(result.trace, result.path / TIMELINE)


@app.command()
def validate(
    scenarios: Annotated[list[Path], typer.Argument(metavar="SCENARIO...", help="Scenario files.", show_default=False)],
    set_: Settings = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Check scenario files and show every fault; nothing is written."""
    faults: list[Fault] = []
    for path in scenarios:
        try:
            _load(path, set_, None)
        except ScenarioError as error:
            faults += error.faults
        else:
            if not quiet and not as_json:
                print(f"{path}: valid")
    if faults:
        raise ScenarioError(faults)
    if as_json:
        _print_json({"valid": [str(path) for path in scenarios]})


@app.command()
def train(
    scenario: ScenarioFile,
    set_: Settings = None,
    individual: Annotated[
        bool, typer.Option("--individual", help="Train each device alone, too, and show what it can do by itself.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train the network of a scenario, or find it in the cache, and show what each exit can do and section costs."""
    from ddnnsim import experiment

    resolved = _load(scenario, set_, None)
    with _progress(quiet or as_json) as progress:
        trained = experiment.train(resolved, progress)
        accuracy = experiment.split_accuracies(resolved, trained)
    alone = experiment.individual_accuracies(resolved, trained) if individual else {}
    costs = experiment.section_costs(resolved, trained)
    trained.keep_answers()
    _warn_not_saved(trained.not_saved)
    if as_json:
        told = {"accuracy": accuracy, "individual": alone, "sections": costs}
        _print_json({"weights": trained.key, "cached": trained.cached, **told})
    elif not quiet:
        from ddnnsim.report import training_report

        _print_rich(training_report(resolved.name, accuracy, alone, costs))
        print(f"Weights: {trained.story}")


@app.command()
def calibrate(
    scenario: ScenarioFile,
    goal: Annotated[
        str,
        typer.Option(help="accuracy, local-rate=0.6, bytes='80 B', latency='120 ms' or loss='1 %'.", metavar="GOAL"),
    ] = "accuracy",
    temperature: Annotated[bool, typer.Option("--temperature", help="Fit the exits' temperatures first.")] = False,
    set_: Settings = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="The folder for the figures.", show_default="calibrations/NAME"),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Choose the thresholds of the exits on the validation split, and show and draw what they come to."""
    from ddnnsim import experiment, tuning
    from ddnnsim.calibration import parse_goal
    from ddnnsim.plot import draw_calibration

    resolved, wanted = _load(scenario, set_, None), parse_goal(goal)
    with _progress(quiet or as_json) as progress:
        trained = experiment.train(resolved, progress)
        calibration = tuning.tune(resolved, trained, wanted, temperature)
    _warn_not_saved(trained.not_saved)
    files = draw_calibration(calibration, out or Path("calibrations") / calibration.name)
    if as_json:
        from ddnnsim.report import calibration_document

        _print_json(calibration_document(calibration) | {"figures": [str(file) for file in files]})
    elif not quiet:
        from ddnnsim.report import calibration_report

        _print_rich(calibration_report(calibration))
        print(f"Figures: {files[0].parent}")


@app.command()
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
        _print_json({"figures": [str(file) for file in files]})
    elif not quiet:
        for file in files:
            print(file)


@app.command()
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
        _print_json(asdict(told))
    else:
        _print_rich(page(told, Console().width))


def _contact_sheet(path: Path, out: Path) -> Path:
    """Draw test samples of the scenario at *path* into the folder *out*, and return the picture."""
    from ddnnsim.dnn.data.datasets import load_dataset
    from ddnnsim.plot.contact_sheet import draw_contact_sheet

    scenario = _load(path, None, None)
    dataset = load_dataset(scenario.data)
    split = dataset.splits["test"]
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{scenario.name}-data.png"
    draw_contact_sheet(split.images, split.labels, dataset.classes, file)
    return file


@app.command()
def paper(
    out: Annotated[Path, typer.Option(help="The folder for tables, figures and runs.")] = Path("results/paper"),
    scenarios: Annotated[Path, typer.Option(help="The folder of the paper's scenarios.")] = Path("scenarios/paper"),
    data: Annotated[
        str | None, typer.Option(metavar="mvmc=PATH", help="The authors' data, from a file.", show_default=False)
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Seeds of the training.", show_default="5, with --quick 1")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes side by side.", show_default="as many as processors")
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="NAME,...", help="Not all studies but these.", show_default=False)
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Train for 2 epochs: to try it out.")] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Make the paper's tables and figures again, and more; what is finished is not made twice."""
    from ddnnsim.paper import PAGE, Campaign, mvmc_file, regenerate, studies_named

    campaign = Campaign(
        studies=studies_named(only),
        scenarios=scenarios,
        out=out,
        seeds=seeds or (1 if quick else 5),
        mvmc=None if data is None else mvmc_file(data),
        quick=quick,
    )
    with _progress(quiet or as_json) as progress:
        means = regenerate(campaign, jobs or os.cpu_count() or 1, progress)
    if as_json:
        _print_json({"path": str(out), "means": json.loads(means.to_json(orient="records"))})
    elif not quiet:
        from rich.markdown import Markdown

        for study in campaign.studies:
            _print_rich(iter([Markdown((out / "tables" / f"{study.name}.md").read_text(encoding="utf-8"))]))
        print(f"\nPage: {out / PAGE}\nTables: {out / 'tables'}\nFigures: {out / 'figures'}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from ddnnsim.scenario import json_schema

    _print_json(json_schema())


def _load(path: Path, settings: list[str] | None, seed: int | None) -> Any:  # noqa: ANN401
    from ddnnsim.experiment import load

    seeds = [] if seed is None else [f"run.seed={seed}"]
    return load(path, settings=[*(settings or []), *seeds])


def _warn_not_saved(why: str | None) -> None:
    if why is not None:
        print(f"the weights could not be kept, and the next run will train again: {why}", file=sys.stderr)


def _summary(result: Result) -> Any:  # noqa: ANN401
    from ddnnsim.results import SUMMARY

    return json.loads((result.path / SUMMARY).read_text(encoding="utf-8"))


def _print_json(document: object) -> None:
    print(json.dumps(document, indent=2))


def _print_report(result: Result, *, finished_before: bool) -> None:
    from ddnnsim.report import report

    _print_rich(report(result))
    note = " (finished before; --again simulates again)" if finished_before else ""
    print(f"\nResult: {result.path}{note}")


def _print_rich(tables: Iterator[Any]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    for table in tables:
        console.print(table)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show how far each stage is and how long it will still take, on standard error."""
    if quiet:
        yield lambda stage, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Progress(*columns, console=Console(stderr=True), transient=True, speed_estimate_period=SPEED_PERIOD_S)
    with bars:
        tasks: dict[str, Any] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done)

        yield progress
