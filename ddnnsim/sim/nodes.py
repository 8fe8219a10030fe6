"""The nodes of a run: each of the plainest kind that does what its machine has to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.sim.batch import BatchStation
from ddnnsim.sim.cancelling import CancellingBatchStation, CancellingStation
from ddnnsim.sim.happening import Inbox
from ddnnsim.sim.memory import Memory
from ddnnsim.sim.node import MortalNode, Node
from ddnnsim.sim.pace import Pace, UnevenPace
from ddnnsim.sim.power import Battery, Meter
from ddnnsim.sim.processor import PlainProcessor, Processor
from ddnnsim.sim.station import Station

if TYPE_CHECKING:
    from ddnnsim.sim.mishaps import Frailty
    from ddnnsim.sim.stage import Stage

EVEN = Pace()


class Nodes:
    """Builds the nodes of a deployment."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.clock = stage.clock
        self.plans = stage.deployment.machines
        self.cancel = stage.deployment.recovery.cancel
        self.drawing = frozenset(plan.machine for plan in stage.deployment.sections if plan.service is not None)
        """Machines on which the service of a section is drawn."""

    def all(self) -> list[Node]:
        """Return the nodes, by machine."""
        return [self.node(number) for number in range(len(self.plans))]

    def node(self, number: int) -> Node:
        """Return the node *number*."""
        plan, inbox, meter = self.plans[number], Inbox(self.clock), self._meter(number)
        frailty = self.stage.mishaps.of_machine(number)
        if isinstance(meter, Battery) or frailty is not None:
            node: Node = self._mortal(number, inbox, meter, frailty)
        elif self._needs_station(number, meter):
            node = Node(self.clock, inbox, self.station(number, inbox, meter))
        else:
            node = Node(self.clock, inbox, self.plain_processor(number, inbox))
        node.meter = meter
        if plan.memory is not None:
            node.memory = memory = Memory(plan.memory)
            self.stage.outcome.when_answered.append(memory.release)
            self.stage.outcome.when_lost.append(memory.release)
        return node

    def plain_processor(self, node: int, inbox: Inbox) -> Processor:
        """Return the processor of *node*, which needs to be no more than plain."""
        return PlainProcessor(self.clock, self.plans[node].servers, inbox)

    def station(self, node: int, inbox: Inbox, meter: Meter | None, pace: Pace = EVEN) -> Station:
        """Return the processor of *node*, with all that its machine has."""
        plan, sections = self.plans[node], len(self.stage.deployment.sections)
        alone, together = (CancellingStation, CancellingBatchStation) if self.cancel else (Station, BatchStation)
        if plan.batching is None:
            return alone(self.clock, node, plan, sections, inbox, self.stage.recorder, meter, pace)
        return together(self.clock, node, plan, plan.batching, sections, inbox, self.stage.recorder, meter, pace)

    def _mortal(self, number: int, inbox: Inbox, meter: Meter | None, frailty: Frailty | None) -> MortalNode:
        """Return the node *number*, which may be down."""
        pace = EVEN if frailty is None or frailty.wear.is_none else UnevenPace(frailty.wear)
        node = MortalNode(self.clock, inbox, self.station(number, inbox, meter, pace), number, self.stage.condition)
        if isinstance(meter, Battery):
            node.run_on(meter)
        if frailty is not None:
            node.crash_in(frailty.downtime)
        return node

    def _meter(self, node: int) -> Meter | None:
        plan = self.plans[node].power
        if plan is None or plan.battery_fj is None:
            return None if plan is None else Meter(self.clock, plan)
        return Battery(self.clock, node, plan, plan.battery_fj)

    def _needs_station(self, node: int, meter: Meter | None) -> bool:
        """Tell whether *node* needs more than a plain processor."""
        plan = self.plans[node]
        limited = plan.queue_limit is not None or plan.batching is not None
        return self.cancel or meter is not None or limited or node in self.drawing
