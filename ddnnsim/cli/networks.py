"""`ddnnsim train` and `ddnnsim calibrate`: the network of a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ddnnsim.cli.options import Json, Quiet, ScenarioFile, Settings, load
from ddnnsim.cli.output import print_json, print_rich, progress_bars, warn_not_saved


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

    resolved = load(scenario, set_)
    with progress_bars(quiet or as_json) as progress:
        trained = experiment.train(resolved, progress)
        accuracy = experiment.split_accuracies(resolved, trained)
    alone = experiment.individual_accuracies(resolved, trained) if individual else {}
    costs = experiment.section_costs(resolved, trained)
    trained.keep_answers()
    warn_not_saved(trained.not_saved)
    if as_json:
        told = {"accuracy": accuracy, "individual": alone, "sections": costs}
        print_json({"weights": trained.key, "cached": trained.cached, **told})
    elif not quiet:
        from ddnnsim.report import training_report

        print_rich(training_report(resolved.name, accuracy, alone, costs))
        print(f"Weights: {trained.story}")


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

    resolved, wanted = load(scenario, set_), parse_goal(goal)
    with progress_bars(quiet or as_json) as progress:
        trained = experiment.train(resolved, progress)
        calibration = tuning.tune(resolved, trained, wanted, temperature)
    warn_not_saved(trained.not_saved)
    files = draw_calibration(calibration, out or Path("calibrations") / calibration.name)
    if as_json:
        from ddnnsim.report import calibration_document

        print_json(calibration_document(calibration) | {"figures": [str(file) for file in files]})
    elif not quiet:
        from ddnnsim.report import calibration_report

        print_rich(calibration_report(calibration))
        print(f"Figures: {files[0].parent}")
