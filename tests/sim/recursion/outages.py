"""Nodes that crash and links that fail, and their recovery: in the order of classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ddnnsim.deployment import Deployment
from ddnnsim.faults import Crash, Outage

from .agenda import FAILURE, NEVER, RECOVERY, Agenda
from .conditions import Conditions
from .machines import Machine
from .network import Network
from .spells import Spell, Spells


class Outages:
    """Enters on the agenda what the spells say; *changed* hears of every change, and of nodes that come and go."""

    def __init__(
        self,
        deployment: Deployment,
        spells: Spells,
        conditions: Conditions,
        agenda: Agenda,
        machines: list[Machine],
        network: Network,
        changed: Callable[..., None],
    ) -> None:
        self.d = deployment
        self.spells = spells
        self.conditions = conditions
        self.agenda = agenda
        self.machines = machines
        self.network = network
        self._changed = changed
        self._looked_until: int | float = -1
        self._enter()

    def _enter(self) -> None:
        """Enter what begins and ends until the spells that are known come to their end."""
        known = self.spells.known
        until = self.spells.known_until
        for spell in [s for s in known if self._looked_until < s.begin <= until]:
            links: Iterable[int] = ()
            if isinstance(self.d.faults[spell.fault].effect, Crash):
                for machine in spell.machines:
                    self._once(spell.begin, FAILURE, (0, machine, 0, 0, 1), lambda m=machine: self._crash(m))
                    self._once(spell.end, RECOVERY, (0, machine, 0, 0, 0), lambda m=machine: self._recover(m))
                links = [w.number for w in self.network.wires if w.link.source in spell.machines]
            elif isinstance(self.d.faults[spell.fault].effect, Outage):
                links = spell.links
            for link in links:
                self._once(spell.begin, FAILURE, (0, 0, link, 1, 0), lambda k=link: self._fail(k))
                self._once(spell.end, RECOVERY, (0, 0, link, 1, 0), lambda k=link: self._mend(k))
        self._looked_until = until
        if until != NEVER:
            self.agenda.enter(int(until), -1, 0, 0, act=self._further, keeps_going=False)

    def _further(self) -> None:
        self.spells.until(self.spells.known_until + 1)
        self._enter()

    def _once(self, at: int | float, class_: int, place: tuple[int, ...], act: Callable[[], Any]) -> None:
        if at != NEVER and not self.agenda.has((int(at), class_, *place)):
            self.agenda.enter(int(at), class_, *place, act=act, keeps_going=False)

    def _holds(self, victim: Callable[[Spell], bool], begins: bool) -> list[tuple[Spell, str]]:
        """Return the spells that begin, or end, now for this victim."""
        return [
            (s, self.d.faults[s.fault].effect.work)
            for s in self.spells.known
            if isinstance(self.d.faults[s.fault].effect, Crash | Outage)
            and victim(s)
            and (s.begin if begins else s.end) == self.agenda.now
        ]

    def _crash(self, machine: int) -> None:
        holds = self._holds(lambda spell: machine in spell.machines, begins=True)
        self.machines[machine].crashes(holds, self.conditions.work(machine, None, self.agenda.now))
        self._changed(down=machine)

    def _recover(self, machine: int) -> None:
        self.machines[machine].recovers([s for s, _ in self._holds(lambda s: machine in s.machines, begins=False)])
        self._changed(up=machine if self.machines[machine].alive else None)

    def _fail(self, link: int) -> None:
        """Let a link fail: by itself, or with the node that it leaves."""
        wire = self.network.wires[link]
        holds = self._holds(lambda s: link in s.links or wire.link.source in s.machines, begins=True)
        if not wire.holds:
            wire.down.append((self.agenda.now, NEVER))
            wire.work = self.conditions.work(wire.link.source, link, self.agenda.now)
        wire.holds += [spell for spell, _ in holds]
        if any(work == "lose" for _, work in holds):
            self.network.fail(wire)
        self._changed()

    def _mend(self, link: int) -> None:
        wire = self.network.wires[link]
        over = [s for s, _ in self._holds(lambda s: link in s.links or wire.link.source in s.machines, begins=False)]
        wire.holds = [hold for hold in wire.holds if hold not in over]
        if not wire.holds:
            wire.down[-1] = (wire.down[-1][0], self.agenda.now)
        self._changed()
