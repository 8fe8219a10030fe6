"""What runs differ in: a setting, with its values in SI units and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ddnnsim.vocabulary import Quantity, Scale, exact_texts, scale_of, setting_in_words, si_value

UNSAID = "default"
"""What a value is called that a file does not say."""


class Parameter(NamedTuple):
    """What runs differ in."""

    quantity: Quantity
    values: Mapping[int, float | str]
    """By point: numbers in SI units if all are such, else texts as a file would have them."""

    @property
    def numeric(self) -> bool:
        """Return whether the values are numbers."""
        return not any(isinstance(value, str) for value in self.values.values())

    @property
    def scale(self) -> Scale:
        """Return in which unit the values are read."""
        return scale_of(self.quantity.unit, (value for value in self.values.values() if isinstance(value, float)))

    @property
    def label(self) -> str:
        """Return what it is, and in which unit."""
        return self.quantity.label(self.scale)

    @property
    def names(self) -> dict[float | str, str]:
        """Return by value, numbers ascending, what it is called: as it is given, in the unit of the label."""
        values = list(dict.fromkeys(self.values.values()))
        if not self.numeric:
            return {value: str(value) for value in values}
        numbers = sorted(map(float, values))
        return dict(zip(numbers, exact_texts(numbers, self.scale.factor), strict=True))


def parameter_of(path: str, texts: Mapping[int, str]) -> Parameter:
    """Return the setting at *path*, that points have as *texts*."""
    told = {point: si_value(text) for point, text in texts.items()}
    texts = {point: text or UNSAID for point, text in texts.items()}
    units = {value[1] for value in told.values() if value is not None and (value[0] or value[1])}
    if None in told.values() or len(units) > 1:
        return Parameter(setting_in_words(path), texts)
    numbers = {point: value[0] for point, value in told.items() if value is not None}
    return Parameter(setting_in_words(path, next(iter(units), "")), numbers)
