"""The settings of a scenario in words, by their path; and their values in SI units."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from ddnnsim.scenario.amounts import in_si, kind_of
from ddnnsim.scenario.document import plain_scalar
from ddnnsim.vocabulary.quantity import SHARE, Quantity

_SI_UNITS = {"ns": "s", "uW": "W", "fJ": "J", "fJ/B": "J/B", "/s": "1/s", "%": SHARE}
"""By base unit of a kind of quantity, where it is another."""
_KEYS = {
    "compute": "Speed", "binary": "Speed on bits", "mtbf": "Mean time between failures",
    "mttr": "Mean time to repair", "convp": "Filters", "every": "Time between requests",
}  # fmt: skip
_SETTINGS = {
    "workload.rate": "Rate of requests", "workload.requests": "Requests", "data.views": "Views",
    "run.seed": "Seed of the run", "model.training.seed": "Seed of the training", "label": "Variant",
}  # fmt: skip
_HOLDERS: Mapping[tuple[str, ...], str] = {
    ("topology", "links"): "{key} of {name}", ("topology", "nodes"): "{key} of {name}",
    ("exits",): "{key}, {name} exit", ("model", "levels"): "{key}, {name} level",
    ("placement", "groups"): "{key}, group {name}", ("faults",): "{key}", ("policy",): "{key} of the policy",
}  # fmt: skip
"""By what holds names, how a key of one of them is called."""


def setting_in_words(path: str, unit: str = "") -> Quantity:
    """Return what the setting at *path* of a scenario is, whose values have *unit*."""
    if path in _SETTINGS:
        return Quantity(path, _SETTINGS[path], unit)
    parts = path.split(".")
    for holder, words in _HOLDERS.items():
        depth = len(holder)
        if tuple(parts[:depth]) == holder and len(parts) > depth + 1:
            told = words.format(key=_key(parts[depth + 1]), name=parts[depth])
            return Quantity(path, ", ".join([told, *(part.replace("_", " ") for part in parts[depth + 2 :])]), unit)
    return Quantity(path, f"{_key(parts[-1])} of {parts[-2]}" if len(parts) > 1 else _key(path), unit)


def _key(name: str) -> str:
    words = name.replace("_", " ")
    return _KEYS.get(name, words[:1].upper() + words[1:])


def si_value(value: object) -> tuple[float, str] | None:
    """Return the number that *value* of a scenario is in SI units, and which; None for what is no finite number."""
    kind, number = kind_of(value), in_si(value)
    if kind is not None and isinstance(number, float):
        base = next(iter(kind.units))
        return number, _SI_UNITS.get(base, base)
    try:
        number = plain_scalar(str(value))
    except ValueError:
        return None
    if isinstance(number, bool | str) or number is None or not isfinite(number) or float(number) != number:
        return None  # a whole number that no float is, such as a large seed, is kept as it is written
    return float(number), ""
