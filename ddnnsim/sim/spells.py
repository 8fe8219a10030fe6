"""Spells: when a fault is in force and whom it hits, drawn only as far as anybody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, repeat
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.errors import UserError
from ddnnsim.faults import Consequence, Drawn, Given, Periodic
from ddnnsim.seeds import stream
from ddnnsim.sim.draws import in_turn
from ddnnsim.sim.rules import NEVER, NS_PER_S

if TYPE_CHECKING:
    from ddnnsim.distribution import Distribution
    from ddnnsim.faults import Fault


MOST_SPELLS = 1_000_000
"""Of one fault in a run: beyond them it takes hours, and gigabytes, for no more than what is always down."""


class Spell(NamedTuple):
    """A time in which a fault is in force, and its victims."""

    floor_ns: int
    """No later spell of this fault begins before."""
    from_ns: int
    until_ns: int
    """Excluded; NEVER: it lasts."""
    machines: tuple[int, ...]
    """That are hit, ascending."""
    links: tuple[int, ...]


class Spells:
    """The spells of one fault, those of a consequence in the order of their causes."""

    def __init__(self, fault: Fault, others: Sequence[Spells], seed: int) -> None:
        self.fault = fault
        self._seed = seed
        self._known: list[Spell] = []
        self._source = self._drawn(others)

    def get(self, number: int) -> Spell | None:
        """Return the spell *number*, from 0; None where there are not so many. Raises UserError for far too many."""
        while number >= len(self._known):
            spell = next(self._source, None)
            if spell is None:
                return None
            if len(self._known) == MOST_SPELLS:
                raise UserError(
                    f"faults: {self.fault.name}: more than {MOST_SPELLS:,} spells by {spell.floor_ns / NS_PER_S:g} s; "
                    "make its times longer"
                )
            self._known.append(spell)
        return self._known[number]

    def before(self, end_ns: int) -> list[Spell]:
        """Return the spells that begin before *end_ns*."""
        begun = []
        for number in count():
            spell = self.get(number)
            if spell is None or spell.floor_ns >= end_ns:
                break
            if spell.from_ns < end_ns:
                begun.append(spell)
        return begun

    def _drawn(self, others: Sequence[Spells]) -> Iterator[Spell]:
        fault = self.fault
        draws = repeat(0.0) if fault.chance >= 1 else in_turn(stream(self._seed, self._name("chance")).random, float)
        for floor_ns, from_ns, until_ns in self._times(others):
            machines, links = (fault.machines, fault.links) if from_ns < until_ns else ((), ())
            machines = tuple(victim for victim in machines if next(draws) < fault.chance)
            links = tuple(victim for victim in links if next(draws) < fault.chance)
            yield Spell(floor_ns, from_ns, min(until_ns, NEVER), machines, links)

    def _times(self, others: Sequence[Spells]) -> Iterator[tuple[int, int, int]]:
        """Yield floor, beginning and end of each spell; those of no length are none, and yielded all the same."""
        plan = self.fault.spells
        match plan:
            case Given():
                for from_ns, until_ns in plan.spells:
                    yield from_ns, from_ns, NEVER if until_ns is None else until_ns
            case Periodic():
                for at_ns in count(plan.first_ns, plan.period_ns):
                    if plan.until_ns is not None and at_ns >= plan.until_ns:
                        return
                    yield at_ns, at_ns, at_ns + plan.length_ns
            case Drawn():
                at_ns, ups, downs = plan.from_ns, self._draws("up", plan.up), self._draws("down", plan.down)
                while (at_ns := at_ns + next(ups)) < (NEVER if plan.until_ns is None else plan.until_ns):
                    length_ns = next(downs)
                    yield at_ns, at_ns, at_ns + length_ns
                    at_ns += length_ns
            case Consequence():
                yield from self._after(others[plan.cause].get, plan)

    def _after(self, cause: Callable[[int], Spell | None], plan: Consequence) -> Iterator[tuple[int, int, int]]:
        afters = self._draws("after", plan.after)
        lengths = None if plan.length is None else self._draws("for", plan.length)
        for number in count():
            spell = cause(number)
            if spell is None:
                return
            from_ns = spell.from_ns
            if from_ns < spell.until_ns:
                from_ns += next(afters)
                yield spell.floor_ns, from_ns, spell.until_ns if lengths is None else from_ns + next(lengths)
            else:
                yield spell.floor_ns, from_ns, from_ns

    def _draws(self, what: str, distribution: Distribution) -> Iterator[int]:
        return in_turn(partial(distribution.draw_ns, stream(self._seed, self._name(what))), int)

    def _name(self, what: str) -> str:
        return f"faults/{self.fault.name}/{what}"
