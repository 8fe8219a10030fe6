"""Numbers with no more digits than their interval supports."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from math import isfinite
from typing import NamedTuple

WITHOUT_INTERVAL = 4
"""Digits of a number of which nothing says how sure it is."""

NOTHING = 1e-12
"""Half an interval that is no more than this share of the mean comes of rounding in sums."""


class Rounded(NamedTuple):
    """A number and half its interval, as text of equally many decimals."""

    mean: str
    half: str | None
    """None where there is no interval."""


def rounded(mean: float, half: float | None) -> Rounded:
    """Return *mean* to the last digit that *half* its interval leaves: its first one, or its second where that is a 1.

    A mean whose interval has no width, and one without an interval, has four digits; a whole number has all.
    """
    if half is None or not isfinite(half):
        return Rounded(_to_digits(mean), None)
    if half <= NOTHING * abs(mean):
        return Rounded(_to_digits(mean), "0")
    last = _last_place(Decimal(repr(half)))
    return Rounded(_to_place(Decimal(repr(mean)), last), _to_place(Decimal(repr(half)), last))


def _last_place(half: Decimal) -> int:
    """Return the power of ten of the last digit of *half* that says something."""
    first = half.adjusted()
    digits = round(float(half.scaleb(1 - first)))  # the first two, 10 to 100
    return first - 1 if digits < 20 else first


def _to_digits(number: float) -> str:
    if number == 0 or not isfinite(number):
        return "0" if number == 0 else "-"
    if number == round(number):
        return f"{number:,.0f}"
    value = Decimal(repr(number))
    return _to_place(value, value.adjusted() - WITHOUT_INTERVAL + 1)


def _to_place(value: Decimal, last: int) -> str:
    """Return *value* rounded to a multiple of ten to the *last*, with thousands apart."""
    told = value.quantize(Decimal(1).scaleb(last), ROUND_HALF_EVEN)
    return f"{told + 0:,.{max(0, -last)}f}"
