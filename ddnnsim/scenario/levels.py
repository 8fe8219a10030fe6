"""What the levels of a network demand of one another, and of the pictures that enter at the bottom.

Like all checks of raw data, these pass over wrong shapes, which the schema tells, and report causes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .configuration import LEVELS, Configuration
from .defaults import by_numbers, section, view_shape
from .finding import Finding
from .model import Level
from .pooling import pooled_side
from .wording import listed

_PATH = ("model", "levels")
_EXAMPLES = {"device": 4, "edge": 8, "cloud": 16}


def level_findings(data: dict[str, Any], configuration: Configuration) -> Iterator[Finding]:
    """Yield what is wrong with the levels of *data*."""
    levels = section(data, "model").get("levels")
    if not isinstance(levels, dict) or "module" in section(data, "model") or by_numbers(data):
        return
    yield from _names(levels, configuration)
    for name in configuration.levels:
        if isinstance(levels.get(name), dict):
            yield from _blocks(name, levels[name])
            yield from _words(name, levels[name])
            yield from _windows(name, levels[name])
    yield from _pictures(data, configuration)


def _names(levels: dict[str, Any], configuration: Configuration) -> Iterator[Finding]:
    """Yield levels too many or too few."""
    has = f"{configuration} has levels {listed(configuration.levels)}"
    for name in levels:
        if name not in configuration.levels:
            yield Finding((*_PATH, name), f"unknown level {name!r}", has, at_key=True)
    for name in configuration.levels:
        if name not in levels:
            what = f"level {name!r} is missing: {has}"
            yield Finding((*_PATH, name), what, f"write e.g. '{name}: {{convp: [{_EXAMPLES[name]}]}}'")


def _blocks(name: str, level: dict[str, Any]) -> Iterator[Finding]:
    """Yield a level that has nothing but its classifier."""
    if all(level.get(kind, []) == [] for kind in ("convp", "fc")):
        what = f"level {name!r} has no blocks"
        yield Finding((*_PATH, name), what, f"write e.g. 'convp: [{_EXAMPLES[name]}]'", at_key=True)


def _words(name: str, level: dict[str, Any]) -> Iterator[Finding]:
    """Yield what has no meaning at the level *name*."""
    lowest = name == LEVELS[0]
    if lowest and level.get("merge") is not None:
        what = "the device level has nothing below it to merge"
        yield Finding((*_PATH, name, "merge"), what, "leave 'merge' out", at_key=True)
    if not lowest and level.get("share") == "group":
        what = f"sections of the {name} level do not share weights"
        yield Finding((*_PATH, name, "share"), what, "leave 'share' out, only devices may", at_key=True)
    bits = level.get("bits", 32)
    if level.get("precision", "binary") == "binary" and isinstance(bits, int) and bits < 32:
        what = "a binary section sends 1 bit of each feature"
        yield Finding((*_PATH, name, "bits"), what, "leave 'bits' out, or write 'precision: float'", at_key=True)


def _window(level: dict[str, Any]) -> tuple[int, int] | None:
    """Return the side of the pooling windows and their stride; None where they are wrong."""
    pool, stride = (level.get(key, Level.model_fields[key].default) for key in ("pool", "stride"))
    return (pool, stride) if type(pool) is type(stride) is int and min(pool, stride) > 0 else None


def _windows(name: str, level: dict[str, Any]) -> Iterator[Finding]:
    """Yield pooling windows that are further apart than wide."""
    window = _window(level)
    if window is not None and window[1] > window[0]:
        pool, stride = window
        what = f"windows of {pool}x{pool} pixels, {stride} apart, leave pixels out"
        key = "stride" if "stride" in level else "pool"
        yield Finding((*_PATH, name, key), what, f"write e.g. 'stride: {pool}'")


def _pictures(data: dict[str, Any], configuration: Configuration) -> Iterator[Finding]:
    """Yield the first ConvP block that gets no picture, or one of a single pixel."""
    shape = view_shape(data)
    if shape is None:
        return
    sides: tuple[int, ...] = shape[1:]
    blocks, ended = 0, None
    for name in configuration.levels:
        level = section(data, *_PATH, name)
        window, convp = _window(level), level.get("convp")
        if window is None:
            return
        if convp and ended is not None:
            what = f"ConvP blocks need pictures, and the {ended} level below ends in FC blocks"
            yield Finding((*_PATH, name, "convp"), what, "write e.g. 'fc: [64]'", at_key=True)
            return
        for index in range(len(convp)) if isinstance(convp, list) else ():
            pooled = tuple(pooled_side(side, *window) for side in sides)
            if max(sides) == 1 or min(pooled) == 0:
                what = f"block {blocks + 1} from the bottom would get a picture of {_size(sides)}"
                limit = f"a view of {_size(shape[1:])} has room for {blocks} blocks"
                yield Finding((*_PATH, name, "convp", index), what, limit)
                return
            sides, blocks = pooled, blocks + 1
        ended = name if level.get("fc") else ended


def _size(sides: tuple[int, ...]) -> str:
    """Return *sides* as '24x24'."""
    return "x".join(map(str, sides))
