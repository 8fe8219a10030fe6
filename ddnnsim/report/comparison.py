"""What two results differ in, and whether one was made again, as tables for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ddnnsim.report.rounding import rounded
from ddnnsim.report.tables import NONE, new_table
from ddnnsim.vocabulary import Scale, number_in_words, scale_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ddnnsim.comparison import Comparison, Number, Place
    from ddnnsim.reproduction import Reproduction
    from ddnnsim.statistics import Estimate

FEW_FILES = 12
"""So many files that differ are named."""


def comparison_report(comparison: Comparison) -> Iterator[RenderableType]:
    """Yield what the settings and the numbers of two results differ in."""
    if comparison.settings:
        table = new_table("Settings")
        for heading in ("path", "first", "second"):
            table.add_column(heading, overflow="fold")
        for path, first, second in comparison.settings:
            table.add_row(path, NONE if first is None else first, NONE if second is None else second)
        yield table
    else:
        yield "Settings: the same"
    differing = [number for number in comparison.numbers if number.differs]
    if differing:
        yield _numbers(differing)
    same = len(comparison.numbers) - len(differing)
    yield f"{same} of {len(comparison.numbers)} numbers are the same" if same else "all numbers differ"
    for places, which in zip(comparison.alone, ("first", "second"), strict=True):
        if places:
            yield f"Only in the {which}: {'; '.join(map(_place, places))}"


def _numbers(numbers: Sequence[Number]) -> RenderableType:
    several = any(number.place for number in numbers)
    counts = list(dict.fromkeys(_runs(number) for number in numbers))
    table = new_table("Numbers", _note(numbers, counts))
    for heading in (*(["point"] if several else []), "number"):
        table.add_column(heading, overflow="fold")
    for heading in ("first", "second", "difference", *(["runs"] if len(counts) > 1 else [])):
        table.add_column(heading, justify="right", no_wrap=True)
    for number in numbers:
        runs = [_runs(number)] if len(counts) > 1 else []
        table.add_row(*([_place(number.place)] if several else []), *_cells(number), *runs)
    return table


def _runs(number: Number) -> str:
    """Return how many runs of the first and of the second have *number*, and how many pairs its difference is of."""
    of_each = ", ".join(str(0 if estimate is None else estimate.n) for estimate in (number.first, number.second))
    return of_each if number.pairs is None else f"{of_each} ({number.pairs} pairs)"


def _note(numbers: Sequence[Number], counts: Sequence[str]) -> str:
    """Return what the columns of *numbers* are, whose runs are *counts* in words."""
    if all(estimate is None or estimate.n == 1 for number in numbers for estimate in (number.first, number.second)):
        return "one run each"
    runs = f"runs of the first and of the second: {counts[0]}" if len(counts) == 1 else ""
    paired = any(number.pairs for number in numbers)
    apart = any(number.unpaired for number in numbers)
    of_pairs = "of pairs of runs with the same seed" if paired else ""
    of_others = f"{'else ' if paired else ''}of independent runs, by Welch" if apart else ""
    told = f"difference: {', '.join(filter(None, (of_pairs, of_others)))}"
    return "; ".join(filter(None, ("mean ± half of its 95 % interval", runs, told)))


def _cells(number: Number) -> Iterator[str]:
    """Yield what *number* is called, and what it is in the first, in the second, and how much more there."""
    quantity = number_in_words(number.path)
    told = [estimate for estimate in (number.first, number.second) if estimate is not None]
    scale = scale_of(quantity.unit, (estimate.mean for estimate in told))
    yield f"{number.path} ({scale.unit})" if scale.unit else number.path
    yield _cell(number.first, scale)
    yield _cell(number.second, scale)
    yield _difference(number, scale)


def _difference(number: Number, scale: Scale) -> str:
    """Return how much more the second is, with its sign."""
    told = _cell(number.change, scale)
    return f"+{told}" if any(digit in told.partition(" ")[0] for digit in "123456789") and told[0] != "-" else told


def _cell(estimate: Estimate | None, scale: Scale) -> str:
    if estimate is None:
        return NONE
    half = estimate.half_width
    mean, half_text = rounded(scale.factor * estimate.mean, None if half is None else scale.factor * half)
    return mean if half_text is None else f"{mean} ± {half_text}"


def _place(place: Place) -> str:
    return ", ".join(f"{path}={text}" for path, text in place)


def reproduction_report(told: Reproduction) -> Iterator[RenderableType]:
    """Yield what is equal and what is not in a run that was made again, and what changed since it was first made."""
    equal = sum(file.state == "equal" for file in told.files)
    yield f"[bold]{equal} of {len(told.files)} files are equal, byte by byte[/bold]"
    unequal = [file for file in told.files if file.state != "equal"]
    for file in unequal[:FEW_FILES]:
        yield f"  {file.run}/{file.name}: {file.state}"
    if len(unequal) > FEW_FILES:
        yield f"  and {len(unequal) - FEW_FILES} more"
    if told.changes:
        table = new_table("Changed since")
        for heading in ("what", "then", "now"):
            table.add_column(heading, overflow="fold")
        for change in told.changes:
            table.add_row(*change)
        yield table
    else:
        yield "Versions, code and inputs are those of the original"
