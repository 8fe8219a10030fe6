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
    pairs = max(0 if number.difference is None else number.difference.difference.n for number in numbers)
    unpaired = "mean ± half of the 95 % interval of the mean"
    note = f"{unpaired}; difference: of runs with the same seed, {pairs} pairs" if pairs > 1 else "one run each"
    table = new_table("Numbers", note)
    for heading in (*(["point"] if several else []), "number", "first", "second", "difference"):
        if heading in ("point", "number"):
            table.add_column(heading, overflow="fold")
        else:
            table.add_column(heading, justify="right", no_wrap=True)
    for number in numbers:
        table.add_row(*([_place(number.place)] if several else []), *_cells(number))
    return table


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
    """Return how much more the second is: of pairs with its interval, else of the means alone."""
    if number.first is None or number.second is None:
        return NONE
    if number.difference is None:
        told = rounded(scale.factor * (number.second.mean - number.first.mean), None).mean
    else:
        told = _cell(number.difference.difference, scale)
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
