"""Tables for a paper: settings and numbers of runs, with units and intervals, as LaTeX, Markdown or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from ddnnsim.curves import Runs, by_point
from ddnnsim.report.rounding import Rounded, rounded
from ddnnsim.statistics import Estimate
from ddnnsim.vocabulary import number_in_words, scale_of, scaled

NO_NUMBER = "-"
COUNT = "n"
PARTS = (" low", " high", " n")
"""What stands in CSV beside a mean, by the ends of headings."""


class Number(NamedTuple):
    """A number in a table."""

    estimate: Estimate
    factor: float
    """What it is multiplied with to be in the unit of its heading."""

    @property
    def rounded(self) -> Rounded:
        """Return it, and half its interval, with the digits that this supports."""
        half = self.estimate.half_width
        return rounded(self.factor * self.estimate.mean, None if half is None else self.factor * half)


Cell = Number | None
"""A number, or that there is none."""


class Manuscript(NamedTuple):
    """A table."""

    settings: tuple[str, ...]
    """Headings of the settings."""
    numbers: tuple[str, ...]
    """Headings of the numbers."""
    rows: tuple[tuple[tuple[str, ...], tuple[Cell, ...]], ...]
    """The settings of each point, and its numbers."""
    counts: tuple[str, ...]
    """By row, of how many values its means are; none where it is the same for all, and so told in the note."""
    note: str
    """What the numbers are."""

    @property
    def headings(self) -> tuple[str, ...]:
        """Return all headings of the table as it is read."""
        return (*self.settings, *([COUNT] if self.counts else []), *self.numbers)

    def lines(self, word: Callable[[str], str], number: Callable[[Cell], str]) -> Iterator[list[str]]:
        """Yield the rows of the table as it is read, settings as *word* has them, numbers as *number* does."""
        counts = [[count] for count in self.counts] or [[]] * len(self.rows)
        for (settings, numbers), count in zip(self.rows, counts, strict=True):
            yield [*map(word, settings), *count, *map(number, numbers)]


def manuscript(runs: Runs, of: Sequence[str]) -> Manuscript:
    """Return a row for each point of *runs*: the settings in which these differ, then the numbers *of* summaries.

    Raises UserError for an unknown number.
    """
    settings = runs.telling
    columns = [_column(runs, path) for path in of]
    rows = tuple(
        (tuple(of.names[of.values[point]] for of in settings), tuple(cells[point] for _, cells in columns))
        for point in dict.fromkeys(runs.jobs["point"].astype(int))
    )
    several = {cell.estimate.n for _, cells in rows for cell in cells if cell is not None}
    counts = tuple(_count(cells) for _, cells in rows) if len(several) > 1 else ()
    headings = tuple(of.label for of in settings), tuple(heading for heading, _ in columns)
    return Manuscript(*headings, rows, counts, _note(several, runs.together))


def _column(runs: Runs, path: str) -> tuple[str, dict[int, Cell]]:
    """Return the heading, and by point the number, at *path* of summaries."""
    estimates = by_point(runs, path)
    quantity = number_in_words(path)
    scale = scale_of(quantity.unit, (estimate.mean for estimate in estimates.values() if estimate is not None))
    cells = {point: None if of is None else Number(of, scale.factor) for point, of in estimates.items()}
    return quantity.label(scale), cells


def _count(cells: Sequence[Cell]) -> str:
    """Return of how many values the means in *cells* are: once where all are of as many, else one by one."""
    counts = [NO_NUMBER if cell is None else str(cell.estimate.n) for cell in cells]
    told = {count for count in counts if count != NO_NUMBER} or {"0"}
    return told.pop() if len(told) == 1 else ", ".join(counts)


def _note(counts: Collection[int], together: Sequence[str]) -> str:
    """Return what numbers over so many draws are: replications, or values of the first of *together*."""
    if not together and set(counts) <= {1}:
        return "one run each"
    n = f"n = {next(iter(counts))}" if len(counts) == 1 else "n"
    drawn = f"values of {together[0]}, of each the mean of its runs" if together else "replications"
    return f"mean and half of its 95 % interval over {n} {drawn}"


def as_markdown(table: Manuscript) -> str:
    """Return *table* in Markdown."""
    lines = [table.headings, ["---"] * len(table.settings) + ["---:"] * (len(table.headings) - len(table.settings))]
    lines += table.lines(str, _plain)
    rows = (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
    return "\n".join([*rows, "", f"Numbers: {table.note}."]) + "\n"


def as_latex(table: Manuscript) -> str:
    """Return *table* in LaTeX, with what the numbers are below it; it needs the package booktabs."""
    width = len(table.headings)
    columns = "l" * len(table.settings) + "r" * (width - len(table.settings))
    head = " & ".join(map(_escaped, table.headings))
    rows = [" & ".join(row) for row in table.lines(_escaped, _latex)]
    note = rf"\multicolumn{{{width}}}{{l}}{{\footnotesize Numbers: {_escaped(table.note)}.}} \\"
    lines = [r"\toprule", rf"{head} \\", r"\midrule", *(rf"{row} \\" for row in rows), r"\bottomrule", note]
    return "\n".join([rf"\begin{{tabular}}{{{columns}}}", *lines, r"\end{tabular}"]) + "\n"


def as_csv(table: Manuscript) -> str:
    """Return *table* as CSV, with all digits: of each number its mean, the ends of its interval, and n."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    write([*table.settings, *(f"{heading}{part}" for heading in table.numbers for part in ("", *PARTS))])
    for settings, numbers in table.rows:
        write([*settings, *(part for number in numbers for part in _parts(number))])
    return text.getvalue()


WRITERS: Mapping[str, Callable[[Manuscript], str]] = {"markdown": as_markdown, "latex": as_latex, "csv": as_csv}
"""By format."""


def _plain(cell: Cell) -> str:
    if cell is None:
        return NO_NUMBER
    mean, half = cell.rounded
    return mean if half is None else f"{mean} ± {half}"


def _latex(cell: Cell) -> str:
    if cell is None:
        return "--"
    mean, half = cell.rounded
    told = mean if half is None else rf"{mean} \pm {half}"
    return f"${told.replace(',', '{,}')}$"


_SPECIAL = {
    "\\": r"\textbackslash{}", "µ": r"$\mu$", "±": r"$\pm$", "<": "$<$", ">": "$>$", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", **{character: f"\\{character}" for character in "&%$#_{}"},
}  # fmt: skip


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)


def _parts(cell: Cell) -> tuple[str, str, str, str]:
    """Return the mean, low, high and n of *cell* as text."""
    if cell is None:
        return "", "", "", "0"
    estimate = cell.estimate
    numbers = (estimate.mean, estimate.low, estimate.high)
    mean, low, high = ("" if number is None else f"{scaled(number, cell.factor):f}" for number in numbers)
    return mean, low, high, str(estimate.n)
