"""Numbers over a parameter, a line for each value of others: means over replications with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.curves.parameter import Parameter
from ddnnsim.curves.runs import Runs
from ddnnsim.errors import UserError
from ddnnsim.statistics import Estimate, TooShortError, mean_interval
from ddnnsim.sweeps.estimates import behind, estimate, refusal
from ddnnsim.vocabulary import Quantity, number_in_words

if TYPE_CHECKING:
    import pandas as pd

MOST_LINES = 8
"""More cannot be told apart."""


class Curve(NamedTuple):
    """Numbers over a parameter."""

    x: Parameter
    by: tuple[Parameter, ...]
    of: tuple[Quantity, ...]
    table: pd.DataFrame
    """A row for each point and number, line by line along x: the values of `x` and `by` under their paths, `line` (what
    the line is called), `number`, `n`, `mean`, `low`, `high`, all in SI units; NaN where there is none."""


def curve(runs: Runs, x: str, by: Sequence[str], of: Sequence[str]) -> Curve:
    """Return the numbers *of* summaries over *x*, by the values of *by*, all named by path.

    Raises UserError for an unknown name, and where points differ in something else, too.
    """
    import pandas as pd

    along, lines = runs.parameter(x), tuple(runs.parameter(path) for path in by)
    _refuse_more_in_one_place(runs, (along, *lines))
    estimates = {path: by_point(runs, path) for path in of}
    rows = []
    for point in _in_order(runs, along, lines):
        place = {parameter.quantity.path: parameter.values[point] for parameter in (*lines, along)}
        line = ", ".join(parameter.names[parameter.values[point]] for parameter in lines)
        rows += [{**place, "line": line, "number": path, **columns(estimates[path][point])} for path in of]
    return Curve(along, lines, tuple(map(number_in_words, of)), pd.DataFrame(rows))


def by_point(runs: Runs, path: str) -> dict[int, Estimate | None]:
    """Return by point what its draws say of the number at *path*; None where none of them has it."""
    names = [path, *behind(path, runs.numbers)]
    by_run = zip(*(runs.number(name).tolist() for name in names), strict=True)
    found: dict[int, list[dict[str, float]]] = {}
    for point, numbers in zip(runs.jobs["point"].astype(int), by_run, strict=True):
        found.setdefault(point, []).append(dict(zip(names, numbers, strict=True)))
    if runs.together:
        draws = runs.draws(path)
        return {point: _of_draws(draws[point], refusal(path, of)) for point, of in sorted(found.items())}
    return {point: estimate(path, of) for point, of in sorted(found.items())}


def _of_draws(values: Sequence[float], refused: TooShortError | None) -> Estimate | None:
    """Return what means over runs say together, without an interval where one is refused to these runs."""
    told = mean_interval(values) if values else None
    return told and replace(told, low=None, high=None) if refused else told


def columns(estimate: Estimate | None) -> dict[str, float]:
    """Return *estimate* as columns of a table; no interval, and no number, is NaN."""
    if estimate is None:
        return {"n": 0, "mean": nan, "low": nan, "high": nan}
    low, high = (nan if end is None else end for end in (estimate.low, estimate.high))
    return {"n": estimate.n, "mean": estimate.mean, "low": low, "high": high}


def _in_order(runs: Runs, along: Parameter, lines: Sequence[Parameter]) -> list[int]:
    """Return the points line by line, and along each by value: that of numbers, else the order of the file."""
    orders = [(parameter, list(parameter.names)) for parameter in (*lines, along)]
    points = dict.fromkeys(runs.jobs["point"].astype(int))
    return sorted(points, key=lambda point: [order.index(parameter.values[point]) for parameter, order in orders])


def _refuse_more_in_one_place(runs: Runs, axes: Sequence[Parameter]) -> None:
    """Raise UserError where several points are at one place of *axes*."""
    seen: dict[tuple[float | str, ...], int] = {}
    for point in dict.fromkeys(runs.jobs["point"].astype(int)):
        other = seen.setdefault(tuple(axis.values[point] for axis in axes), point)
        if other != point:
            differ = [path for path, texts in runs.texts.items() if texts[point] != texts[other]]
            raise UserError(
                f"{runs.name}: points {other} and {point} are in one place of the figure; they differ in "
                f"{' and '.join(differ)}: name it with --by or --over, or choose a value with --where {differ[0]}=..."
            )
