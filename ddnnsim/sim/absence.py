"""What a request of some views alone does not have: it counts as there, without views, from the beginning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ddnnsim.sim.section import Section

if TYPE_CHECKING:
    from ddnnsim.sim.coordinator import Coordinator
    from ddnnsim.sim.exit import Exit
    from ddnnsim.sim.sensor import Sensor


class Absences:
    """By set of the sections that sense a request, what its gathers do not have to wait for."""

    def __init__(
        self, sections: Sequence[Section | Sensor], exits: Sequence[Exit], coordinators: Sequence[Coordinator]
    ) -> None:
        self.children = [section.gather.expected if isinstance(section, Section) else 0 for section in sections]
        self.exits = [(1 << exit_.entity, exit_.gather.expected) for exit_ in exits]
        self.coordinators = [coordinator.gather.expected for coordinator in coordinators]
        self._known: dict[int, list[int]] = {}

    def arrived(self, sensing: int) -> list[int]:
        """Return by entity what counts as arrived of a request that the sections *sensing*, a bit mask, sense."""
        known = self._known.get(sensing)
        if known is None:
            known = self._known[sensing] = self._work_out(sensing)
        return known.copy()

    def _work_out(self, sensing: int) -> list[int]:
        for section, children in enumerate(self.children):  # level by level: from here on also what gets something
            if children & sensing:
                sensing |= 1 << section
        deciding = sum(bit for bit, expected in self.exits if expected & sensing)
        gathers = [*self.children, *(expected for _, expected in self.exits)]
        return [mask & ~sensing for mask in gathers] + [mask & ~deciding for mask in self.coordinators]
