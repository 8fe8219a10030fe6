"""The machines that a file names, read from data of whatever shape."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .data import MAX_VIEWS
from .defaults import is_count, section
from .schema import MAX_COUNT, NAME

TIERS = ("device", "edge", "cloud", "gateway")


class Entry(NamedTuple):
    """One entry of `topology.nodes`."""

    tier: str | None
    """None where the file does not say it rightly."""
    machines: tuple[str, ...]
    group: bool
    sure: bool
    """Whether tier and count can be trusted; if not, no fault should follow from them."""


def entries(data: dict[str, Any]) -> dict[str, Entry]:
    """Return the entries of `topology.nodes` in *data*; a faulty count stands for as many as there may be."""
    found = {}
    for name, node in section(data, "topology", "nodes").items():
        fields = section(node)
        tier, count = fields.get("tier"), fields.get("count")
        tier = tier if isinstance(tier, str) and tier in TIERS else None
        sound = count is None or is_count(count, MAX_COUNT)
        size = (count or 0) if sound else MAX_VIEWS
        machines = tuple(f"{name}{i}" for i in range(1, size + 1)) if count is not None else (name,)
        found[name] = Entry(tier, machines, count is not None, sound and tier is not None)
    return found


def is_name(name: str) -> bool:
    """Return whether *name* can be a part of a path and of a file's name."""
    return re.fullmatch(NAME[1:-1], name) is not None
