"""Hold: which faults are in force for one victim, and when; known as far ahead as anybody asks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Literal, NamedTuple

from ddnnsim.faults import Crash, Outage
from ddnnsim.sim.rules import NEVER
from ddnnsim.sim.spells import Spell, Spells

PATIENCE = 10_000
"""So many changes one after another that let nothing move, and it is taken never to move: faults may take turns."""

_END, _BEGIN = range(2)

Work = Literal["lose", "resume"]


class Grip(NamedTuple):
    """A fault that may hit the victim."""

    fault: int
    spells: Spells
    hits: Callable[[Spell], bool]


class Hold:
    """What has hold of a victim, instant by instant: each spell is in force in [from, until)."""

    def __init__(self, grips: Sequence[Grip]) -> None:
        self._grips = list(grips)
        self._read = [0] * len(grips)  # spells of each that are in the heap, or have been
        self._edges: list[tuple[int, int, int]] = []  # a heap of what is ahead: instant, end or beginning, grip
        self._seen_ns = -1  # all until here is known
        self._depths = [0] * len(grips)
        self._first: int | None = None  # the grip that has held it for longest
        self._starts = [0]
        self._in_force: list[tuple[int, ...]] = [()]
        self._works: list[Work | None] = [None]  # what becomes of the work of a victim that is down
        self._losses: list[int] = []
        self._failures: list[int] = []
        self._recoveries: list[int] = []

    @property
    def loses_only(self) -> bool:
        """Return whether whatever has hold of the victim loses its work."""
        return all(_work(grip) == "lose" for grip in self._grips)

    def quiet_until(self, from_ns: int) -> int:
        """Return an instant until which nothing is known to be in force, to begin or to end from *from_ns* on.

        That is *from_ns* itself where something is, or just has.
        """
        self._look(from_ns)
        piece = self._piece(from_ns)
        if self._in_force[piece] or self._starts[piece] == from_ns > 0:
            return from_ns
        return self.next_ns(from_ns)

    def at(self, at_ns: int) -> tuple[int, ...]:
        """Return the faults in force at *at_ns*, ascending."""
        self._look(at_ns)
        return self._in_force[self._piece(at_ns)]

    def pauses(self, at_ns: int) -> bool:
        """Tell whether at *at_ns* work stands still, to be resumed."""
        return self.work(at_ns) == "resume"

    def work(self, at_ns: int) -> Work | None:
        """Return what becomes of work where the victim is down at *at_ns*; None: it is not down."""
        self._look(at_ns)
        return self._works[self._piece(at_ns)]

    def recovers(self, at_ns: int) -> bool:
        """Tell whether the victim recovers at *at_ns*, even if it fails again."""
        self._look(at_ns)
        return _has(self._recoveries, at_ns)

    def fails(self, at_ns: int) -> bool:
        """Tell whether the victim, which was not down before, fails at *at_ns*."""
        self._look(at_ns)
        return _has(self._failures, at_ns)

    def loses(self, at_ns: int) -> bool:
        """Tell whether all that the victim has is lost at *at_ns*."""
        self._look(at_ns)
        return _has(self._losses, at_ns)

    def next_ns(self, at_ns: int) -> int:
        """Return an instant after *at_ns* before which nothing happens, or NEVER."""
        self._look(at_ns)
        piece = self._piece(at_ns) + 1
        return self._starts[piece] if piece < len(self._starts) else min(self._ahead())

    def free_ns(self, at_ns: int) -> int:
        """Return the first instant from *at_ns* on at which work does not stand still, or NEVER."""
        for _ in range(PATIENCE):
            if at_ns == NEVER or not self.pauses(at_ns):
                return at_ns
            at_ns = self.next_end(at_ns)
        return NEVER

    def next_change(self, at_ns: int, limit_ns: int) -> int:
        """Return the first instant after *at_ns*, and until *limit_ns*, at which another set is in force, or NEVER."""
        self._look(at_ns)
        while self._starts[-1] <= at_ns and self._look_on(limit_ns):
            pass
        piece = self._piece(at_ns) + 1
        return self._starts[piece] if piece < len(self._starts) and self._starts[piece] <= limit_ns else NEVER

    def next_end(self, at_ns: int) -> int:
        """Return an instant after *at_ns* until which nothing that is in force then ends, or NEVER if nothing does."""
        self._look(at_ns)
        piece = self._piece(at_ns) + 1
        if piece < len(self._starts):
            return self._starts[piece]
        return min((end_ns for end_ns, what, _ in self._edges if what == _END), default=NEVER)

    def next_loss(self, from_ns: int, end_ns: int) -> int:
        """Return the first instant in [*from_ns*, *end_ns*) at which what the victim has is lost, or NEVER."""
        while not (self._losses and self._losses[-1] >= from_ns) and self._look_on(end_ns):
            pass
        number = bisect_left(self._losses, from_ns)
        return self._losses[number] if number < len(self._losses) and self._losses[number] < end_ns else NEVER

    def held_ns(self, end_ns: int) -> int:
        """Return how long, until *end_ns*, anything has been in force."""
        self._look(end_ns)
        ends = [*self._starts[1:], end_ns]
        pieces = zip(self._starts, ends, self._in_force, strict=True)
        return sum(min(until, end_ns) - start for start, until, faults in pieces if faults and start < end_ns)

    def _piece(self, at_ns: int) -> int:
        return bisect_right(self._starts, at_ns) - 1

    def _look_on(self, limit_ns: int) -> bool:
        """Let one more thing be known that happens until *limit_ns*, if there is any; tell whether there was."""
        if self._seen_ns >= limit_ns:
            return False
        self._look(min(limit_ns, *self._ahead()))
        return True

    def _ahead(self) -> list[int]:
        """Return instants before which nothing happens beyond what is known."""
        nexts = [grip.spells.get(read) for grip, read in zip(self._grips, self._read, strict=True)]
        return [
            NEVER,
            *(spell.floor_ns for spell in nexts if spell is not None),
            *(edge[0] for edge in self._edges[:1]),
        ]

    def _look(self, at_ns: int) -> None:
        """Let all until *at_ns* be known."""
        if at_ns <= self._seen_ns:
            return
        self._seen_ns = at_ns
        for number, (_, spells, hits) in enumerate(self._grips):
            while (spell := spells.get(self._read[number])) is not None and spell.floor_ns <= at_ns:
                self._read[number] += 1
                if hits(spell):
                    heappush(self._edges, (spell.from_ns, _BEGIN, number))
                    heappush(self._edges, (spell.until_ns, _END, number))
        while self._edges and self._edges[0][0] <= at_ns:
            self._pass(self._edges[0][0])

    def _pass(self, at_ns: int) -> None:
        """Go past all that begins and ends at *at_ns*: what ends does so first."""
        while self._edges and self._edges[0][0] == at_ns:
            _, what, number = heappop(self._edges)
            if what == _BEGIN:
                self._begin(at_ns, number)
            else:
                self._depths[number] -= 1
                if not any(self._depths):
                    self._first = None
                    self._recoveries.append(at_ns)
        in_force = tuple(grip.fault for grip, depth in zip(self._grips, self._depths, strict=True) if depth)
        work = None if self._first is None else _work(self._grips[self._first])
        if at_ns == self._starts[-1]:
            self._in_force[-1], self._works[-1] = in_force, work
        else:
            self._starts.append(at_ns)
            self._in_force.append(in_force)
            self._works.append(work)

    def _begin(self, at_ns: int, number: int) -> None:
        loses = _work(self._grips[number]) == "lose"
        if loses and (self._first is None or _work(self._grips[self._first]) == "resume"):
            self._losses.append(at_ns)
        if self._first is None:
            self._first = number
            self._failures.append(at_ns)
        self._depths[number] += 1


def _has(instants: Sequence[int], at_ns: int) -> bool:
    """Tell whether *at_ns* is one of *instants*, ascending."""
    number = bisect_left(instants, at_ns)
    return number < len(instants) and instants[number] == at_ns


def _work(grip: Grip) -> Work | None:
    """Return what becomes of the victim's work; None where it goes on."""
    effect = grip.spells.fault.effect
    return effect.work if isinstance(effect, Crash | Outage) else None
