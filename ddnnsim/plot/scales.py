"""Axes of parameters and of numbers: their scales, ticks and words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.vocabulary import SHARE, Quantity, Scale, number_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from numpy.typing import NDArray

    from ddnnsim.curves import Parameter

    Floats = NDArray[np.float64]

MANY_DECADES = 30.0
"""From so many times the least mean on, numbers are drawn on a logarithmic axis."""
TIMES_WITH_STEPS = 200.0
"""Between the ends of a logarithmic axis that has room for 1, 2 and 5 in each decade."""
MOST_NAMES, NAMES_ABREAST, LETTERS_ABREAST = 24, 6, 36
"""Names that there is room for below an axis, and those, and their letters, that go side by side."""
LETTERS_UPRIGHT = 27
"""What goes into a line beside a panel."""


def in_equal_ratios(values: Iterable[float]) -> bool:
    """Return whether *values* are above 0, three or more, and nearer to equal ratios than to equal differences.

    What is nearer has gaps, of logarithms or of values, with the smaller deviation over their mean.
    """
    places = np.array(sorted(set(values)))
    if len(places) < 3 or places[0] <= 0:
        return False
    ratios, differences = np.diff(np.log(places)), np.diff(places)
    return bool(np.std(ratios) / np.mean(ratios) < np.std(differences) / np.mean(differences))


def draw_parameter(ax: Axes, parameter: Parameter) -> None:
    """Say below *ax* what it is drawn over; what is no number has its place by its order."""
    ax.set_xlabel(parameter.label)
    if not parameter.numeric:
        draw_names(ax, list(parameter.names.values()))
    elif in_equal_ratios(v for v in parameter.values.values() if isinstance(v, float)):
        ax.set_xscale("log")
        draw_decades(ax.xaxis, [parameter.scale.factor * float(value) for value in parameter.values.values()])


def draw_names(ax: Axes, names: Sequence[str]) -> None:
    """Put *names* below *ax*, at 0, 1, ...; of many only some."""
    apart = -(-len(names) // MOST_NAMES)
    ax.set_xticks(range(0, len(names), apart), names[::apart])
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.grid(visible=False, axis="x")
    if len(names) > NAMES_ABREAST or sum(map(len, names)) > LETTERS_ABREAST:
        for label in ax.get_xticklabels():
            label.set(rotation=40, ha="right", rotation_mode="anchor")


def draw_decades(axis: Axis, values: Sequence[float]) -> None:
    """Put plain numbers at a logarithmic *axis* of *values*: 1, 2 and 5 of each decade where there is room."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

    if max(values) <= TIMES_WITH_STEPS * min(values):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value)))
    axis.set_minor_formatter(NullFormatter())


def in_many_decades(means: Floats) -> bool:
    """Return whether *means* are above 0, and so far apart that they are drawn on a logarithmic axis."""
    return bool(np.nanmin(means) > 0 and np.nanmax(means) > MANY_DECADES * np.nanmin(means))


def draw_number(ax: Axes, quantity: Quantity, scale: Scale, means: Floats, spread: Floats) -> None:
    """Make the vertical axis of *ax* that of *quantity*: its *means*, and all that is to be seen in *spread*."""
    ax.set_ylabel(_in_lines(quantity.label(scale)))
    seen = spread[np.isfinite(spread)]
    if not len(seen):
        return
    low, high = float(seen.min()), float(seen.max())
    if quantity.unit == SHARE:
        _draw_shares(ax, low, high)
    elif in_many_decades(means):
        ax.set_yscale("log")
        draw_decades(ax.yaxis, means[np.isfinite(means)].tolist())
    elif low >= 0:
        ax.set_ylim(0, 1.08 * high or 1.0)


def _draw_shares(ax: Axes, low: float, high: float) -> None:
    """Begin the axis of shares at a multiple of 10 below *low*, and end it at 100 at most."""
    floor = max(0.0, 10 * float(np.floor((low - 2) / 10)))
    ax.set_ylim(floor, 100 if high > 90 else high + 0.08 * (high - floor or 1))


def _in_lines(label: str) -> str:
    """Return *label* in lines of nearly the same length that fit beside a panel."""
    lines = -(-len(label) // LETTERS_UPRIGHT)
    return fill(label, max(LETTERS_UPRIGHT // 2, len(label) // lines + 4), break_long_words=False)
