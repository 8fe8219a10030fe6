"""The rollout of a scenario: its sections on its nodes as an engine needs it, or why that cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ddnnsim.errors import UserError
from ddnnsim.network import network_of
from ddnnsim.placement import memory_findings

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray

    from ddnnsim.deployment import Deployment
    from ddnnsim.profile import Profiles
    from ddnnsim.scenario import Scenario
    from ddnnsim.services import Times
    from ddnnsim.sources import Source


def times_asked_for(scenario: Scenario, network: Source) -> Times | None:
    """Return by level how long each section of *network* takes on this host, in ns, if a node of *scenario* asks."""
    asked = any(node.measured is not None for node in scenario.topology.nodes.values())
    return network.section_times() if asked else None


def deploy(
    scenario: Scenario,
    view_bytes: NDArray[np.int64],
    profiles: Profiles | None = None,
    section_times: Times | None = None,
    graph: nx.DiGraph[str] | None = None,
) -> Deployment:
    """Return *scenario* as an engine needs it; *view_bytes*, (samples, views), are the sizes of the views as they are.

    *profiles* say what sections cost, where these are not built of blocks; *section_times* how long they take, where
    a node asks for it; *graph* is its topology, where that is built. Raises UserError where sections do not fit
    their nodes or are still to be placed, and where a request would come after 2^63 ns.
    """
    from ddnnsim import topology
    from ddnnsim.plan import plan
    from ddnnsim.profile import section_profiles

    if scenario.placement.search is not None:
        raise UserError(f"{scenario.name}: its places are to be searched for; run what 'ddnnsim place' writes")
    network = network_of(scenario)
    costs = section_profiles(network) if profiles is None else profiles
    faults = [f"{scenario.name}: {finding.what}; {finding.instead}" for finding in memory_findings(scenario, costs)]
    if faults:
        raise UserError("\n".join(faults))
    try:
        return plan(scenario, network, costs, graph or topology.build(scenario.topology), view_bytes, section_times)
    except OverflowError:
        raise too_long(scenario) from None


def too_long(scenario: Scenario) -> UserError:
    """Return what to say of *scenario* where it goes on for longer than can be told."""
    return UserError(
        f"{scenario.name}: the simulated time passes 2^63 ns (292 years): "
        "look at the rates and delays, or stop earlier with run.until"
    )
