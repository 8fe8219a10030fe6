"""The mishaps of a run: all that its faults do, by victim, and a record of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ddnnsim.faults import Crash, Degradation, Misreading, Outage, Slowdown
from ddnnsim.sim import rules
from ddnnsim.sim.downtime import Downtime
from ddnnsim.sim.hold import Grip, Hold
from ddnnsim.sim.spells import Spell, Spells
from ddnnsim.sim.wear import Wear

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.sim.clock import Clock
    from ddnnsim.trace import Column

KINDS = {Crash: "crash", Outage: "outage", Slowdown: "slow", Degradation: "degrade"}
"""What faults are called in the record; misreadings by their own kind."""


class Frailty(NamedTuple):
    """What may go wrong with a victim."""

    wear: Wear
    downtime: Downtime


class Mishaps:
    """The faults of a deployment."""

    def __init__(self, clock: Clock, deployment: Deployment) -> None:
        self.clock = clock
        self.deployment = deployment
        self.spells: list[Spells] = []
        for fault in deployment.faults:
            self.spells.append(Spells(fault, self.spells, deployment.seed))

    def of_machine(self, number: int) -> Frailty | None:
        """Return what may go wrong with the machine *number*; None: nothing."""
        still = self._grips(Crash, lambda spell: number in spell.machines, machine=number)
        worse = self._grips(Slowdown, lambda spell: number in spell.machines, machine=number)
        return self._frailty(still, worse, entity=number) if still or worse else None

    def of_link(self, number: int) -> Frailty | None:
        """Return what may go wrong with the link *number*, be it with the machine that it leaves; None: nothing."""
        source = self.deployment.links[number].source
        crashes = self._grips(Crash, lambda spell: source in spell.machines, machine=source)
        still = sorted(crashes + self._grips(Outage, lambda spell: number in spell.links, link=number))
        worse = self._grips(Degradation, lambda spell: number in spell.links, link=number)
        return self._frailty(still, worse, link=number, kind=1) if still or worse else None

    def nothing(self, link: int) -> Frailty:
        """Return what may go wrong with *link* where that is nothing."""
        return self._frailty([], [], link=link, kind=1)

    def misreadings(self, fault: int, machine: int) -> Iterator[tuple[int, int]]:
        """Yield the spells, [from, until), in which *fault* hits *machine*, in the order of their beginning."""
        ahead: list[tuple[int, int]] = []
        for number in count():
            spell = self.spells[fault].get(number)
            while ahead and (spell is None or ahead[0][0] < spell.floor_ns):
                yield heappop(ahead)
            if spell is None:
                return
            if machine in spell.machines:
                heappush(ahead, (spell.from_ns, spell.until_ns))

    def columns(self, end_ns: int) -> dict[str, Column]:
        """Return a row for each victim of each spell that began before *end_ns*."""
        rows = sorted(
            (spell.from_ns, number, link, victim, spell.until_ns)
            for number, spells in enumerate(self.spells)
            for spell in spells.before(end_ns)
            for link, victims in enumerate((spell.machines, spell.links))
            for victim in victims
        )
        faults, links = self.deployment.faults, self.deployment.links
        victims = ([machine.name for machine in self.deployment.machines], [link.name for link in links])
        until_ns = np.array([row[4] for row in rows], np.int64)
        return {
            "fault": np.array([faults[number].name for _, number, *_ in rows], np.str_),
            "kind": np.array([_kind(faults[number].effect) for _, number, *_ in rows], np.str_),
            "target": np.array([victims[link][victim] for _, _, link, victim, _ in rows], np.str_),
            "from_ns": np.array([row[0] for row in rows], np.int64),
            "until_ns": np.ma.array(until_ns, mask=until_ns >= end_ns),
        }

    def _grips(
        self, effect: type, hits: Callable[[Spell], bool], machine: int | None = None, link: int | None = None
    ) -> list[Grip]:
        """Return the faults of *effect* that may hit *machine*, or *link*."""
        return [
            Grip(number, spells, hits)
            for number, spells in enumerate(self.spells)
            if isinstance(spells.fault.effect, effect)
            and (machine in spells.fault.machines or link in spells.fault.links)
        ]

    def _frailty(self, still: list[Grip], worse: list[Grip], entity: int = 0, link: int = 0, kind: int = 0) -> Frailty:
        """Return what may go wrong with the victim that has the place (0, *entity*, *link*, *kind*)."""
        hold = Hold(still)
        wear = Wear(Hold(worse), hold, {grip.fault: grip.spells.fault for grip in worse})
        keys = (rules.key(cls, entity=entity, link=link, kind=kind) for cls in (rules.RECOVERY, rules.FAILURE))
        return Frailty(wear, Downtime(self.clock, hold, *keys))


def _kind(effect: object) -> str:
    return effect.kind if isinstance(effect, Misreading) else KINDS[type(effect)]
