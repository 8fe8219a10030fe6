"""The six configurations of the paper, and what each of them has.

Teerapittayanon et al., ICDCS 2017, Fig. 2.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

LEVELS = ("device", "edge", "cloud")
"""All levels, bottom to top."""
EXITS = ("local", "edge", "cloud")
"""All exits, bottom to top; the last always answers."""

ONLY_LOWER = frozenset(("rule", "threshold", "control"))
"""Keys of the exits below the last, which may pass a sample on."""


class Configuration(NamedTuple):
    """What one configuration has, from the bottom up."""

    letter: str
    levels: tuple[str, ...]
    exits: tuple[str, ...]
    """Those it may have; all but `cloud` may be left out."""
    devices: Literal["one", "many"]
    edges: Literal["none", "one", "many"]
    groups: Literal["none", "some", "all"]
    """none: no groups; some: where there are several edges; all: at least two, each with a local exit of its own."""

    def __str__(self) -> str:
        """Return how faults call it."""
        return f"configuration {self.letter}"


_TWO, _THREE = ("device", "cloud"), LEVELS
CONFIGURATIONS = {
    "a": Configuration("a", _TWO, ("cloud",), devices="many", edges="none", groups="none"),
    "b": Configuration("b", _TWO, ("local", "cloud"), devices="one", edges="none", groups="none"),
    "c": Configuration("c", _TWO, ("local", "cloud"), devices="many", edges="none", groups="none"),
    "d": Configuration("d", _THREE, EXITS, devices="one", edges="one", groups="none"),
    "e": Configuration("e", _THREE, EXITS, devices="many", edges="many", groups="some"),
    "f": Configuration("f", _THREE, EXITS, devices="many", edges="many", groups="all"),
}
"""By letter."""


def configuration_of(data: dict[str, Any]) -> Configuration | None:
    """Return the configuration that *data* names; None where they name none."""
    letter = data.get("configuration")
    return CONFIGURATIONS.get(letter) if isinstance(letter, str) else None
