"""The policies of a run: which exits they guide, and whom they leave out when orders leave."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from ddnnsim.sim.escalation import Escalation
from ddnnsim.sim.guide import Guide
from ddnnsim.sim.selection import Panel, Selection, SelectiveEscalation

if TYPE_CHECKING:
    from ddnnsim.deployment import Exit as ExitPlan
    from ddnnsim.policy import Policy
    from ddnnsim.sim.exit import Exit
    from ddnnsim.sim.message import Flow, Message
    from ddnnsim.sim.network import Network
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.section import Section
    from ddnnsim.sim.stage import Stage


class Guidance:
    """Guides those exits that have a policy; what it makes for others is what they have without any."""

    def __init__(self, stage: Stage, network: Network) -> None:
        self.stage = stage
        self.network = network
        self._policies: dict[int, Policy] = {}  # by exit: it moves with it
        self._selections: dict[int, Selection] = {}  # by exit that has a policy: what it leaves out
        self._panels: dict[tuple[int, ...], Panel] = {}  # by the exits of a coordinator: what all leave out

    def guide(self, exit_: Exit, plan: ExitPlan) -> None:
        """Let the policy of *exit_*, where *plan* has one, decide there."""
        if plan.policy is None:
            return
        selection = self._selections.setdefault(exit_.number, Selection(self.stage.outcome))
        gauge = self.network.gauge(plan.policy.uplinks.get(plan.machine))
        if exit_.number not in self._policies:
            self._policies[exit_.number] = self.stage.policies(plan.policy)
        policy = self._policies[exit_.number]
        exit_.settles = Guide(self.stage, exit_.number, policy, exit_.processor, gauge, selection).settles

    def hearing(
        self, exits: Collection[int], processor: Processor, hear_no: Callable[[Message], None]
    ) -> Callable[[Message], None]:
        """Return what takes a no of one of *exits* at their coordinator, which hears it by *hear_no*.

        *processor* is that of the node where the coordinator is.
        """
        if self._selections.keys().isdisjoint(exits):
            return hear_no
        panel, sections = self._panel(exits), len(self.stage.deployment.sections)
        own = {1 << sections + number: self._selections[number] for number in exits if number in self._selections}

        def hear(verdict: Message) -> None:
            if verdict.flow.sender in own:
                panel.hear(verdict.request, own[verdict.flow.sender].left_out(verdict.request), processor)
            hear_no(verdict)

        return hear

    def escalation(
        self, exits: Collection[int], processor: Processor, orders: Sequence[tuple[Section, Flow]]
    ) -> Escalation:
        """Return the *orders* to the sections of *exits*, from the node of *processor*."""
        selection = self.selection(exits)
        return Escalation(processor, orders) if selection is None else SelectiveEscalation(processor, orders, selection)

    def selection(self, exits: Collection[int]) -> Selection | None:
        """Return what those of *exits*, which have their sections asked together, leave out; None: never any."""
        if self._selections.keys().isdisjoint(exits):
            return None
        together = self.stage.deployment.exits[min(exits)].coordinator is not None
        return self._panel(exits) if together else self._selections[min(exits)]

    def _panel(self, exits: Collection[int]) -> Panel:
        return self._panels.setdefault(tuple(exits), Panel(self.stage.outcome))
