"""What the names in faults stand for: machines, and directions of links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

BOTH = "<>"


class Places(NamedTuple):
    """What there is to hit."""

    machines: Mapping[str, tuple[str, ...]]
    """By the name of a node, group or member."""
    regions: Mapping[str, tuple[str, ...]]
    """By name, the machines."""
    links: Mapping[str, tuple[tuple[str, str], ...]]
    """By name, source and target of each direction."""

    def machines_of(self, name: str) -> tuple[str, ...]:
        """Return the machines that *name* stands for; none where it is unknown."""
        return self.machines.get(name) or self.regions.get(name, ())

    def directions_of(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return the directions that *name* stands for: a link, 'a<>b', 'a>b' or a region; none where it is unknown."""
        if name in self.links:
            return self.links[name]
        if name in self.regions:
            inside = self.regions[name]
            return tuple(ends for ends in self.directions() if ends[0] in inside or ends[1] in inside)
        arrow = BOTH if BOTH in name else ">"
        a, _, b = name.partition(arrow)
        sources, targets = self.machines_of(a.strip()), self.machines_of(b.strip())
        return tuple(
            (source, target)
            for source, target in self.directions()
            if (source in sources and target in targets) or (arrow == BOTH and source in targets and target in sources)
        )

    def between(self, side: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Return the directions between the machines of *side* and all others."""
        inside = set(side)
        return tuple(ends for ends in self.directions() if (ends[0] in inside) != (ends[1] in inside))

    def directions(self) -> list[tuple[str, str]]:
        """Return every direction of every link."""
        return [ends for of_link in self.links.values() for ends in of_link]
