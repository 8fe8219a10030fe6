"""When which fault is in force with whom: a matter of times alone."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from ddnnsim.deployment import Deployment
from ddnnsim.faults import Consequence, Drawn, Given, Periodic

from .agenda import NEVER
from .draws import Stream

Span = tuple[int, int | float]


class Spell(NamedTuple):
    fault: int
    begin: int
    end: int | float
    machines: tuple[int, ...]
    """Those that it hits."""
    links: tuple[int, ...]


class Spells:
    """All spells, found out as far as they are asked for."""

    def __init__(self, deployment: Deployment) -> None:
        self.d = deployment
        self._count = 16
        self.known: list[Spell] = []
        self.known_until: int | float = 0
        self._find()

    def until(self, at_ns: int) -> list[Spell]:
        """Return the spells: all that begin at *at_ns* or before, and maybe more."""
        while self.known_until < at_ns:
            self._count *= 2
            self._find()
        return self.known

    def machine_is_hit(self, fault: int, machine: int, at_ns: int) -> bool:
        return any(s.fault == fault and s.begin <= at_ns < s.end and machine in s.machines for s in self.until(at_ns))

    def link_is_hit(self, fault: int, link: int, at_ns: int) -> bool:
        return any(s.fault == fault and s.begin <= at_ns < s.end and link in s.links for s in self.until(at_ns))

    def next_change(self, at_ns: int) -> int | float:
        """Return the first instant after *at_ns* at which a spell begins or ends."""
        while True:
            self.until(at_ns)
            later = bisect_right(self._instants, at_ns)
            first = self._instants[later] if later < len(self._instants) else NEVER
            if first <= self.known_until:
                return first
            self.until(self.known_until + 1)

    def _find(self) -> None:
        self.known_until = NEVER
        found = []
        for number, fault in enumerate(self.d.faults):
            chance = Stream(self.d.seed, f"faults/{fault.name}/chance")
            for begin, end in self._spans(number):
                machines = tuple(m for m in fault.machines if chance.uniform() < fault.chance)
                links = tuple(k for k in fault.links if chance.uniform() < fault.chance)
                found.append(Spell(number, begin, end, machines, links))
        self.known = found
        self._instants = sorted({t for s in found for t in (s.begin, s.end)})

    def _spans(self, number: int) -> list[Span]:
        """Return the spells of a fault in the order in which they are made; those of no length are none."""
        match self.d.faults[number].spells:
            case Given(spells):
                spans = [(begin, NEVER if end is None else end) for begin, end in spells]
            case Periodic() as periodic:
                spans = self._periodic(periodic)
            case Drawn() as drawn:
                spans = self._drawn(self.d.faults[number].name, drawn)
            case Consequence() as consequence:
                spans = self._consequences(self.d.faults[number].name, consequence)
        return [(begin, end) for begin, end in spans if begin < end]

    def _periodic(self, of: Periodic) -> list[Span]:
        spans = []
        for k in range(self._count):
            begin = of.first_ns + k * of.period_ns
            if of.until_ns is not None and begin >= of.until_ns:
                return spans
            spans.append((begin, begin + of.length_ns))
        self.known_until = min(self.known_until, spans[-1][0])
        return spans

    def _drawn(self, name: str, of: Drawn) -> list[Span]:
        ups, downs = Stream(self.d.seed, f"faults/{name}/up"), Stream(self.d.seed, f"faults/{name}/down")
        spans, at = [], of.from_ns
        for _ in range(self._count):
            begin = at + ups.duration_ns(of.up)
            if of.until_ns is not None and begin >= of.until_ns:
                return spans
            at = begin + downs.duration_ns(of.down)
            spans.append((begin, at))
        self.known_until = min(self.known_until, spans[-1][0])
        return spans

    def _consequences(self, name: str, of: Consequence) -> list[Span]:
        afters, lengths = Stream(self.d.seed, f"faults/{name}/after"), Stream(self.d.seed, f"faults/{name}/for")
        spans = []
        for begin, end in self._spans(of.cause):
            then = begin + afters.duration_ns(of.after)
            spans.append((then, end if of.length is None else then + lengths.duration_ns(of.length)))
        return spans
