"""What of one request did not come, was refused or came too late, and what is still awaited."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ddnnsim.explanation.facts import Facts


def absences(facts: Facts) -> Iterator[str]:
    """Yield a line for each: messages, jobs, decisions that were superseded, and who waits in vain."""
    yield from _messages(facts)
    yield from _jobs(facts)
    table = facts.trace.tables["decisions"]
    for row in facts.decisions:
        if facts.name("verdict", "decisions", row) == "superseded":
            at_ns, exit_ = int(table["at_ns"][row]), facts.name("exit", "decisions", row)
            yield f"{exit_} was as confident at {_at(facts, at_ns)}, but the request had its answer"
    if facts.row["exit"] is np.ma.masked:
        yield from _waits(facts)


def _at(facts: Facts, at_ns: int) -> str:
    return f"{(at_ns - int(facts.row['captured_ns'])) / 1e6:,.3f} ms"


def _messages(facts: Facts) -> Iterator[str]:
    messages, hops = facts.records.messages, facts.trace.tables["hops"]
    for row in facts.messages:
        outcome = facts.name("outcome", "messages", row)
        if outcome == "delivered":
            continue
        once, later = messages.once[row], [other for other in facts.messages if other > row]
        again = next((other for other in later if messages.once[other] == once), None)
        source, target = facts.name("source", "messages", row), facts.name("target", "messages", row)
        sent = f"{facts.message(row)}, sent from {source} to {target} at {_at(facts, int(messages.sent_ns[row]))}"
        on = np.flatnonzero(facts.records.hops.message == row)
        stopped = [int(hop) for hop in on if facts.name("outcome", "hops", int(hop)) != "delivered"]
        if stopped:
            link = facts.trace.names["link"][int(hops["link"][stopped[-1]])]
            came = f"{outcome.replace('_', ' ')} on {link}"
        else:
            came = "lost at a dead node" if outcome == "lost" else outcome.replace("_", " ")
        repeated = "" if again is None else f", and sent again at {_at(facts, int(messages.sent_ns[again]))}"
        yield f"{sent}: {came}{repeated}"


def _jobs(facts: Facts) -> Iterator[str]:
    for row in facts.jobs:
        outcome = facts.name("outcome", "executions", row)
        if outcome != "complete":
            where, what = facts.job(row)
            yield f"{where}: {what}, queued at {_at(facts, int(facts.records.jobs.queued_ns[row]))}"


def _waits(facts: Facts) -> Iterator[str]:
    """Yield who has something, but not all that is expected, and has not gone on without it."""
    of = facts.records
    queued = {int(of.jobs.entity[row]) for row in facts.jobs}
    for gather in range(of.entities):
        came = facts.arrivals(gather)
        missing = set(facts.expected(gather)) - {int(of.messages.entity[row]) for row in came}
        if came and missing and gather not in queued:
            who = facts.entity(gather)
            yield f"{who} has heard of {len(came)}, and waits for {', '.join(map(facts.entity, sorted(missing)))}"
