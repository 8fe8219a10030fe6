"""Parts of a graph between which there is no way, and the shortest links that join them."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ddnnsim.topology.plain import values

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray
    from scipy.spatial import KDTree

    Graph: TypeAlias = nx.Graph[Any]

_ROUNDING = 1 + 1e-9
"""More than what a distance is rounded by."""


def join_parts(graph: Graph) -> None:
    """Join the smallest part of *graph* with the node nearest to it, until there is only one part.

    Its nodes are numbers from 0. Of equal parts the one with the first node comes first, and of equal links the one
    of the first nodes.
    """
    import networkx as nx
    from scipy.spatial import KDTree

    parts = dict(enumerate(map(list, nx.connected_components(graph))))
    if len(parts) == 1:
        return
    tree = KDTree(np.array(list(values(graph, "pos").values())))
    of_node = np.empty(len(graph), np.int64)
    for number, part in parts.items():
        of_node[part] = number
    firsts = {number: min(part) for number, part in parts.items()}
    agenda = [(len(part), firsts[number], number) for number, part in parts.items()]
    heapify(agenda)
    while len(parts) > 1:
        size, first, number = heappop(agenda)
        if len(parts.get(number, ())) == size:  # it has not grown since
            part = parts.pop(number)
            a, b = _shortest(tree, np.array(part), of_node)
            graph.add_edge(a, b)
            other = int(of_node[b])
            of_node[part] = other
            parts[other] += part
            firsts[other] = min(first, firsts[other])
            heappush(agenda, (len(parts[other]), firsts[other], other))


def _shortest(tree: KDTree, part: NDArray[np.int64], of_node: NDArray[np.int64]) -> tuple[int, int]:
    """Return the nodes of the shortest link from *part* to any other; *of_node* has the number of each node's part.

    Ever more neighbours are looked at, and only of nodes that may have a nearer one than what was found.
    """
    own, asking, count, least = of_node[part[0]], part, 2, np.inf
    while len(asking):
        count = min(2 * count, tree.n)
        apart, neighbours = tree.query(tree.data[asking], count)  # (asking, count)
        least = min(least, np.where(of_node[neighbours] == own, np.inf, apart).min())
        asking = asking[apart[:, -1] < least] if count < tree.n else asking[:0]
    near = tree.query_ball_point(tree.data[part], least * _ROUNDING)
    links = [(a, b) for a, around in zip(part.tolist(), near, strict=True) for b in around if of_node[b] != own]
    return min(links, key=lambda link: (((tree.data[link[0]] - tree.data[link[1]]) ** 2).sum(), link))
