"""Values between two ends, in equal steps or equal ratios."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Context, Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator

from .amounts import PERCENTAGE, Amount, amount, kind_of
from .document import Raw
from .part import STRICT, Part
from .units import FREQUENCY, QuantityError
from .wording import given

MOST_STEPS = 10_000
_EXACT = Context(prec=80)
"""Far more digits than any number of base units has."""
_WRITTEN = Context(prec=12)
_FINE = (FREQUENCY, PERCENTAGE)
"""Quantities that need not be whole numbers of their base unit."""


def _end(value: object) -> int | float | str:
    """Return a finite number, or a quantity, which is a whole number of base units."""
    kind = kind_of(value)
    if kind is None and (isinstance(value, str) or amount(value) is None):
        raise QuantityError(f"{given(value)} is no end of a range", "write a number or a quantity, e.g. '1 Mbit/s'")
    if kind is not None and kind not in _FINE:
        kind.read(value)
    assert isinstance(value, int | float | str)
    return value


END = Annotated[
    int | float | str,
    PlainValidator(_end),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}], "examples": [0.5, "1 Mbit/s"]}),
]


class Range(Part):
    """A range of values with both ends."""

    model_config = STRICT | ConfigDict(populate_by_name=True)

    first: END = Field(alias="from", description="The first value: a number or a quantity.")
    last: END = Field(alias="to", description="The last value, of the same kind.")
    steps: int = Field(ge=2, le=MOST_STEPS, description="How many values, both ends included.")
    scale: Literal["linear", "log"] = Field("linear", description="Equal steps, or equal ratios.")

    @model_validator(mode="after")
    def _has_values(self) -> Range:
        first, last = _ends(self)
        nouns = [found.noun for found in (first, last)]
        if nouns[0] != nouns[1]:
            raise QuantityError(f"a range from {nouns[0]} to {nouns[1]}", "write both ends as one kind of quantity")
        if self.scale == "log" and min(first.number, last.number) <= 0:
            raise QuantityError("equal ratios need ends above zero", "write 'scale: linear', or another end")
        if self.scale == "linear" and _is_whole(self) and (last.number - first.number) % (self.steps - 1):
            what = f"{self.steps} steps from {self.first} to {self.last} are not all whole numbers"
            raise QuantityError(what, f"write other steps, or 'from: {float(self.first)}' for fractions")
        return self

    def values(self) -> list[Raw]:
        """Return the values, as a file would have them.

        Those between the ends are rounded to whole base units, numbers and frequencies to 12 significant digits. Where
        both ends are whole numbers, those that come out whole are, too.
        """
        return [self.first, *(_written(self, number) for number in _between(self)), self.last]


def _ends(span: Range) -> tuple[Amount, Amount]:
    """Return what both ends amount to."""
    first, last = amount(span.first), amount(span.last)
    assert first is not None, "read before"
    assert last is not None, "read before"
    return first, last


def _is_whole(span: Range) -> bool:
    return isinstance(span.first, int) and isinstance(span.last, int)


def _between(span: Range) -> Iterator[Fraction]:
    """Yield what the values between the ends amount to; those in equal ratios to 80 digits."""
    (first, _), (last, _) = _ends(span)
    for step in range(1, span.steps - 1):
        part = Fraction(step, span.steps - 1)
        if span.scale == "linear":
            yield first + (last - first) * part
        else:
            yield first * Fraction(_EXACT.power(_decimal(last / first, _EXACT), _decimal(part, _EXACT)))


def _written(span: Range, number: Fraction) -> Raw:
    """Return *number* as a file would have it beside the ends."""
    kind = kind_of(span.first)
    if kind is None:
        rounded = _decimal(number, _WRITTEN)
        return int(rounded) if _is_whole(span) and rounded == int(rounded) else float(rounded)
    if kind in _FINE:
        unit = kind.written[-1]
        return f"{_decimal(number / kind.units[unit], _WRITTEN).normalize():f} {unit}"
    return kind.text(round(number))


def _decimal(number: Fraction, context: Context) -> Decimal:
    """Return *number* to the digits of *context*."""
    return context.divide(Decimal(number.numerator), Decimal(number.denominator))
