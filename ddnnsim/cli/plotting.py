"""`ddnnsim plot`: figures of results that are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from ddnnsim.cli.options import Json, Over, Quiet, Where, load, settings_named, words_of
from ddnnsim.cli.output import print_json
from ddnnsim.errors import UserError

if TYPE_CHECKING:
    from ddnnsim.curves import Runs

LONGEST_NAME = 120
"""Of a file; file systems take twice as much."""


def plot(
    results: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[RESULT...]", help="Folders of results, or of a sweep.", show_default=False),
    ] = None,
    x: Annotated[
        str | None, typer.Option("--x", metavar="PATH", help="Draw numbers over this setting.", show_default=False)
    ] = None,
    y: Annotated[
        str | None,
        typer.Option("--y", metavar="PATH,...", help="The numbers; with --z the other setting.", show_default=False),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="PATH,...", help="A line for each value of these settings.", show_default=False),
    ] = None,
    z: Annotated[
        str | None,
        typer.Option("--z", metavar="PATH", help="A heat map of this number over --x and --y.", show_default=False),
    ] = None,
    pareto: Annotated[
        str | None,
        typer.Option(metavar="PATH,...", help="The Pareto front of two or three numbers.", show_default=False),
    ] = None,
    over: Over = None,
    where: Where = None,
    words: Annotated[
        list[str] | None,
        typer.Option("--call", metavar="A.B=WORDS", help="What to call a setting in the figure.", show_default=False),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="SCENARIO", help="Draw the data of this scenario as a contact sheet.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="The folder for figures, each result's in one of its own.",
            show_default="into the results, and figures for those of several",
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Draw results as PDF, PNG and CSV: each run by itself, curves and fronts through many; or a sheet of data."""
    if not results and data is None:
        raise UserError("nothing to plot: name folders of results, or a scenario with --data")
    paths = results or []
    if any((x, y, by, z, pareto, over, where, words)):
        from ddnnsim.curves import open_runs

        runs = open_runs(paths).called(settings_named(words, "--call")).among(settings_named(where))
        picture = _picture(runs.over(words_of(over)), x, words_of(y), words_of(by), z, words_of(pareto))
        files = _drawn(picture, _folder(paths, out))
    else:
        files = [file for path in paths for file in _alone(path, out)]
    if data is not None:
        files.append(_contact_sheet(data, out or Path()))
    if as_json:
        print_json({"figures": [str(file) for file in files]})
    elif not quiet:
        for file in files:
            print(file)


class _Picture(NamedTuple):
    """A figure that is to be drawn."""

    name: str
    draw: Callable[[Path], None]
    """Draw it as this path with .pdf, .png and .csv."""


def _picture(
    runs: Runs, x: str | None, y: Sequence[str], by: Sequence[str], z: str | None, pareto: Sequence[str]
) -> _Picture:
    """Return the figure of *runs* that is asked for. Raise UserError where it is not clear which."""
    if pareto and not any((x, y, by, z)):
        picture = _front(runs, pareto)
    elif x and y and not pareto:
        picture = _heat_map(runs, x, y, by, z) if z else _curve(runs, x, y, by)
    else:
        raise UserError("name what to draw: --x and --y, with --by for lines or --z for a heat map; or --pareto alone")
    together = f" mean of {'+'.join(runs.together)}" if runs.together else ""
    return picture._replace(name=picture.name + together)


def _curve(runs: Runs, x: str, y: Sequence[str], by: Sequence[str]) -> _Picture:
    from ddnnsim.curves import curve
    from ddnnsim.plot.curves import save_curve

    drawn = curve(runs, x, by, y)
    name = f"{'+'.join(y)} over {x}" + (f" by {'+'.join(by)}" if by else "")
    return _Picture(name, lambda path: save_curve(drawn, path))


def _heat_map(runs: Runs, x: str, y: Sequence[str], by: Sequence[str], z: str) -> _Picture:
    from ddnnsim.curves import curve
    from ddnnsim.plot.heat import save_heat_map

    if len(y) > 1 or by:
        raise UserError("a heat map is of one number, --z, over two settings, --x and --y; choose others with --where")
    drawn = curve(runs, x, y, [z])
    return _Picture(f"{z} over {x} and {y[0]}", lambda path: save_heat_map(drawn, path))


def _front(runs: Runs, of: Sequence[str]) -> _Picture:
    from ddnnsim.curves import front
    from ddnnsim.plot.fronts import save_front

    drawn = front(runs, of)
    return _Picture(f"pareto {'+'.join(of)}", lambda path: save_front(drawn, path))


def _folder(paths: Sequence[Path], out: Path | None) -> Path:
    """Return where a figure of all *paths* goes: into the only one of them, else into one of its own."""
    return out or (paths[0] / "figures" if len(paths) == 1 else Path("figures"))


def _drawn(picture: _Picture, folder: Path) -> list[Path]:
    """Draw *picture* into *folder*, and return its files, which appear only when all are drawn."""
    from ddnnsim.plot import beside

    name = picture.name.replace(" ", "-").replace(".", "_").replace(">", "_")[:LONGEST_NAME]
    with beside(folder) as part:
        picture.draw(part / name)
        names = [file.name for file in sorted(part.iterdir())]
    return [folder / file for file in names]


def _alone(path: Path, out: Path | None) -> list[Path]:
    """Draw what there is to see of the run, or of the study of failures, in *path* alone, and return the files."""
    from ddnnsim.curves import is_sweep
    from ddnnsim.plot import draw
    from ddnnsim.plot.failures import save_failures
    from ddnnsim.resilience import FIGURE, FIGURES, is_study, load_study
    from ddnnsim.results import load_result

    if is_sweep(path):
        raise UserError(f"{path}: a sweep; name what to draw of it: --x and --y, or --pareto")
    folder = out and out / path.resolve().name
    if not is_study(path):
        return draw(load_result(path), folder)
    study = load_study(path)
    return _drawn(_Picture(FIGURE, lambda file: save_failures(study.curve, file)), folder or path / FIGURES)


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
