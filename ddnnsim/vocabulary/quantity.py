"""A quantity in words, and the unit in which people read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal
from typing import Literal, NamedTuple

SHARE = "share"
"""The unit of shares of one, which people read in per cent."""

SHORT = 15
"""Digits of a decimal that a float always gives back."""

Better = Literal["more", "less"]


class Scale(NamedTuple):
    """A unit that people read, and what a number in SI units is multiplied with to be in it."""

    unit: str
    factor: float


class Quantity(NamedTuple):
    """What a number of a summary, or a setting, is."""

    path: str
    words: str
    unit: str = ""
    """The SI unit, `share`, or empty for a pure number."""
    better: Better | None = None
    """What one wishes of it; None where that depends."""

    def label(self, scale: Scale) -> str:
        """Return the words with the unit of *scale*, as an axis or a heading has them."""
        return f"{self.words} ({scale.unit})" if scale.unit else self.words


Steps = tuple[tuple[float, Scale], ...]


def _thousands(base: str, prefixes: str) -> Steps:
    """Return *base* from 0 on, and each of its multiples by thousands from one of it on."""
    sizes = ((10.0 ** (3 * rank), f"{prefix}{base}") for rank, prefix in enumerate(prefixes, start=1))
    return ((0.0, Scale(base, 1.0)), *((size, Scale(unit, 1 / size)) for size, unit in sizes))


def _thousandths(base: str, prefixes: str) -> Steps:
    """Return the smallest fraction of *base*, the last of *prefixes*, from 0 on, and each larger from one of it on."""
    ranks = range(len(prefixes), 0, -1)
    steps = [(10.0 ** (-3 * rank), Scale(f"{prefixes[rank - 1]}{base}", 10.0 ** (3 * rank))) for rank in ranks]
    return ((0.0, steps[0][1]), *steps[1:], (1.0, Scale(base, 1.0)))


_SCALES: Mapping[str, Steps] = {
    "s": ((0.0, Scale("µs", 1e6)), (1e-3, Scale("ms", 1e3)), (10.0, Scale("s", 1.0))),
    "bit/s": _thousands("bit/s", "kMGT"),
    "FLOP/s": _thousands("FLOP/s", "kMGTP"),
    "OP/s": _thousands("OP/s", "kMGTP"),
    "FLOP": _thousands("FLOP", "kMGTP"),
    "OP": _thousands("OP", "kMGTP"),
    "B": ((0.0, Scale("B", 1.0)), (1e5, Scale("kB", 1e-3)), (1e8, Scale("MB", 1e-6)), (1e11, Scale("GB", 1e-9))),
    "W": _thousandths("W", "mµ"),
    "J": _thousandths("J", "mµnp"),
    "J/B": _thousandths("J/B", "mµnp"),
    SHARE: ((0.0, Scale("%", 100.0)),),
}
"""By SI unit, the scales, each with the magnitude from which on it is read."""


def scale_of(unit: str, values: Iterable[float]) -> Scale:
    """Return the scale in which the largest of *values* in *unit* is read well; NaN has no say."""
    steps = _SCALES.get(unit, ((0.0, Scale(unit, 1.0)),))
    most = max((abs(value) for value in values if value == value), default=0.0)  # NaN is not itself
    return next(scale for least, scale in reversed(steps) if most >= least * (1 - 1e-9))


def scaled(value: float, factor: float) -> Decimal:
    """Return *value* times *factor* with all digits, both taken as the shortest decimals that are they."""
    return (Decimal(repr(value)) * Decimal(repr(factor))).normalize()


def exact_texts(values: Sequence[float], factor: float) -> list[str]:
    """Return *values* times *factor* with all digits, and nothing between thousands.

    What no decimal of 15 digits is, such as 10 a minute by the second, has as many as tell all apart.
    """
    exact = [scaled(value, factor) for value in values]
    most = max((len(number.as_tuple().digits) for number in exact), default=0)
    told = exact
    for digits in (6, 12, most):
        rounded = Context(prec=digits).create_decimal
        told = [rounded(number) if len(number.as_tuple().digits) > SHORT else number for number in exact]
        if len(set(told)) == len(set(exact)):
            break
    return [f"{number.normalize() + 0:f}" for number in told]


def number_text(value: float, digits: int = 3) -> str:
    """Return *value* in so many *digits*; those of whole numbers are all there."""
    whole = value == round(value) or abs(value) >= 10**digits - 0.5  # no power of ten for what is rounded to one
    return f"{value:,.0f}" if whole else f"{value:.{digits}g}"
