"""Figures of results: vector PDF, PNG, and the plotted numbers as CSV."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ddnnsim.plot import figures
from ddnnsim.plot.calibration import WIDE_IN, draw_pareto, draw_reliability, pareto_data, reliability_size_in
from ddnnsim.plot.parts import draw_parts, parts_data, parts_height_in
from ddnnsim.plot.series import draw_series, series_data, series_height_in
from ddnnsim.plot.style import IEEE_COLUMN_IN, paper_style
from ddnnsim.results import clear_leftovers, unfinished_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ddnnsim.calibration import Calibration
    from ddnnsim.results import Result

FIGURES = {
    "latency_cdf": (figures.latency_data, figures.draw_latency),
    "bytes_per_tier": (figures.bytes_data, figures.draw_bytes),
    "accuracy_and_share": (figures.exits_data, figures.draw_exits),
}
"""By name, what makes the table of a figure, and what draws it."""
PARTS = "latency_parts"
"""The name of the figure that is there where every message is on record."""
SERIES = "over_time"
"""The name of the figure that is there where the run has windows."""


def draw(result: Result, out: Path | None = None) -> list[Path]:
    """Draw every figure of *result* into the folder *out*, or its own `figures`; return the files.

    Files appear only when all are drawn.
    """
    folder = out or result.path / "figures"
    with beside(folder) as part:
        for name, (data_of, draw_on) in FIGURES.items():
            save(part / name, data_of(result), partial(_draw_alone, draw_on))
        if result.summary.parts is not None:
            data = parts_data(result)
            save(part / PARTS, data, partial(_draw_alone, draw_parts), IEEE_COLUMN_IN, parts_height_in(data))
        if _has_series(result):
            data = series_data(result)
            save(part / SERIES, data, draw_series, IEEE_COLUMN_IN, series_height_in(data))
        names = [file.name for file in sorted(part.iterdir())]
    return [folder / name for name in names]


def draw_missing(result: Result) -> None:
    """Draw the figures of *result* unless all are there."""
    names = [*FIGURES, *([] if result.summary.parts is None else [PARTS]), *([SERIES] if _has_series(result) else [])]
    files = [result.path / "figures" / f"{name}{end}" for name in names for end in (".pdf", ".png", ".csv")]
    if not all(file.exists() for file in files):
        draw(result)


def _has_series(result: Result) -> bool:
    return (result.path / "series.parquet").is_file() and len(result.series) > 0


def draw_calibration(calibration: Calibration, folder: Path) -> list[Path]:
    """Draw the figures of *calibration* into *folder*, and return the files; they appear only when all are drawn."""
    diagrams = calibration.reliability
    with beside(folder) as part:
        save(part / "pareto", pareto_data(calibration), draw_pareto, WIDE_IN, 0.38 * WIDE_IN)
        save(part / "reliability", diagrams, draw_reliability, *reliability_size_in(diagrams["exit"].nunique()))
        names = [file.name for file in sorted(part.iterdir())]
    return [folder / name for name in names]


def _draw_alone(draw_on: Callable[[Axes, pd.DataFrame], None], figure: Figure, data: pd.DataFrame) -> None:
    """Draw *data* on the only axes of *figure*."""
    draw_on(figure.subplots(), data)


@contextmanager
def beside(folder: Path) -> Iterator[Path]:
    """Give a new folder to draw into, whose files move to *folder* when all has gone well."""
    named = folder if folder.name else folder / "figures"  # the current folder: there may be no place beside it
    clear_leftovers(named)
    part = unfinished_name(named, "part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(part.iterdir()):
            file.replace(folder / file.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def save(
    path: Path,
    data: pd.DataFrame,
    draw_on: Callable[[Figure, pd.DataFrame], None],
    width_in: float = IEEE_COLUMN_IN,
    height_in: float | None = None,
) -> None:
    """Draw *data* as a figure, and save it as *path* .pdf and .png, and *data* as .csv.

    One of these endings may be there already; all other dots belong to the name.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    pdf, png, csv = (path.with_name(_bare(path) + ending) for ending in _ENDINGS)
    data.to_csv(csv, index=False, float_format="%.9g", lineterminator="\n")
    with rc_context(paper_style(width_in, height_in)):  # type: ignore[arg-type]  # its keys are checked at run time
        figure = Figure()
        FigureCanvasAgg(figure)
        draw_on(figure, data)
        write(figure, pdf)
        figure.set_layout_engine("none")  # the places are found: once is enough
        write(figure, png)


_ENDINGS = (".pdf", ".png", ".csv")


def _bare(path: Path) -> str:
    """Return the name of *path* without an ending of ours."""
    return path.stem if path.suffix in _ENDINGS else path.name


def write(figure: Figure, file: Path) -> None:
    """Write *figure* into *file*, whose name says how. Raise OSError where it cannot be written.

    It is drawn in memory: matplotlib's own error at a full disk hides that.
    """
    kind = file.suffix.removeprefix(".")
    drawn = io.BytesIO()
    # Without dates, the same numbers give the same file.
    figure.savefig(drawn, format=kind, metadata={"CreationDate": None} if kind == "pdf" else None)
    file.write_bytes(drawn.getvalue())
