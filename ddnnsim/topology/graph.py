"""The network of a scenario as a plain `networkx.DiGraph`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ddnnsim.deployment import Course
from ddnnsim.topology.courses import delays_of, rates_of
from ddnnsim.topology.traces import read_trace

if TYPE_CHECKING:
    import networkx as nx

    from ddnnsim.scenario import DirectedLink, Topology


def build(topology: Topology) -> nx.DiGraph[str]:
    """Return *topology* as a graph: a node for each machine, an edge for each direction of each link.

    Nodes carry the values of their entry in the scenario: `tier`, `compute_ops` (operations per second; None without a
    processor), `binary_ops` (the same of binary ones, where told apart), `servers`, ...; edges `name`, `link` (the name
    in the scenario), `rate_bps` (the first that is not 0) and `delay_ns` at the start, `rates` and `delays` where they
    change, and `jitter`, `loss`, `attempts`, `queue`, `mtu_bytes`, `header_bytes`, `overhead_ns`, `medium` and
    `sharing`. Nodes stand in the order of the scenario. Raises DataError where a trace is missing, or none.
    """
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, node in topology.machines().items():
        graph.add_node(name, **{key: value for key, value in node if key != "count"})
    read = cache(read_trace)  # many links may have the same
    for link in topology.directed_links():
        graph.add_edge(link.source, link.target, **_edge(link, rates_of(link, read)))
    return graph


def _edge(link: DirectedLink, rates: Course) -> dict[str, Any]:
    """Return what the edge of *link*, which has *rates*, carries."""
    delays, spec = delays_of(link), link.spec
    return {
        "name": link.name,
        "link": link.link,
        "rate_bps": next(filter(None, rates.values)),
        "delay_ns": delays.values[0],
        "rates": _changing(rates),
        "delays": _changing(delays),
        "jitter": None if spec.jitter is None else spec.jitter.of(link.direction),
        "loss": None if spec.loss is None else spec.loss.of(link.direction),
        **{key: getattr(spec, key) for key in _SHARED},
    }


_SHARED = ("attempts", "queue", "mtu_bytes", "header_bytes", "overhead_ns", "medium", "sharing")
"""What both directions have in common."""


def _changing(course: Course) -> Course | None:
    """Return *course* if it changes."""
    return None if len(set(course.values)) == 1 else course
