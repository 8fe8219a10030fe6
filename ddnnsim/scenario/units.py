"""Quantities: text with a unit in files, integers of the base unit inside, and back.

Parsing is exact, with no float on the way, and refuses what no whole number of base units is;
formatting is its exact inverse. Bits and bytes are different kinds: neither is ever read as the other.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from .wording import given

_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
QUANTITY = re.compile(rf"\s*({_NUMBER})\s*(.*?)\s*", re.DOTALL)
"""A number, and what comes after it."""
_LARGEST = 2**63 - 1  # engines and tables hold these numbers as int64
_DIGITS = 30  # more digits, or a larger exponent, is a slip, and exact arithmetic on it a trap


class QuantityError(ValueError):
    """A value that is not a quantity of its kind: *what* is wrong, and what to write *instead*."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(f"{what}; {instead}")
        self.what = what
        self.instead = instead


class Kind(NamedTuple):
    """A kind of quantity and its units, the base unit first."""

    noun: str
    """With its article, such as 'a data rate'."""
    example: str
    units: dict[str, Fraction]
    """Base units in one of each."""
    written: tuple[str, ...]
    """The units to write in, largest first; the last is the base unit."""
    least: int = 0
    """The smallest value allowed, in base units."""
    most: int = _LARGEST
    """The largest."""

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of such a text."""
        units = "|".join(map(re.escape, sorted(self.units, key=len, reverse=True)))
        sign = _NUMBER.replace("[-+]?", r"\+?", 1)
        return {
            "type": "string",
            "pattern": rf"^\s*{sign}\s*({units})\s*$",
            "description": f"{self.noun[0].upper()}{self.noun[1:]} with its unit: {', '.join(self.units)}.",
            "examples": [self.example],
        }

    def exactly(self, value: object) -> Fraction:
        """Return *value*, a number and a unit, in base units; a QuantityError for anything else."""
        bare = isinstance(value, int | float) and not isinstance(value, bool)
        match = QUANTITY.fullmatch(str(value)) if bare or isinstance(value, str) else None
        if match is None:
            raise QuantityError(f"{given(value)} is not {self.noun}", f"write e.g. '{self.example}'")
        number, unit = match[1], match[2]
        if unit in self.units:
            return _fraction(number, value) * self.units[unit]
        example = self.example if re.search("[0-9]", unit) else f"{number} {self._nearest(unit)}"
        hint = f"write e.g. '{example}'"
        if not unit:
            raise QuantityError(f"{given(value)} has no unit, and {self.noun} needs one", hint)
        raise QuantityError(f"{given(value)} is not {self.noun}", hint)

    def __hash__(self) -> int:
        """Return the hash of what tells most kinds apart: units are no key of anything."""
        return hash(self.noun)

    def read(self, value: object) -> int:
        """Return *value* in base units, if it is a whole number of them and within bounds; else a QuantityError."""
        return _read_text(self, value) if isinstance(value, str) else self._read(value)

    def _read(self, value: object) -> int:
        number = self.exactly(value)
        base = self.written[-1]
        if number < 0:
            raise QuantityError(f"{given(value)} is negative", f"write e.g. '{self.example}'")
        if number < self.least:
            what = f"{given(value)} is less than {self.least} {base}"
            raise QuantityError(what, f"write e.g. '{self.example}'")
        if number.denominator != 1:
            raise QuantityError(f"{given(value)} is finer than 1 {base}", f"write a whole number of {base}")
        if number > self.most:
            raise QuantityError(f"{given(value)} is too large", f"write at most {self.most} {base}")
        return int(number)

    def text(self, value: int) -> str:
        """Return *value* base units in the largest unit in which it is at least 1 and short.

        Short is three decimals after a unit of thousands, and a whole number of minutes, hours or KiB.
        """
        if value == 0:
            return f"0 {self.example.split()[1]}"
        for unit in self.written:
            factor = int(self.units[unit])
            step = factor // 1000 if re.fullmatch(r"1(000)+", str(factor)) else factor
            if value >= factor and value % step == 0:
                return f"{_decimal_text(Fraction(value, factor))} {unit}"
        return f"{value} {self.written[-1]}"

    def _nearest(self, unit: str) -> str:
        """Return the unit most like *unit*, or that of the example."""
        from difflib import get_close_matches

        lower = {name.lower(): name for name in self.units}
        near = get_close_matches(unit.lower(), lower, n=1)
        return lower[near[0]] if near else self.example.split()[1]


@lru_cache(maxsize=2**16)  # a large topology says the same many times
def _read_text(kind: Kind, text: str) -> int:
    return kind._read(text)


def _decimal(base: str, prefixes: str) -> dict[str, Fraction]:
    """Return *base* and its multiples by thousands, one for each letter of *prefixes*."""
    return {base: Fraction(1)} | {f"{p}{base}": Fraction(1000 ** (i + 1)) for i, p in enumerate(prefixes)}


_RATES = _decimal("bit/s", "kMGT")
_SPEEDS = _decimal("FLOP/s", "kMGTP")
_BINARY_SPEEDS = _decimal("OP/s", "kMGTP")
_OPERATIONS = _decimal("FLOP", "kMGTP")
_BINARY_OPERATIONS = _decimal("OP", "kMGTP")
_DURATIONS = {
    "ns": Fraction(1), "us": Fraction(1000), "µs": Fraction(1000), "μs": Fraction(1000),
    "ms": Fraction(10**6), "s": Fraction(10**9), "min": Fraction(60 * 10**9), "h": Fraction(3600 * 10**9),
}  # fmt: skip
_SIZES = _decimal("B", "kMG") | {f"{p}iB": Fraction(1024 ** (i + 1)) for i, p in enumerate("KMG")}
_FREQUENCIES = {
    "/s": Fraction(1), "/min": Fraction(1, 60), "/h": Fraction(1, 3600), "/ms": Fraction(1000),
    "Hz": Fraction(1), "kHz": Fraction(1000),
}  # fmt: skip

_POWERS = {
    "uW": Fraction(1), "µW": Fraction(1), "μW": Fraction(1),
    "mW": Fraction(10**3), "W": Fraction(10**6), "kW": Fraction(10**9),
}  # fmt: skip
_ENERGIES = {
    "fJ": Fraction(1), "pJ": Fraction(10**3), "nJ": Fraction(10**6),
    "uJ": Fraction(10**9), "µJ": Fraction(10**9), "μJ": Fraction(10**9), "mJ": Fraction(10**12),
    "J": Fraction(10**15), "kJ": Fraction(10**18), "MJ": Fraction(10**21),
    "mWh": 3600 * Fraction(10**12), "Wh": 3600 * Fraction(10**15), "kWh": 3600 * Fraction(10**18),
}  # fmt: skip
_BYTE_ENERGIES = {f"{unit}/B": size for unit, size in _ENERGIES.items() if size <= 10**15 and "Wh" not in unit}

RATE = Kind("a data rate", "10 Mbit/s", _RATES, tuple(reversed(_RATES)), least=1)
PAUSING_RATE = RATE._replace(least=0)
DURATION = Kind("a duration", "20 ms", _DURATIONS, ("h", "min", "s", "ms", "us", "ns"))
SIZE = Kind("a size", "16 B", _SIZES, ("GiB", "GB", "MiB", "MB", "KiB", "kB", "B"))
POSITIVE_SIZE = SIZE._replace(least=1)
COMPUTE = Kind("a compute speed", "40 MFLOP/s", _SPEEDS, tuple(reversed(_SPEEDS)), least=1)
BINARY_COMPUTE = Kind(
    "a speed on binary operations", "400 MOP/s", _BINARY_SPEEDS, tuple(reversed(_BINARY_SPEEDS)), least=1
)
OPERATIONS = Kind("a number of operations", "1.2 MFLOP", _OPERATIONS, tuple(reversed(_OPERATIONS)))
BINARY_OPERATIONS = Kind(
    "a number of binary operations", "3 MOP", _BINARY_OPERATIONS, tuple(reversed(_BINARY_OPERATIONS))
)
FREQUENCY = Kind("a frequency", "5 /s", _FREQUENCIES, ("/h", "/min", "/s"))
POWER = Kind("a power", "2 W", _POWERS, ("kW", "W", "mW", "uW"))
ENERGY = Kind(
    "an energy", "10 kJ", _ENERGIES, ("MJ", "kJ", "J", "mJ", "uJ", "nJ", "pJ", "fJ"), least=1, most=10**27
)  # engines add it up in Python's integers
LENGTH = Kind("a length", "10 km", {"m": Fraction(1), "km": Fraction(1000)}, ("km", "m"), least=1)
BYTE_ENERGY = Kind("an energy per byte", "0.2 uJ/B", _BYTE_ENERGIES, ("J/B", "mJ/B", "uJ/B", "nJ/B", "pJ/B", "fJ/B"))


SHARE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": rf"^\s*{_NUMBER.replace('[-+]?', '', 1)}\s*%\s*$"},
    ],
    "description": "A share of one: a bare number from 0 to 1 or a percentage.",
    "examples": [0.8, "80 %"],
}


def parse_frequency(value: object) -> Fraction:
    """Return a frequency such as '5 /s' or '2 kHz', exactly, per second; more than 0."""
    frequency = FREQUENCY.exactly(value)
    if frequency <= 0:
        raise QuantityError(f"{given(value)} is not above zero", f"write e.g. '{FREQUENCY.example}'")
    return frequency


def parse_share(value: object) -> float:
    """Return a share of one, in [0, 1], from a bare number or a percentage such as '80 %'."""
    match = re.fullmatch(rf"\s*({_NUMBER})\s*%\s*", value) if isinstance(value, str) else None
    if match:
        share = float(_fraction(match[1], value) / 100)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        share = float(value) if abs(value) <= 1e9 else math.inf
    else:
        raise QuantityError(f"{given(value)} is not a share of one", "write e.g. 0.8 or '80 %'")
    if 0 <= share <= 1:
        return share + 0.0  # no -0.0
    percentage = not match and 10 <= share <= 100
    hint = f"did you mean '{value} %'?" if percentage else "write e.g. 0.8 or '80 %'"
    raise QuantityError(f"{given(value)} lies outside 0 to 1", hint)


def format_frequency(frequency: Fraction) -> str:
    """Return *frequency*, per second, as the shortest exact text; a ValueError when no decimal is exact."""
    texts = [
        (len(number) + 2 * rank, f"{number} {unit}")  # a rarer unit has to save digits
        for rank, unit in enumerate(reversed(FREQUENCY.written))
        if (number := _decimal_text(frequency / FREQUENCY.units[unit])) is not None
    ]
    if not texts:
        raise ValueError(f"no decimal is exactly {frequency} /s")
    return min(texts)[1]


def _fraction(number: str, value: object) -> Fraction:
    """Return the decimal text *number* exactly; a QuantityError about *value* beyond all reason."""
    if len(number) <= 2 * _DIGITS:
        decimal = Decimal(number)
        if not decimal:
            return Fraction(0)
        if abs(decimal.adjusted()) <= _DIGITS:
            return Fraction(decimal)
    raise QuantityError(f"{given(value)} is out of all proportion", f"write at most {_DIGITS} digits")


def _decimal_text(number: Fraction) -> str | None:
    """Return *number*, not negative, in decimal notation without an exponent; None if it never ends."""
    rest = number.denominator
    twos = (rest & -rest).bit_length() - 1
    rest >>= twos
    fives = 0
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    if rest != 1:
        return None
    places = max(twos, fives)
    digits = f"{number.numerator * 10**places // number.denominator:0{places + 1}d}"
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits
