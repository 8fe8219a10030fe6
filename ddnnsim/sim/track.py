"""What is kept track of from the capture of each request on, and what comes at times of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING

from ddnnsim.sim import rules
from ddnnsim.sim.beats import Pair, Toll
from ddnnsim.sim.closing import ClosingGather
from ddnnsim.sim.deadline import Deadlines, Expiring, Term
from ddnnsim.sim.gathers import SuspectingGathers
from ddnnsim.sim.section import Section
from ddnnsim.sim.standing import Standing

if TYPE_CHECKING:
    from ddnnsim.sim.exits import Exits
    from ddnnsim.sim.flows import Flows
    from ddnnsim.sim.gather import Gather
    from ddnnsim.sim.node import Node
    from ddnnsim.sim.request import Request
    from ddnnsim.sim.sections import Sections
    from ddnnsim.sim.stage import Stage


def follow(stage: Stage, sections: Sections, exits: Exits) -> None:
    """Let requests have a standing from their capture on, and their deadlines."""
    outcome = stage.outcome
    gathers = _gathers(sections, exits)
    outcome.when_captured.append(partial(_stand, gathers, [exit_.gather for exit_ in exits.all]))
    if any(plan.deadline is not None for plan in exits.plans):
        deadlines = _deadlines(stage, sections, exits)
        outcome.when_captured.append(deadlines.begin)
        outcome.when_answered.append(deadlines.release)
        outcome.when_lost.append(deadlines.release)


def _gathers(sections: Sections, exits: Exits) -> list[Gather]:
    """Return all gathers that expect anything."""
    computing = [section.gather for section in sections.all if isinstance(section, Section)]
    all_ = [*computing, *(exit_.gather for exit_ in exits.all), *(panel.gather for panel in exits.coordinators)]
    return [gather for gather in all_ if gather.expected]


def _stand(gathers: Sequence[Gather], exits: Sequence[Gather], request: Request) -> None:
    """Let *request* begin: of gathers that expect nothing of it none is open; what they do not expect never comes."""
    arrived = request.arrived
    closed = sum(gather.bit for gather in gathers if arrived[gather.entity] == gather.expected)
    absent = reduce(or_, (arrived[gather.entity] for gather in gathers))
    request.standing = Standing(closed, sum(gather.bit for gather in exits if gather.bit & closed), absent)


def _deadlines(stage: Stage, sections: Sections, exits: Exits) -> Deadlines:
    """Return the deadlines of all exits; those since a first view are set by the gather where it arrives."""
    deadlines = Deadlines(stage.clock)
    for number, plan in enumerate(exits.plans):
        if plan.deadline is None:
            continue
        told = [sections.all[of] for of in plan.sections]
        below = [section.gather for section in told if isinstance(section, Section) and section.gather.expected]
        own = [exits.all[number].gather] if plan.service_ns is not None else []
        gathers = [gather for gather in (*below, *own) if isinstance(gather, Expiring)]
        term = Term(gathers, plan.deadline.after_ns)
        if plan.deadline.since == "capture":
            deadlines.since_capture.append(term)
            continue
        replicas = [seat.exit.gather for seat in exits.seats[number]]
        if plan.service_ns is None:
            replicas = [at.gather for _, at in sections.told_at(plan.sections[0])]
        for gather in replicas:
            assert isinstance(gather, ClosingGather)
            gather.when_first = partial(deadlines.set, term)
    return deadlines


def exchange_beats(
    stage: Stage, nodes: Sequence[Node], flows: Flows, gathers: SuspectingGathers, sections: Sections, exits: Exits
) -> None:
    """Let nodes send each other beats, and suspect those from whom none comes."""
    plan = stage.deployment.recovery.heartbeats
    assert plan is not None
    toll = Toll(stage.clock)
    for number, (source, target) in enumerate(_pairs(sections, exits)):
        processors = nodes[source].processor, nodes[target].processor
        pair = Pair(stage.clock, plan, toll, number, source, *processors, gathers.silent[target], gathers.on[target])
        pair.flow = flows.flow(rules.HEARTBEAT, number, plan.size_bytes, source, target, pair.hear)
        pair.flow.miss = pair.miss
        stage.condition.when_changed.append(partial(pair.notice, stage.condition, target))
        pair.begin()


def _pairs(sections: Sections, exits: Exits) -> list[tuple[int, int]]:
    """Return the machines, two and two, of which one waits for what is on the other, in order."""
    pairs = set()
    for seats in sections.seats:
        for _, plan in seats:
            if plan.parent is not None:
                pairs |= {(plan.machine, at.machine) for _, at in sections.seats[plan.parent]}
            if plan.exit is not None and exits.plans[plan.exit].service_ns is not None:
                pairs |= {(plan.machine, at.machine) for _, at in exits.seats[plan.exit]}
    for seats_of_exit in exits.seats:
        for _, exit_ in seats_of_exit:
            if exit_.coordinator is not None:
                pairs |= {(exit_.machine, at.machine) for _, at in exits.seats[exit_.coordinator]}
    return sorted((source, target) for source, target in pairs if source != target)
