"""The network of a scenario as a plain `networkx.DiGraph`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

    from ddnnsim.scenario import Topology


def build(topology: Topology) -> nx.DiGraph[str]:
    """Return *topology* as a graph: a node for each machine, an edge for each direction of each link.

    Nodes carry `tier`, `compute_ops` (operations per second; None without a processor), `binary_ops` (the same
    of binary ones, where told apart) and `servers`; edges `name`, `rate_bps` and `delay_ns`. Nodes stand in the
    order of the scenario.
    """
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, node in topology.machines().items():
        graph.add_node(
            name,
            tier=node.tier,
            compute_ops=node.compute_ops,
            binary_ops=node.binary_ops,
            servers=node.servers,
        )
    for link in topology.directed_links():
        graph.add_edge(link.source, link.target, name=link.name, rate_bps=link.rate_bps, delay_ns=link.delay_ns)
    return graph
