"""Graphs by their kind: small ones by hand, all of them by law."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recipes import BY_DISTANCE, TWO_TIERS, ends, made, tiers

from ddnnsim import ScenarioError, graph_of


def test_a_star_is_a_cloud_and_a_group():
    topology = made({"kind": "star", "leaves": 3}).topology
    assert {name: (node.tier, node.count) for name, node in topology.nodes.items()} == {
        "cloud": ("cloud", None), "device": ("device", 3),
    }  # fmt: skip
    assert list(topology.links) == ["device-cloud"]
    assert ends(topology) == {(f"device{i}", "cloud") for i in (1, 2, 3)}
    assert topology.links["device-cloud"].delays.up == 1_000_000


def test_a_tree_has_its_fan_outs_level_by_level():
    topology = made({"kind": "tree", "fan_out": [2, 3]}, configuration="e").topology
    assert {name: (node.tier, node.count) for name, node in topology.nodes.items()} == {
        "cloud": ("cloud", None), "edge1": ("edge", None), "edge2": ("edge", None),
        "edge1-device": ("device", 3), "edge2-device": ("device", 3),
    }  # fmt: skip
    assert ends(topology) == {("edge1", "cloud"), ("edge2", "cloud")} | {
        (f"edge{edge}-device{i}", f"edge{edge}") for edge in (1, 2) for i in (1, 2, 3)
    }
    assert set(topology.links) == {"edge1-cloud", "edge2-cloud", "edge1-device-edge1", "edge2-device-edge2"}


def test_levels_above_the_edges_of_a_deep_tree_are_routers():
    assert Counter(tiers(made({"kind": "tree", "fan_out": [2, 2, 2, 2]}, configuration="e").topology).values()) == {
        "cloud": 1, "router": 2 + 4, "edge": 8, "device": 16,
    }  # fmt: skip


def test_a_ring_has_uplinks_at_equal_distances():
    topology = made({"kind": "ring", "edges": 4, "devices": 1, "uplinks": 2}, configuration="e").topology
    ring = {("edge1", "edge2"), ("edge2", "edge3"), ("edge3", "edge4"), ("edge1", "edge4")}
    leaves = {(f"edge{i}-device1", f"edge{i}") for i in (1, 2, 3, 4)}
    assert ends(topology) == ring | leaves | {("edge1", "cloud"), ("edge3", "cloud")}


def test_access_nodes_of_a_campus_are_joined_to_all_of_the_core():
    topology = made({"kind": "campus", "access": 3, "devices": 2}, configuration="e").topology
    core = {("router1", "cloud"), ("router2", "cloud")}
    access = {(f"router{core}", f"edge{edge}") for core in (1, 2) for edge in (1, 2, 3)}
    leaves = {(f"edge{edge}-device{i}", f"edge{edge}") for edge in (1, 2, 3) for i in (1, 2)}
    assert ends(topology) == core | access | leaves


def test_devices_hang_on_the_edges_of_a_random_graph():
    graph = {"kind": "scale_free", "nodes": 6, "links": 1, "seed": 2, "devices": 2}
    topology = made(graph, {"cloud": {"most": "degree"}, "edge": "rest"}, configuration="e").topology
    assert Counter(tiers(topology).values()) == {"cloud": 1, "edge": 5, "device": 10}
    assert {f"edge{i}-device": 2 for i in range(1, 6)} == {
        name: node.count for name, node in topology.nodes.items() if node.tier == "device"
    }


@pytest.mark.parametrize("kind", ["geometric", "small_world", "scale_free"])
def test_the_same_seed_makes_the_same_graph_and_another_another(kind):
    graph = {
        "geometric": {"nodes": 20, "area": "10 km", "radius": "4 km"},
        "small_world": {"nodes": 20, "neighbours": 4, "rewired": "30 %"},
        "scale_free": {"nodes": 20, "links": 2},
    }[kind]  # fmt: skip
    one, again, other = (made({"kind": kind, **graph, "seed": seed}, TWO_TIERS).topology for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_a_small_world_that_is_not_rewired_is_a_ring():
    roles = {"cloud": {"name": "0"}, "device": "rest"}
    scenario = made({"kind": "small_world", "nodes": 6, "neighbours": 2, "rewired": 0}, roles)
    ring = ["cloud", *(f"device{i}" for i in range(1, 6)), "cloud"]
    assert {frozenset(pair) for pair in ends(scenario.topology)} == {frozenset(pair) for pair in pairwise(ring)}


@st.composite
def random_kinds(draw):
    nodes, seed = draw(st.integers(5, 40)), draw(st.integers(0, 1000))
    match draw(st.sampled_from(["geometric", "small_world", "scale_free"])):
        case "geometric":
            radius = draw(st.integers(1, 14_000))
            return {"kind": "geometric", "nodes": nodes, "area": "10 km", "radius": f"{radius} m", "seed": seed}
        case "small_world":
            share = draw(st.sampled_from([0, 0.1, 1]))
            return {"kind": "small_world", "nodes": nodes, "neighbours": 4, "rewired": share, "seed": seed}
        case _:
            return {"kind": "scale_free", "nodes": nodes, "links": draw(st.integers(1, 4)), "seed": seed}


@settings(max_examples=40)
@given(random_kinds())
def test_random_graphs_are_connected_and_have_one_cloud(graph):
    scenario = made(graph, TWO_TIERS)
    plain = graph_of(scenario)
    counts = Counter(tiers(scenario.topology).values())
    assert counts == {"cloud": 1, "device": graph["nodes"] - 1}
    assert nx.is_strongly_connected(plain)
    assert plain.out_degree("cloud") == max(degree for _, degree in plain.out_degree)
    links = plain.number_of_edges() // 2
    if graph["kind"] == "small_world":
        assert links == 2 * graph["nodes"]
    if graph["kind"] == "scale_free":
        assert links == graph["links"] * (graph["nodes"] - graph["links"])


@settings(max_examples=20)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=4))
def test_trees_have_as_many_nodes_as_their_fan_outs_say(fan_out):
    topology = made({"kind": "tree", "fan_out": fan_out}, configuration="e").topology
    sizes = [1]
    for children in fan_out:
        sizes.append(sizes[-1] * children)
    counts = Counter(tiers(topology).values())
    assert (counts["cloud"], counts["edge"], counts["device"]) == (1, sizes[-2], sizes[-1])
    assert len(ends(topology)) == sum(sizes) - 1


def test_delays_are_distances_over_two_thirds_of_the_speed_of_light():
    graph = {"kind": "geometric", "nodes": 12, "area": "90 km", "radius": "40 km", "seed": 3}
    scenario = made(graph, {"cloud": {"near": [0.5, 0.5]}, "device": "rest"}, BY_DISTANCE)
    places = nx.random_geometric_graph(12, 4 / 9, seed=3).nodes(data="pos")
    centre = min(range(12), key=lambda n: (places[n][0] - 0.5) ** 2 + (places[n][1] - 0.5) ** 2)
    near = sorted(
        90_000 * ((places[a][0] - places[centre][0]) ** 2 + (places[a][1] - places[centre][1]) ** 2) ** 0.5
        for a in range(12)
        if a != centre
    )
    told = sorted(link.delays.up for link in scenario.topology.links.values() if "cloud" in (link.source, link.target))
    assert told
    assert told == [round(metres / (299_792_458 * 2 / 3) * 1e9) for metres in near if metres <= 40_000]


def test_parts_of_a_geometric_graph_are_joined_where_they_are_nearest():
    graph = {"kind": "geometric", "nodes": 9, "area": "10 km", "radius": "1 m", "seed": 5}
    scenario = made(graph, TWO_TIERS, BY_DISTANCE)
    places = nx.random_geometric_graph(9, 0, seed=5).nodes(data="pos")
    complete = nx.Graph()
    complete.add_weighted_edges_from(
        (a, b, ((places[a][0] - places[b][0]) ** 2 + (places[a][1] - places[b][1]) ** 2) ** 0.5)
        for a in range(9)
        for b in range(a)
    )
    shortest = nx.minimum_spanning_edges(complete, data=True)  # joining nearest parts is Boruvka's algorithm
    expected = sorted(round(10_000 * edge["weight"] * 1.5e9 / 299_792_458) for _, _, edge in shortest)
    assert sorted(link.delays.up for link in scenario.topology.links.values()) == expected


@pytest.mark.parametrize(
    ("graph", "line"),
    [
        ({"kind": "ring", "edges": 3, "devices": 1, "uplinks": 4}, "uplinks: 4 uplinks of 3 nodes; write at most 3"),
        ({"kind": "small_world", "nodes": 6, "neighbours": 3, "rewired": 0}, "neighbours: 3 neighbours of 6 nodes; write an even number, less than that of the nodes"),  # noqa: E501
        ({"kind": "scale_free", "nodes": 3, "links": 3}, "links: 3 links of each of 3 nodes; write at most 2"),
        ({"kind": "tree", "fan_out": [10000, 10]}, "fan_out: a graph of 110,001 nodes and 110,000 links; at most 20,000 and 50,000 are made"),  # noqa: E501
        ({"kind": "star", "leaves": 10001}, "leaves: 10001 is more than 10000; write at most 10000"),
        ({"kind": "geometric", "nodes": 9, "area": "10 km", "radius": "3"}, "radius: '3' has no unit, and a length needs one; write e.g. '3 km'"),  # noqa: E501
        ({"kind": "stra", "leaves": 3}, "kind: 'stra' is not known here; did you mean 'star'?"),
        ({"kind": "star", "nodes": 3}, "nodes: unknown key 'nodes'; known: kind, leaves"),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_refuses_what_cannot_be_made(graph, line):
    with pytest.raises(ScenarioError) as refused:
        made(graph, TWO_TIERS)
    assert f"topology.graph.{line}" in str(refused.value).splitlines()


def test_refuses_more_devices_than_there_can_be():
    with pytest.raises(ScenarioError, match="graph: it makes 12,003 devices; let it make at most 10,000"):
        made({"kind": "ring", "edges": 3, "devices": 4000}, TWO_TIERS)
