"""Figures of results: vector PDF, PNG, and the plotted numbers as CSV."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ddnnsim.plot import figures
from ddnnsim.plot.style import paper_style
from ddnnsim.results import clear_leftovers

if TYPE_CHECKING:
    from ddnnsim.results import Result

FIGURES = {
    "latency_cdf": (figures.latency_data, figures.draw_latency),
    "bytes_per_tier": (figures.bytes_data, figures.draw_bytes),
    "accuracy_and_share": (figures.exits_data, figures.draw_exits),
}
"""By name, what makes the table of a figure, and what draws it."""


def draw(result: Result, out: Path | None = None) -> list[Path]:
    """Draw every figure of *result* into the folder *out*, or its own `figures`; return the files.

    Files appear only when all are drawn.
    """
    folder = out or result.path / "figures"
    clear_leftovers(folder)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        for name in FIGURES:
            _draw(name, result, part)
        folder.mkdir(parents=True, exist_ok=True)
        return [file.replace(folder / file.name) for file in sorted(part.iterdir())]
    finally:
        shutil.rmtree(part, ignore_errors=True)


def draw_missing(result: Result) -> None:
    """Draw the figures of *result* unless all are there."""
    files = [result.path / "figures" / f"{name}{end}" for name in FIGURES for end in (".pdf", ".png", ".csv")]
    if not all(file.exists() for file in files):
        draw(result)


def _draw(name: str, result: Result, folder: Path) -> None:
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    data_of, draw_on = FIGURES[name]
    data = data_of(result)
    data.to_csv(folder / f"{name}.csv", index=False, float_format="%.9g", lineterminator="\n")
    with rc_context(paper_style()):  # type: ignore[arg-type]  # its keys are checked at run time
        figure = Figure()
        FigureCanvasAgg(figure)
        draw_on(figure.subplots(), data)
        # Without dates, the same numbers give the same file.
        figure.savefig(folder / f"{name}.pdf", metadata={"CreationDate": None})
        figure.set_layout_engine("none")  # the places are found: once is enough
        figure.savefig(folder / f"{name}.png")
