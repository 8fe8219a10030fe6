"""The stage of a run: what all of its parts stand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.oracle import Oracle
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.outcome import Outcome
    from ddnnsim.trace import Recorder


@dataclass(frozen=True, slots=True)
class Stage:
    """What all parts of a run have in common."""

    clock: Clock
    deployment: Deployment
    oracle: Oracle
    recorder: Recorder
    outcome: Outcome

    @property
    def entities(self) -> int:
        """Return the number of sections and exits."""
        return len(self.deployment.sections) + len(self.deployment.exits)
