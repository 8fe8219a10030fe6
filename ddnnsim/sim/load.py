"""The load of a run: who lets which sections capture when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ddnnsim.deployment import ClosedLoop
from ddnnsim.sim.absence import Absences
from ddnnsim.sim.clients import Clients
from ddnnsim.sim.scenes import Scenes
from ddnnsim.sim.sight import sighted
from ddnnsim.sim.workload import Workload

if TYPE_CHECKING:
    from ddnnsim.sim.exits import Exits
    from ddnnsim.sim.node import Node
    from ddnnsim.sim.sections import Sections
    from ddnnsim.sim.stage import Stage


def begin(
    stage: Stage, nodes: Sequence[Node], sections: Sections, exits: Exits, progress: Callable[[int, int], None]
) -> None:
    """Let the load come; *progress* is told now and then of the requests captured, and of how many."""
    clock, outcome = stage.clock, stage.outcome
    plan, entities = stage.deployment.workload, stage.entities + len(exits.coordinators)
    sensing = [
        (sighted(stage, section, of), nodes[of.machine].inbox)
        for section, of in zip(sections.all, sections.plans, strict=True)
        if of.view is not None
    ]
    if isinstance(plan, ClosedLoop):
        clients = Clients(clock, plan, stage.deployment.seed, sensing, entities, outcome, progress)
        replies = stage.deployment.reply_to is not None
        (outcome.when_replied if replies else outcome.when_answered).append(clients.hear)
        outcome.when_lost.append(clients.hear)
    elif plan.captures is not None:
        absences = Absences(sections.all, exits.all, exits.coordinators)
        Scenes(clock, plan, plan.captures, sensing, absences, outcome, progress)
    else:
        Workload(clock, plan, sensing, entities, outcome, progress)
