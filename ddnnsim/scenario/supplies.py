"""What the keys of one node must say together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .defaults import is_count, section
from .document import Raw
from .finding import Finding
from .node import MAX_BATCH
from .units import BINARY_COMPUTE, QuantityError

_PATH = ("topology", "nodes")


def supply_findings(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield what contradicts itself: two services, a speed on bits alone, a battery that nothing drains, ..."""
    for name, node in section(data, *_PATH).items():
        fields = section(node)
        if _is_speed(fields.get("binary")) and fields.get("compute") is None:
            what = f"{name!r} has a speed on bits and none on numbers"
            yield Finding((*_PATH, name, "binary"), what, "give 'compute', too", at_key=True)
        if fields.get("measured") is not None and fields.get("service") is not None:
            what = f"the service of sections on {name!r} is both measured and given"
            yield Finding((*_PATH, name, "measured"), what, "keep one", at_key=True)
        if fields.get("battery") is not None and fields.get("power") is None:
            what = f"{name!r} has a battery that nothing drains"
            yield Finding((*_PATH, name, "battery"), what, "give 'power', too, e.g. 'power: {idle: 2 W}'", at_key=True)
        yield from _batches(name, section(fields, "batch"))


def _batches(name: str, batch: dict[str, Any]) -> Iterator[Finding]:
    """Yield speed-ups of batches that are never so large."""
    limit: Raw = batch.get("max")
    for size in section(batch, "speed_up"):
        if is_count(limit, MAX_BATCH) and size.isdecimal() and int(size) > limit:
            what = f"a speed-up of batches of {size}, and 'max' is {limit}"
            yield Finding((*_PATH, name, "batch", "speed_up", size), what, "leave it out", at_key=True)


def _is_speed(value: object) -> bool:
    """Return whether *value* is a speed on bits; what is none is a fault by itself."""
    try:
        BINARY_COMPUTE.read(value)
    except QuantityError:
        return False
    return True
