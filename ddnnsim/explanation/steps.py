"""The story of a request as steps: facts and words, without a look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from ddnnsim.explanation.absences import absences
from ddnnsim.explanation.facts import Facts
from ddnnsim.story.path import Of, Part, legs
from ddnnsim.story.records import NOTHING

if TYPE_CHECKING:
    from ddnnsim.trace import Trace


class Spell(NamedTuple):
    """A time spent on one part of the latency."""

    part: str
    begin_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class Step:
    """Something on the way; its spells follow one another."""

    kind: Literal["capture", "job", "link", "gather", "repeat", "fallback", "decision", "answer", "end"]
    at_ns: int
    where: str
    what: str
    spells: tuple[Spell, ...] = ()

    @property
    def took_ns(self) -> int:
        """Return how long it took."""
        return sum(spell.end_ns - spell.begin_ns for spell in self.spells)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The story of one request; times are those of the run."""

    request: int
    sample: int
    label: int | None
    fate: str
    reason: str | None
    exit: str | None
    prediction: int | None
    captured_ns: int
    latency_ns: int | None
    """To the answer, or to the reply where one is asked for."""
    parts: dict[str, int]
    """In ns, of what is told here: they add up to the latency where there is one."""
    steps: tuple[Step, ...]
    beside: tuple[str, ...]
    """What was lost, refused or too late, and what is still awaited."""


def explain(trace: Trace, request: int) -> Explanation:
    """Return the story of *request* of *trace*, which has every message on record."""
    facts = Facts(trace, request)
    way = legs(facts.records, np.array([request]))
    durations = way.end_ns - way.begin_ns
    row: dict[str, Any] = {name: None if value is np.ma.masked else value for name, value in facts.row.items()}
    exit_ = row["exit"]
    end = row["replied_ns" if trace.replies else "answered_ns"]
    return Explanation(
        request=request,
        sample=int(row["sample"]),
        label=int(row["label"]) if "label" in row else None,
        fate=trace.names["fate"][row["fate"]],
        reason=None if row["reason"] is None else trace.names["reason"][row["reason"]],
        exit=None if exit_ is None else trace.names["exit"][exit_],
        prediction=None if row["prediction"] is None else int(row["prediction"]),
        captured_ns=int(row["captured_ns"]),
        latency_ns=None if end is None else int(end - row["captured_ns"]),
        parts={part.name.lower(): int(durations[way.part == part].sum()) for part in Part},
        steps=tuple(_steps(facts, [tuple(map(int, leg)) for leg in zip(*way, strict=True)], end is not None)),
        beside=tuple(absences(facts)),
    )


def _steps(facts: Facts, way: list[tuple[int, ...]], answered: bool) -> Iterator[Step]:
    """Yield the steps of *way*, and between them the decisions that it leads through."""
    last_ns = int(facts.row["captured_ns"])
    for (table, row), group in groupby(way, key=lambda leg: (leg[4], leg[5])):
        spells = tuple(Spell(Part(part).name.lower(), begin, end) for _, part, begin, end, *_ in group)
        last_ns = spells[-1].end_ns
        at_ns = spells[0].begin_ns
        if table == Of.REQUESTS:
            yield Step("capture", at_ns, "", f"sample {facts.row['sample']} captured", spells)
        elif table == Of.HOPS:
            where, what = facts.hop(row)
            yield Step("link", at_ns, where, what, spells)
        elif table == Of.MESSAGES:
            where, what = facts.gather(row, spells[-1].end_ns)
            if what:
                yield Step("gather", at_ns, where, what, spells)
        elif table == Of.NO_MESSAGE:
            yield Step("gather", at_ns, "", "for anything to work on, and no longer", spells)
        elif table == Of.REPEATS:
            yield Step("repeat", at_ns, *facts.repeat(row), spells)
        elif table == Of.DECISIONS:
            yield Step("fallback", at_ns, *facts.fallback(row), spells)
        else:
            where, what = facts.job(row)
            yield Step("job", at_ns, where, what, spells)
            if (inside := facts.exit_within(row)) != NOTHING and (told := facts.decision(inside)) is not None:
                yield Step("decision", last_ns, where, told)
    if answered and facts.reply_to is not None:
        yield Step("answer", last_ns, facts.reply_to, "the answer is known")
    elif not answered and last_ns >= facts.trace.end_ns:
        yield Step("end", last_ns, "", "the run is over")
