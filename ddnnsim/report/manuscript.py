"""Tables for a paper: settings and numbers of runs, with units and intervals, as LaTeX, Markdown or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ddnnsim.curves import Runs, by_point
from ddnnsim.report.rounding import Rounded, rounded
from ddnnsim.statistics import Estimate
from ddnnsim.vocabulary import number_in_words, scale_of

NO_NUMBER = "-"
Cell = str | Rounded | None
"""A setting, a number, or that there is none."""


class Manuscript(NamedTuple):
    """A table."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    settings: int
    """How many columns are settings; the others are numbers."""
    note: str
    """What the numbers are."""


def manuscript(runs: Runs, of: Sequence[str]) -> Manuscript:
    """Return a row for each point of *runs*: the settings in which these differ, then the numbers *of* summaries.

    Raises UserError for an unknown number.
    """
    settings = tuple(runs.telling)
    points = list(dict.fromkeys(runs.jobs["point"].astype(int)))
    headings, columns = [parameter.label for parameter in settings], []
    counts: set[int] = set()
    for path in of:
        estimates = by_point(runs, path)
        told = {point: estimate for point, estimate in estimates.items() if estimate is not None}
        quantity = number_in_words(path)
        scale = scale_of(quantity.unit, (estimate.mean for estimate in told.values()))
        headings.append(quantity.label(scale))
        columns.append({point: _rounded(estimate, scale.factor) for point, estimate in told.items()})
        counts |= {estimate.n for estimate in told.values()}
    rows = tuple(
        (
            *(parameter.names[parameter.values[point]] for parameter in settings),
            *(column.get(point) for column in columns),
        )
        for point in points
    )
    return Manuscript(tuple(headings), rows, len(settings), _note(counts))


def _rounded(estimate: Estimate, factor: float) -> Rounded:
    half = estimate.half_width
    return rounded(factor * estimate.mean, None if half is None else factor * half)


def _note(counts: set[int]) -> str:
    """Return what numbers of so many replications are."""
    if counts <= {1}:
        return "one run each"
    least, most = min(counts), max(counts)
    return f"mean and half of its 95 % interval over {least if least == most else f'{least} to {most}'} replications"


def as_markdown(table: Manuscript) -> str:
    """Return *table* in Markdown."""
    lines = [table.headings, tuple("---" if n < table.settings else "---:" for n in range(len(table.headings)))]
    lines += [tuple(_plain(cell) for cell in row) for row in table.rows]
    rows = (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
    return "\n".join([*rows, "", f"Numbers: {table.note}."]) + "\n"


def as_latex(table: Manuscript) -> str:
    """Return *table* in LaTeX; it needs the package booktabs."""
    columns = "l" * table.settings + "r" * (len(table.headings) - table.settings)
    head = " & ".join(map(_escaped, table.headings))
    rows = [" & ".join(map(_latex, row)) for row in table.rows]
    lines = [r"\toprule", rf"{head} \\", r"\midrule", *(rf"{row} \\" for row in rows), r"\bottomrule"]
    return "\n".join([rf"% {table.note}", rf"\begin{{tabular}}{{{columns}}}", *lines, r"\end{tabular}"]) + "\n"


def as_csv(table: Manuscript) -> str:
    """Return *table* as CSV: of each number, and in a column of its own half its interval."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    numbers = [part for heading in table.headings[table.settings :] for part in (heading, f"± {heading}")]
    write([*table.headings[: table.settings], *numbers])
    for row in table.rows:
        cells = [part for cell in row[table.settings :] for part in _parts(cell)]
        write([*row[: table.settings], *cells])
    return text.getvalue()


WRITERS: Mapping[str, Callable[[Manuscript], str]] = {"markdown": as_markdown, "latex": as_latex, "csv": as_csv}
"""By format."""


def _plain(cell: Cell) -> str:
    if isinstance(cell, Rounded):
        return cell.mean if cell.half is None else f"{cell.mean} ± {cell.half}"
    return NO_NUMBER if cell is None else cell


def _latex(cell: Cell) -> str:
    if isinstance(cell, Rounded):
        told = cell.mean if cell.half is None else rf"{cell.mean} \pm {cell.half}"
        return f"${told.replace(',', '{,}')}$"
    return "--" if cell is None else _escaped(cell)


_SPECIAL = {
    "\\": r"\textbackslash{}", "µ": r"$\mu$", "±": r"$\pm$", "<": "$<$", ">": "$>$", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", **{character: f"\\{character}" for character in "&%$#_{}"},
}  # fmt: skip


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)


def _parts(cell: Cell) -> tuple[str, str]:
    if isinstance(cell, Rounded):
        return cell.mean.replace(",", ""), (cell.half or "").replace(",", "")
    return "", ""
