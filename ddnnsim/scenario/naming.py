"""Faults as a file may leave them: with names, and a beginning, for those that have none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .document import Keys, Raw
from .fault import kind_of

_LONGEST = 60
"""Of a name that is made here, before a number."""


def all_faults(faults: Raw, keys: Keys = ("faults",)) -> Iterator[tuple[Keys, dict[str, Any]]]:
    """Yield every fault of a list of raw *faults* at *keys* with its path, causes before their consequences."""
    for index, fault in enumerate(faults if isinstance(faults, list) else ()):
        if isinstance(fault, dict):
            yield (*keys, index), fault
            yield from all_faults(fault.get("then"), (*keys, index, "then"))


def named_faults(faults: list[Raw]) -> list[Raw]:
    """Return *faults*, of whatever shape, with a name each, and the beginning of those that have one.

    A fault without a name is called by its kind and its victims, and by a number where another one is called so: a
    fault that is added after others changes none of their names.
    """
    taken = {fault["name"] for _, fault in all_faults(faults) if isinstance(fault.get("name"), str)}
    return _named(faults, taken, {"from": "0 ms"})


def _named(faults: list[Raw], taken: set[str], defaults: Mapping[str, Raw]) -> list[Raw]:
    named = []
    for fault in faults:
        if isinstance(fault, dict):
            filled = {key: value for key, value in fault.items() if value is not None}
            if "name" not in filled:
                filled["name"] = _free(_label(filled), taken)
            if "at" not in filled:
                filled = dict(defaults) | filled
            if isinstance(filled.get("then"), list):
                filled["then"] = _named(filled["then"], taken, {})
            named.append(filled)
        else:
            named.append(fault)
    return named


def _label(fault: dict[str, Any]) -> str:
    """Return the kind and the victims of *fault* as a name."""
    kind = kind_of(fault)
    said = fault.get(kind)
    victims = [str(name) for name in said] if isinstance(said, list) else [str(said)]
    return re.sub(r"[^A-Za-z0-9_]+", "-", "-".join([kind, *victims]))[:_LONGEST].strip("-")


def _free(label: str, taken: set[str]) -> str:
    """Return *label*, or with the first number from 2 that nothing else has, and take it."""
    number, name = 1, label
    while name in taken:
        number += 1
        name = f"{label}-{number}"
    taken.add(name)
    return name
