"""What faults make of speeds, rates, delays and losses: a matter of [from, until) alone."""

from __future__ import annotations

from collections.abc import Callable

from ddnnsim.deployment import Deployment
from ddnnsim.faults import Crash, Degradation, Outage, Slowdown

from .agenda import NEVER
from .courses import Altered, Changing, Constant, course_of
from .spells import Spell, Spells

WHOLE = 10**9


class Conditions:
    def __init__(self, deployment: Deployment, spells: Spells) -> None:
        self.d = deployment
        self.spells = spells

    def speed(self, machine: int) -> Changing:
        """Return the speed of *machine*, in parts of 10^9."""
        faults = [
            (i, f.effect.speed_ppb)
            for i, f in enumerate(self.d.faults)
            if machine in f.machines and isinstance(f.effect, Slowdown)
        ]
        held = self._held(machine, None)

        def slowed(speed: int, at_ns: int) -> int:
            for i, part in faults:
                if self.spells.machine_is_hit(i, machine, at_ns):
                    speed = speed * part // WHOLE
            return 0 if held(at_ns) else speed

        matters = any(machine in f.machines for f in self.d.faults)
        return Altered(Constant(WHOLE), slowed, self.spells.next_change) if matters else Constant(WHOLE)

    def rate(self, link: int) -> Changing:
        k = self.d.links[link]
        base, faults, held = course_of(k.rates, k.rate_bps), self._degradations(link), self.held(link)

        def degraded(rate: int, at_ns: int) -> int:
            for i, effect in faults:
                if self.spells.link_is_hit(i, link, at_ns):
                    rate = rate * effect.rate_ppb // WHOLE
            return 0 if held(at_ns) else rate

        return Altered(base, degraded, self.next_change) if self._matters(link) else base

    def delay(self, link: int) -> Changing:
        k = self.d.links[link]
        base, faults = course_of(k.delays, k.delay_ns), self._degradations(link)

        def degraded(delay: int, at_ns: int) -> int:
            return delay + sum(e.delay_ns for i, e in faults if self.spells.link_is_hit(i, link, at_ns))

        return Altered(base, degraded, self.next_change) if faults else base

    def loss(self, link: int, p: float, at_ns: int) -> float:
        """Return with what probability a transmission fails that is accepted at *at_ns*, and else would with *p*."""
        for i, effect in self._degradations(link):
            if self.spells.link_is_hit(i, link, at_ns):
                p = 1 - (1 - p) * (1 - effect.loss)
        return p

    def held(self, link: int) -> Callable[[int], bool]:
        """Return what tells whether *link* is down at an instant in a way that it will go on from."""
        return self._held(self.d.links[link].source, link)

    def _held(self, machine: int, link: int | None) -> Callable[[int], bool]:
        """Return what tells whether a node, or its link, is down at an instant in a way that it will go on from."""
        works = [f.effect.work for f in self.d.faults if isinstance(f.effect, Crash | Outage)]
        return (lambda at_ns: self.work(machine, link, at_ns) == "resume") if "resume" in works else lambda at_ns: False

    def work(self, machine: int, link: int | None, at_ns: int) -> str | None:
        """Return what becomes of the work of a node, or its link, that is down: its first spell says so."""
        until, work = -1, None
        for spell in sorted(self.spells.until(at_ns), key=lambda s: (s.begin, s.fault)):
            if spell.begin <= at_ns and self._hits(spell, machine, link):
                if spell.begin >= until:
                    work = self.d.faults[spell.fault].effect.work
                until = max(until, spell.end)
        return work if at_ns < until else None

    def _hits(self, spell: Spell, machine: int, link: int | None) -> bool:
        """Whether *spell* takes the node, or its link, down."""
        effect = self.d.faults[spell.fault].effect
        if isinstance(effect, Crash):
            return machine in spell.machines
        return isinstance(effect, Outage) and link in spell.links

    def next_change(self, at_ns: int) -> int | float:
        return self.spells.next_change(at_ns) if self.d.faults else NEVER

    def _degradations(self, link: int) -> list[tuple[int, Degradation]]:
        return [
            (i, f.effect) for i, f in enumerate(self.d.faults) if isinstance(f.effect, Degradation) and link in f.links
        ]

    def _matters(self, link: int) -> bool:
        source = self.d.links[link].source
        return any(link in f.links or source in f.machines for f in self.d.faults)
