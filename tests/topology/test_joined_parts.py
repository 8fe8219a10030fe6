"""Parts of graphs, joined as by a look at all distances."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddnnsim.scenario.finding import Unmade
from ddnnsim.scenario.recipe import Geometric
from ddnnsim.topology.generators import generate
from ddnnsim.topology.parts import join_parts


def joined(graph):
    """Return *graph* with its parts joined: of all links from the smallest the shortest, the first of equal ones."""
    graph = graph.copy()
    while not nx.is_connected(graph):
        part = min((sorted(part) for part in nx.connected_components(graph)), key=lambda part: (len(part), part))
        at = np.array([graph.nodes[node]["pos"] for node in graph])
        links = [(((at[a] - at[b]) ** 2).sum(), a, b) for a in part for b in graph if b not in part]
        graph.add_edge(*min(links)[1:])
    return graph


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=14),
    st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=8),
)
def test_the_smallest_part_is_joined_with_the_node_nearest_to_it(places, links):
    graph = nx.Graph()
    graph.add_nodes_from((number, {"pos": list(map(float, place))}) for number, place in enumerate(places))
    graph.add_edges_from((a, b) for a, b in links if max(a, b) < len(places))
    wanted = joined(graph)
    join_parts(graph)
    assert list(graph.edges) == list(wanted.edges)


@pytest.mark.parametrize("radius", ["1 m", "900 m"])
def test_random_places_are_joined_so_too(radius):
    spec = Geometric.model_validate({"kind": "geometric", "nodes": 100, "area": "10 km", "radius": radius, "seed": 1})
    graph = generate(spec)
    assert list(graph.edges) == list(joined(nx.random_geometric_graph(100, spec.radius / spec.area, seed=1)).edges)


def test_links_are_counted_before_they_are_made():
    spec = Geometric.model_validate({"kind": "geometric", "nodes": 20_000, "area": "1 km", "radius": "2 km"})
    with pytest.raises(Unmade) as refused:
        generate(spec)
    assert refused.value.findings[0].what == "a graph of 20,000 nodes and 199,990,000 links"
