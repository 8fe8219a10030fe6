"""What a value of a scenario file amounts to: quantities of any kind as exact numbers, and in SI units."""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import NamedTuple

from . import units
from .document import Raw
from .units import QUANTITY, Kind, QuantityError

_KINDS = (
    units.PAUSING_RATE, units.DURATION, units.SIZE, units.COMPUTE, units.BINARY_COMPUTE, units.OPERATIONS,
    units.BINARY_OPERATIONS, units.FREQUENCY, units.POWER, units.ENERGY, units.BYTE_ENERGY,
)  # fmt: skip
PERCENTAGE = Kind("a percentage", "5 %", {"%": Fraction(1, 100)}, ("%",))
"""Of one, which is its base unit."""
_BY_UNIT = {unit: kind for kind in (*_KINDS, PERCENTAGE) for unit in kind.units}
_BASE_IN_SI = {
    "ns": Fraction(1, 10**9),
    "uW": Fraction(1, 10**6),
    "fJ": Fraction(1, 10**15),
    "fJ/B": Fraction(1, 10**15),
}
"""SI units in a base unit, where it is not 1."""


class Amount(NamedTuple):
    """A number of the base units of a kind; of none for a bare number."""

    number: Fraction
    noun: str
    """What is amounted to, with its article: 'a data rate', 'a number'."""


def kind_of(value: object) -> Kind | None:
    """Return the kind of quantity whose unit the text *value* ends in; None for anything else."""
    match = QUANTITY.fullmatch(value) if isinstance(value, str) else None
    return None if match is None else _BY_UNIT.get(match[2])


def amount(value: object) -> Amount | None:
    """Return what *value* amounts to, if it is a finite number or a quantity."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Amount(Fraction(Decimal(str(value))), "a number") if isfinite(value) else None
    kind = kind_of(value)
    try:
        return None if kind is None else Amount(kind.exactly(value), kind.noun)
    except QuantityError:
        return None


def in_si(value: Raw) -> Raw:
    """Return a quantity as a number of its SI unit, a percentage as a share; anything else as it is."""
    kind, found = kind_of(value), amount(value)
    if kind is None or found is None:
        return value
    return float(found.number * _BASE_IN_SI.get(next(iter(kind.units)), 1))


def comparable(value: Raw) -> Hashable:
    """Return what is equal for values that come to the same: other units, 1 and 1.0, 50 % and 0.5."""
    if isinstance(value, dict):
        return frozenset((key, comparable(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(map(comparable, value))
    found = amount(value)
    if found is None:
        return (type(value).__name__, value)
    return Amount(found.number, "a number") if found.noun == PERCENTAGE.noun else found
