"""Run a deployment and return what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from ddnnsim.policy.making import make
from ddnnsim.sim.journal import Journal
from ddnnsim.sim.recorded import RecordedSimulation
from ddnnsim.sim.simulation import Simulation
from ddnnsim.trace import Recorder

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.oracle import Oracle
    from ddnnsim.policy import Policy
    from ddnnsim.recovery import PolicyPlan
    from ddnnsim.trace import Trace


def simulate(
    deployment: Deployment,
    oracle: Oracle,
    progress: Callable[[int, int], None] = lambda done, total: None,
    record: Literal["requests", "messages"] = "requests",
    policies: Callable[[PolicyPlan], Policy] = make,
) -> Trace:
    """Return what happens when *deployment* serves its workload and its exits answer as *oracle* says.

    *progress* is told now and then how many requests have been captured, and of how many. With *record*
    `messages` the trace has a row for every message, hop, job and decision as well. *policies* makes the policy of
    each exit that has one.
    """
    if record == "messages":
        return RecordedSimulation(deployment, oracle, Journal(len(deployment.sections)), progress, policies).run()
    return Simulation(deployment, oracle, Recorder(), progress, policies).run()
