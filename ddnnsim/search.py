"""A search for the best of many placements: all of them where they are few, else greedily."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product
from math import inf, prod
from typing import NamedTuple

EXHAUSTIVE = 200
"""So many placements at most are all tried."""
Places = tuple[str, ...]
"""By what is placed, the node that it is on."""


class Trial(NamedTuple):
    """A placement that was tried."""

    places: Places
    value: float | None
    """What it came to, less being better; None: it cannot be."""
    note: str
    """Why it cannot be; else empty."""
    answered: float = 1.0
    """The share of requests that got an answer: that more do is better, whatever the value."""
    lacks: tuple[int, int] = (0, 0)
    """Where it cannot be, by how much: what is wrong with it, memory aside, and the bytes that memory lacks."""


def search(
    candidates: Sequence[Sequence[str]],
    start: Places,
    judge: Callable[[Places], Trial],
    progress: Callable[[int, int], None] = lambda done, total: None,
    exhaustive: int = EXHAUSTIVE,
) -> list[Trial]:
    """Return what was tried, in order; *candidates* are, for each that is placed, the nodes that it may be on.

    Where there are at most *exhaustive* placements, *judge* tries all of them. Else each in turn, from *start*, goes
    to the node that is best with the others where they are; then so again, and each two change nodes, until nothing
    is better. Of placements that cannot be, that is better which lacks less. Of equals the first that was tried is
    best. *progress* is told how many were tried, and how many are foreseen.
    """
    count = prod(map(len, candidates))
    if count <= exhaustive:
        trials = []
        for number, places in enumerate(product(*candidates), start=1):
            trials.append(judge(places))
            progress(number, count)
        return trials
    return _Greedy(candidates, judge, progress).from_(start)


def best(trials: Sequence[Trial]) -> Trial | None:
    """Return the best of *trials*, of equals the first; None where none can be."""
    found = min(trials, key=rank)
    return None if found.value is None else found


def rank(trial: Trial) -> tuple[float, ...]:
    """Return what is less for the better of two trials."""
    if trial.value is None:
        return inf, *trial.lacks
    return -trial.answered, trial.value


class _Greedy:
    """What was tried so far, each placement once."""

    def __init__(
        self,
        candidates: Sequence[Sequence[str]],
        judge: Callable[[Places], Trial],
        progress: Callable[[int, int], None],
    ) -> None:
        self._candidates = candidates
        self._judge = judge
        self._progress = progress
        self._tried: dict[Places, Trial] = {}

    def from_(self, start: Places) -> list[Trial]:
        """Return all that is tried from *start* on."""
        here = self._try(start)
        better = True
        while better:
            before = here
            for slot in range(len(self._candidates)):
                here = self._best(here, self._moves(here.places, slot))
            here = self._best(here, self._swaps(here.places))
            better = rank(here) < rank(before)
        return list(self._tried.values())

    def _best(self, here: Trial, others: Iterator[Places]) -> Trial:
        return min([here, *map(self._try, others)], key=rank)

    def _try(self, places: Places) -> Trial:
        if places not in self._tried:
            self._tried[places] = self._judge(places)
            tried = len(self._tried)
            self._progress(tried, max(tried, sum(map(len, self._candidates))))
        return self._tried[places]

    def _moves(self, places: Places, slot: int) -> Iterator[Places]:
        """Yield *places* with every other node at *slot*."""
        yield from (
            (*places[:slot], name, *places[slot + 1 :]) for name in self._candidates[slot] if name != places[slot]
        )

    def _swaps(self, places: Places) -> Iterator[Places]:
        """Yield *places* with the nodes of two slots exchanged, where each may be at the other's."""
        for a, b in combinations(range(len(places)), 2):
            if places[a] != places[b] and places[b] in self._candidates[a] and places[a] in self._candidates[b]:
                changed = list(places)
                changed[a], changed[b] = places[b], places[a]
                yield tuple(changed)
