"""The policies of a run: which exits they guide, and whom they leave out when orders leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ddnnsim.sim.guide import Guide
from ddnnsim.sim.selection import Selection

if TYPE_CHECKING:
    from ddnnsim.deployment import Exit as ExitPlan
    from ddnnsim.policy import Policy
    from ddnnsim.sim.exit import Exit
    from ddnnsim.sim.network import Network
    from ddnnsim.sim.request import Request
    from ddnnsim.sim.stage import Stage


class Guidance:
    """Guides those exits that have a policy, wherever they are: each has one, and one memory of what it leaves out."""

    def __init__(self, stage: Stage, network: Network) -> None:
        self.stage = stage
        self.network = network
        self._policies: dict[int, Policy] = {}  # by exit
        self._selections: dict[int, Selection] = {}  # by exit

    def guide(self, exit_: Exit, plan: ExitPlan) -> None:
        """Let the policy of *exit_*, where *plan* has one, decide there."""
        if plan.policy is None:
            return
        number = exit_.number
        if number not in self._policies:
            self._policies[number] = self.stage.policies(plan.policy)
            self._selections[number] = Selection(self.stage.outcome)
        gauge = self.network.gauge(plan.policy.uplinks.get(plan.machine))
        guide = Guide(self.stage, number, self._policies[number], exit_.processor, gauge, self._selections[number])
        exit_.settles = guide.settles

    def left_out(self, exits: Sequence[int], coordinator: int | None) -> Callable[[Request], int] | None:
        """Return what tells the sections of *exits*, as a bit mask, that are told nothing of a request; None: none is.

        Of exits with a *coordinator*, an entity, those count of which it has heard that they have decided.
        """
        selections = {number: self._selections[number] for number in exits if number in self._selections}
        if not selections:
            return None
        if coordinator is None:
            (alone,) = selections.values()
            return alone.left_out
        first = len(self.stage.deployment.sections)

        def left_out(request: Request) -> int:
            heard = request.views[coordinator] >> first
            return sum(of.left_out(request) for number, of in selections.items() if heard >> number & 1)

        return left_out
