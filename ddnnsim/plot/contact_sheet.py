"""The contact sheet of a data set: some samples of each class, as every camera sees them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ddnnsim.plot import write
from ddnnsim.plot.style import IEEE_COLUMN_IN, paper_style

ROWS = 12
"""Samples shown, at most, as many of one class as of another."""
GAP = 2
"""White pixels between two views."""

PAGE_IN = 8.5
"""Height of the pictures, at most, in inches: few views make a narrow sheet."""
LABELS_IN = 0.6
"""Room for the labels on each side that has some, in inches."""


def chosen(labels: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Return the first samples of each class, class by class: `ROWS` of all classes together, one of each at least."""
    each = max(1, ROWS // classes)
    return np.concatenate([np.flatnonzero(labels == label)[:each] for label in range(classes)])


def mosaic(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return *images*, (samples, views, C, H, W) of one or three colours, as one picture, (height, width, 3)."""
    samples, views, _, height, width = images.shape
    cell = height + GAP, width + GAP
    sheet = np.full((samples * cell[0] + GAP, views * cell[1] + GAP, 3), 255, dtype=np.uint8)
    for sample in range(samples):
        for view in range(views):
            top, left = sample * cell[0] + GAP, view * cell[1] + GAP
            sheet[top : top + height, left : left + width] = images[sample, view].transpose(1, 2, 0)
    return sheet


def draw_contact_sheet(
    images: NDArray[np.uint8], labels: NDArray[np.int64], classes: Sequence[str], file: Path
) -> None:
    """Draw samples of *images*, (samples, views, C, H, W), with their *labels*, (samples,), into *file*."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = chosen(labels, len(classes))
    picture = mosaic(images[rows])
    height, width = images.shape[-2] + GAP, images.shape[-1] + GAP
    shape = picture.shape[0] / picture.shape[1]
    width_in = min(2 * IEEE_COLUMN_IN, LABELS_IN + PAGE_IN / shape)
    style = paper_style(width_in, LABELS_IN + min(PAGE_IN, width_in * shape))
    with rc_context(style | {"axes.grid": False, "savefig.bbox": "tight"}):  # type: ignore[arg-type]  # its keys are checked at run time
        figure = Figure()
        FigureCanvasAgg(figure)
        ax = figure.subplots()
        ax.imshow(picture, interpolation="nearest")
        columns = [str(view + 1) for view in range(images.shape[1])]
        ax.set_xticks([GAP + (place + 0.5) * width for place in range(len(columns))], columns)
        names = [classes[label] for label in labels[rows]]
        ax.set_yticks([GAP + (place + 0.5) * height for place in range(len(names))], names)
        ax.set_xlabel("View")
        ax.tick_params(length=0)
        for side in ax.spines.values():
            side.set_visible(False)
        write(figure, file)
