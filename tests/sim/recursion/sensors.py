"""What sensors show, and have shown: what there is to see, unless they are at fault."""

from __future__ import annotations

from ddnnsim.deployment import Deployment
from ddnnsim.faults import Misreading
from ddnnsim.oracle import Picture, Reading

from .agenda import Agenda
from .spells import Spells


class Sensors:
    def __init__(self, deployment: Deployment, spells: Spells, agenda: Agenda) -> None:
        self.d = deployment
        self._spells = spells
        self._agenda = agenda
        self._shown: dict[int, list[tuple[int, Reading]]] = {}
        """By section, what it has shown at which capture."""

    def captures(self, section: int, sample: int) -> Reading:
        """Return what *section* shows of *sample* now."""
        shown = self._shows(section, sample)
        self._shown.setdefault(section, []).append((self._agenda.now, shown))
        return shown

    def _shows(self, section: int, sample: int) -> Reading:
        now, machine = self._agenda.now, self.d.sections[section].machine
        in_force = [
            s
            for s in self._spells.until(now)
            if isinstance(self.d.faults[s.fault].effect, Misreading)
            and s.begin <= now < s.end
            and machine in s.machines
        ]
        if not in_force:
            return Picture(sample)
        last = max(s.fault for s in in_force)
        effect = self.d.faults[last].effect
        if effect.kind == "blank":
            return None
        if effect.kind == "noisy":
            return Picture(sample, effect.level, self.d.seed)
        return self._seen_before(section, min(s.begin for s in in_force if s.fault == last))

    def _seen_before(self, section: int, at_ns: int) -> Reading:
        before = [reading for at, reading in self._shown.get(section, []) if at < at_ns]
        return before[-1] if before else None
