"""Places for the nodes of a graph that has none: as far from one another as its links are long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.float64]

SHORTEST, LONGEST = 0.5, 2.5
"""Of links, over the median: so that neither a cluster nor a satellite makes all else too small to see."""


def layout(nodes: Sequence[str], lengths: Mapping[tuple[str, str], float]) -> Places:
    """Return places of *nodes*, (nodes, 2), about the origin, wider than high, for links of such *lengths*.

    Those of Kamada and Kawai (Information Processing Letters 31(1), 1989), which are the same at each call; the first
    node is in the right half and the last in the upper one, as nothing else tells left from right.
    """
    import networkx as nx

    if len(nodes) == 1:
        return np.zeros((1, 2))
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(nodes)
    median = float(np.median([length for length in lengths.values() if length > 0] or [1.0]))
    for (a, b), length in lengths.items():
        graph.add_edge(a, b, length=min(max(length / median, SHORTEST), LONGEST))
    ways = dict(nx.all_pairs_dijkstra_path_length(graph, weight="length"))
    farthest = max((max(of.values()) for of in ways.values()), default=1.0)
    distances = {a: {b: ways[a].get(b, farthest + 1) for b in nodes} for a in nodes}
    found = nx.kamada_kawai_layout(graph, dist=distances)
    return _turned(np.array([found[node] for node in nodes]))


def _turned(places: Places) -> Places:
    """Return *places* about their middle, turned so that they are widest from left to right."""
    places = places - places.mean(axis=0)
    _, axes = np.linalg.eigh(places.T @ places)
    places = places @ axes[:, ::-1]
    signs = np.where(places[[0, -1], [0, 1]] < 0, -1.0, 1.0)
    return places * signs
