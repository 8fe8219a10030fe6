"""The stage of a run: what all of its parts stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.oracle import Oracle
    from ddnnsim.policy import Policy
    from ddnnsim.recovery import PolicyPlan
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.condition import Condition
    from ddnnsim.sim.hosts import Hosts
    from ddnnsim.sim.mishaps import Mishaps
    from ddnnsim.sim.outcome import Outcome
    from ddnnsim.sim.reach import Reach
    from ddnnsim.trace import Recorder


@dataclass(frozen=True, slots=True)
class Stage:
    """What all parts of a run have in common."""

    clock: Clock
    deployment: Deployment
    oracle: Oracle
    recorder: Recorder
    outcome: Outcome
    policies: Callable[[PolicyPlan], Policy]
    """What makes policies."""
    condition: Condition
    """What is broken."""
    mishaps: Mishaps
    """What makes it so, and other faults."""
    reach: Reach
    """Which routes are in force, and whole."""
    hosts: Hosts
    """On which nodes sections and exits are."""

    @property
    def entities(self) -> int:
        """Return the number of sections and exits."""
        return len(self.deployment.sections) + len(self.deployment.exits)
