"""Plain graphs of networkx, out of scenarios and into them."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recipes import LINK, around, ends, made, tiers

import ddnnsim
from ddnnsim import ScenarioError, graph_of, topology_of
from ddnnsim.scenario import dump
from ddnnsim.scenario.document import parse_document

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SHIPPED = [path for path in sorted(SCENARIOS.glob("*.yaml")) if path.stem not in ("zoo", "city")]


def through_a_graph(scenario):
    """Return *scenario* with its topology as it comes back from a graph."""
    data = parse_document(dump(scenario), "dumped").data
    return ddnnsim.load(data | {"topology": topology_of(graph_of(scenario))})


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_topology_comes_back_from_its_graph(path):
    scenario = ddnnsim.load(path)
    assert through_a_graph(scenario) == scenario
    assert list(through_a_graph(scenario).topology.links) == list(scenario.topology.links)


def test_a_graph_has_what_a_file_says():
    scenario = ddnnsim.load(SCENARIOS / "quickstart.yaml")
    graph = graph_of(scenario)
    assert type(graph) is nx.DiGraph
    assert graph.nodes["camera2"] == {"tier": "device", "compute": "40 MFLOP/s", "servers": 1, "group": "camera"}
    assert graph.edges["gateway", "cloud"] == {
        "rate": "10 Mbit/s", "delay": "20 ms", "attempts": 1, "header": "0 B", "overhead": "0 ms",
        "medium": "dedicated", "sharing": "fifo", "link": "wan", "direction": "up",
    }  # fmt: skip
    assert graph.edges["cloud", "gateway"]["direction"] == "down"


@st.composite
def topologies(draw):
    """Draw a topology with all that differs by direction."""
    rate = st.sampled_from(["1 Mbit/s", {"up": "2 Mbit/s", "down": "3 Mbit/s"}])
    delay = st.sampled_from(["0 ms", {"up": "2 ms", "down": "3 ms"}])
    step = st.fixed_dictionaries({"at": st.just("1 s"), "rate": rate}, optional={"delay": delay})
    link = st.fixed_dictionaries(
        {"rate": rate},
        optional={
            "delay": delay,
            "jitter": st.sampled_from([{"uniform": ["0 ms", "1 ms"]}, {"up": "1 ms", "down": {"exponential": "1 ms"}}]),
            "loss": st.sampled_from([0.1, {"up": "1 %", "down": {"mean": "2 %", "burst": 4}}]),
            "medium": st.sampled_from(["dedicated", "shared"]),
            "steps": st.lists(step, min_size=1, max_size=1),
            "mtu": st.just("100 B"),
        },
    )
    cell = draw(st.sampled_from([("camera", "box"), ("box", "camera")]))
    ways = draw(st.permutations([cell, ("box", "cloud"), ("camera2", "cloud"), ("cloud", "spy")]))
    said = {f"l{i}": {"from": a, "to": b} | draw(link) for i, (a, b) in enumerate(ways)}
    return {
        "nodes": {
            "camera": {"tier": "device", "count": 3, "power": {"idle": "1 W"}},
            "box": {"tier": "gateway"},
            "spy": {"tier": "router"},
            "cloud": {"tier": "cloud", "servers": 2, "batch": {"max": 4, "speed_up": {"4": 2}}},
        },
        "links": said,
        "routing": draw(st.sampled_from(["delay", "hops", "transfer"])),
        "regions": {"east": ["camera1", "box"]},
    }


@settings(max_examples=30)
@given(topologies())
def test_any_topology_comes_back_from_its_graph(topology):
    scenario = ddnnsim.load(around(topology))
    again = through_a_graph(scenario)
    assert again == scenario
    assert list(again.topology.links) == list(scenario.topology.links)


def test_ten_lines_of_networkx_make_a_topology():
    graph = nx.connected_watts_strogatz_graph(12, 4, 0.2, seed=1)
    roles = {"cloud": {"most": "degree"}, "device": {"name": ["3", "7"]}, "gateway": "rest"}
    scenario = ddnnsim.load(around(topology_of(graph, roles, LINK)))
    assert scenario.devices() == [name for name in ("3", "7") if tiers(scenario.topology)[name] == "device"]
    assert {frozenset(pair) for pair in ends(scenario.topology)} == {
        frozenset((str(a), str(b))) for a, b in graph.edges
    }


def test_attributes_of_a_graph_of_ones_own_win_over_defaults():
    graph = nx.Graph()
    graph.add_node("camera", tier="device", compute="1 MFLOP/s")
    graph.add_node("cloud", tier="cloud")
    graph.add_edge("camera", "cloud", rate="5 Mbit/s", dist=200)
    defaults = {"device": {"compute": "9 MFLOP/s", "servers": 2}, "link": {"rate": "1 bit/s", "delay": "distance"}}
    assert topology_of(graph, defaults=defaults) == {
        "nodes": {"camera": {"tier": "device", "compute": "1 MFLOP/s", "servers": 2}, "cloud": {"tier": "cloud"}},
        "links": {"camera-cloud": {"from": "camera", "to": "cloud", "rate": "5 Mbit/s", "delay": "1000.692 us"}},
    }


def test_each_direction_may_have_its_own():
    graph = nx.DiGraph()
    graph.add_node("cloud", tier="cloud")
    graph.add_node("camera", tier="device")
    graph.add_edge("cloud", "camera", rate="2 Mbit/s", attempts=3)
    graph.add_edge("camera", "cloud", rate="1 Mbit/s", attempts=3)
    (link,) = topology_of(graph)["links"].values()
    assert link == {"from": "camera", "to": "cloud", "rate": {"up": "1 Mbit/s", "down": "2 Mbit/s"}, "attempts": 3}
    graph.edges["camera", "cloud"]["attempts"] = 4
    with pytest.raises(
        ScenarioError, match=r"'attempts' of the link between 'camera' and 'cloud' differs by direction"
    ):
        topology_of(graph)


def both_ways(up, down):
    """Return a camera and a cloud with an edge in each direction, of their own attributes."""
    graph = nx.DiGraph()
    graph.add_node("cloud", tier="cloud")
    graph.add_node("camera", tier="device")
    graph.add_edge("cloud", "camera", **down)
    graph.add_edge("camera", "cloud", **up)
    return graph


@pytest.mark.parametrize(
    ("key", "value", "default"),
    [("loss", "1 %", 0.0), ("jitter", {"uniform": ["0 ms", "1 ms"]}, "0 ms"), ("delay", "5 ms", "0 ms")],
)
@pytest.mark.parametrize("way", ["up", "down"])
def test_a_direction_that_lacks_a_key_has_its_default(key, value, default, way):
    rate, more = {"rate": "1 Mbit/s"}, {"rate": "1 Mbit/s", key: value}
    topology = topology_of(both_ways(more, rate) if way == "up" else both_ways(rate, more))
    said = ddnnsim.load(around(topology)).topology.model_dump(by_alias=True)["links"]["camera-cloud"][key]
    assert {other: said[other] for other in ("up", "down") if other != way} == dict.fromkeys(
        {"up", "down"} - {way}, default
    )
    assert said[way] == (0.01 if key == "loss" else value)


def test_a_direction_that_lacks_a_key_has_that_of_all_links_first():
    topology = topology_of(both_ways({"delay": "5 ms"}, {}), defaults={"link": {"rate": "1 Mbit/s", "delay": "2 ms"}})
    assert topology["links"]["camera-cloud"]["delay"] == {"up": "5 ms", "down": "2 ms"}


def test_directions_with_presets_of_their_own_have_their_sides():
    (link,) = topology_of(both_ways({"preset": "lte"}, {"preset": "5g"}))["links"].values()
    assert link["rate"] == {"up": "6 Mbit/s", "down": "100 Mbit/s"}
    assert link["delay"] == {"up": "35 ms", "down": "4 ms"}
    (link,) = topology_of(both_ways({"preset": "lte"}, {"rate": "1 Mbit/s", "mtu": "1500 B"}))["links"].values()
    assert link["rate"] == {"up": "6 Mbit/s", "down": "1 Mbit/s"}
    assert link["delay"] == {"up": "35 ms", "down": "0 ms"}


@pytest.mark.parametrize(
    ("up", "down", "line"),
    [
        ({"preset": "lte"}, {"preset": "wifi"}, "'header' of the link between 'camera' and 'cloud' differs by direction: '0 B' from 'camera' to 'cloud', '38 B' back"),  # noqa: E501
        ({"rate": "1 Mbit/s", "attempts": 4}, {"rate": "1 Mbit/s"}, "'attempts' of the link between 'camera' and 'cloud' differs by direction: 4 from 'camera' to 'cloud', 1 back"),  # noqa: E501
        ({"rate": "1 Mbit/s"}, {"loss": "1 %"}, "'rate' of the link between 'camera' and 'cloud' differs by direction: '1 Mbit/s' from 'camera' to 'cloud', nothing back"),  # noqa: E501
        ({"rate": "1 Mbit/s", "steps": [{"at": "1 s", "rate": "2 Mbit/s"}]}, {"rate": "1 Mbit/s"}, "'steps' of the link between 'camera' and 'cloud' differs by direction: a list from 'camera' to 'cloud', nothing back"),  # noqa: E501
        ({"rate": "1 Mbit/s", "steps": [{"at": "1 s", "delay": "2 ms"}]}, {"rate": "1 Mbit/s", "steps": [{"at": "2 s", "delay": "2 ms"}]}, "'steps' of the link between 'camera' and 'cloud' differs by direction: a list from 'camera' to 'cloud', a list back"),  # noqa: E501
    ],
)  # fmt: skip
def test_refuses_directions_that_differ_in_what_is_common_to_them(up, down, line):
    with pytest.raises(ScenarioError) as refused:
        topology_of(both_ways(up, down))
    assert str(refused.value) == f"topology.graph: {line}; give both edges the same"


@pytest.mark.parametrize(
    ("roles", "defaults", "line"),
    [
        ({}, {}, "topology.roles: 4 nodes have no role: 0, 1, 2, ...; add e.g. 'device: rest'"),
        ({"cloud": {"name": "x"}}, {}, "topology.roles.cloud.name: no node is called 'x'; known: 0, 1, 2, 3"),
        ({"cloud": {"level": 0}, "device": "rest"}, {}, "topology.roles.cloud.level: no node is left on level 0; choose by degree, name or near"),  # noqa: E501
        ({"clod": "rest"}, {}, "topology.roles.clod: 'clod' is not known here; did you mean 'cloud'?"),
        ({}, {"link": {"rate": 5}}, "topology.defaults.link.rate: 5 has no unit, and a data rate needs one; write e.g. '5 Mbit/s'"),  # noqa: E501
    ],
)  # fmt: skip
def test_says_what_does_not_fit_a_graph(roles, defaults, line):
    with pytest.raises(ScenarioError) as refused:
        topology_of(nx.path_graph(4), roles, defaults)
    assert str(refused.value) == line


def test_a_topology_that_is_made_comes_back_from_its_graph():
    scenario = made({"kind": "tree", "fan_out": [3, 2]}, configuration="e")
    assert through_a_graph(scenario) == scenario


def test_a_direction_may_be_said_by_either_edge_and_not_by_both():
    graph = both_ways({"rate": "1 Mbit/s"}, {"rate": "2 Mbit/s", "direction": "up"})
    (link,) = topology_of(graph)["links"].values()
    assert link == {"from": "cloud", "to": "camera", "rate": {"up": "2 Mbit/s", "down": "1 Mbit/s"}}
    graph.edges["camera", "cloud"]["direction"] = "up"
    with pytest.raises(ScenarioError, match=r"both edges between 'cloud' and 'camera' have the 'direction' 'up'"):
        topology_of(graph)


def camera_and_cloud():
    """Return a camera and a cloud, joined."""
    graph = nx.Graph()
    graph.add_node("cloud", tier="cloud")
    graph.add_node("camera", tier="device")
    graph.add_edge("camera", "cloud", rate="1 Mbit/s")
    return graph


FAR = {"link": {"delay": "distance"}}


@pytest.mark.parametrize(
    ("of_node", "of_edge", "of_graph", "line"),
    [
        ({"tier": "core"}, {}, {}, "'tier' of node 'camera' is 'core'; known: device, edge, cloud, gateway, router"),
        ({"tier": 1}, {}, {}, "'tier' of node 'camera' is 1; known: device, edge, cloud, gateway, router"),
        ({"tier": ["device"]}, {}, {}, "'tier' of node 'camera' is a list; did you mean 'device'?"),
        ({"group": {}}, {}, {}, "'group' of node 'camera' is a mapping; write the name of the entry that it is a member of"),  # noqa: E501
        ({"pos": 3.0}, {}, {}, "'pos' of node 'camera' is 3.0; write two numbers"),
        ({"pos": np.array(3)}, {}, {}, "'pos' of node 'camera' is 3; write two numbers"),
        ({"pos": "ab"}, {}, {}, "'pos' of node 'camera' is 'ab'; write two numbers"),
        ({"lon": 181, "lat": 0}, {}, {}, "'lon' of node 'camera' is 181; write degrees"),
        ({}, {"direction": "both"}, {}, "'direction' of the edge between 'cloud' and 'camera' is 'both'; write up or down"),  # noqa: E501
        ({}, {"link": 5}, {}, "'link' of the edge between 'cloud' and 'camera' is 5; write the name of the link"),
        ({}, {"dist": float("nan")}, {}, "'dist' of the edge between 'cloud' and 'camera' is nan; write a length in km"),  # noqa: E501
        ({}, {"dist": -5}, {}, "'dist' of the edge between 'cloud' and 'camera' is -5; write a length in km"),
        ({}, {"dist": 10**1000}, {}, "'dist' of the edge between 'cloud' and 'camera' is a number of hundreds of digits; write a length in km"),  # noqa: E501
        ({}, {}, {"links": 5}, "'links' of the graph is 5; write names of links"),
        ({}, {}, {"metres_per_unit": 0}, "'metres_per_unit' of the graph is 0; write a number of metres"),
    ],
)  # fmt: skip
def test_says_which_attribute_is_not_what_it_may_be(of_node, of_edge, of_graph, line):
    graph = camera_and_cloud()
    graph.nodes["camera"].update(of_node)
    graph.edges["camera", "cloud"].update(of_edge)
    graph.graph.update(of_graph)
    with pytest.raises(ScenarioError) as refused:
        topology_of(graph, defaults=FAR)
    assert str(refused.value) == f"topology.graph: {line}"


def test_tells_of_each_attribute_once_and_how_many_are_like_it():
    graph = nx.path_graph(4)
    nx.set_node_attributes(graph, "core", "tier")
    nx.set_edge_attributes(graph, "far", "dist")
    with pytest.raises(ScenarioError) as refused:
        topology_of(graph)
    assert str(refused.value).splitlines() == [
        "topology.graph: 'tier' of node '0' is 'core', and 3 more are like it; known: device, edge, cloud, gateway, router",  # noqa: E501
        "topology.graph: 'dist' of the edge between '0' and '1' is 'far', and 2 more are like it; write a length in km",
    ]


def test_leaves_attributes_aside_that_only_the_making_of_graphs_has():
    graph = camera_and_cloud()
    expected = topology_of(graph)
    nx.set_node_attributes(graph, {"camera": "a", "cloud": 1}, "level")
    nx.set_node_attributes(graph, "device", "suggested")
    nx.set_node_attributes(graph, "Koeln", "place")
    nx.set_edge_attributes(graph, "far", "metres")
    assert topology_of(graph) == expected
    with pytest.raises(ScenarioError, match=r"no node is left on level 1; choose by degree, name or near"):
        topology_of(graph, {"cloud": {"level": 1}})
    bare = nx.Graph()
    bare.add_edge(0, 1)
    nx.set_node_attributes(bare, {0: "device", 1: "cloud"}, "suggested")
    with pytest.raises(ScenarioError, match=r"2 nodes have no role"):
        topology_of(bare)


def test_a_word_for_a_place_hides_no_longitude_and_latitude():
    graph = camera_and_cloud()
    graph.nodes["camera"].update(place="Koeln", Longitude=0.0, Latitude=0.0, pos=(99.0, 99.0))
    graph.nodes["cloud"].update(Longitude=180, Latitude=0)
    (link,) = ddnnsim.load(around(topology_of(graph, defaults=FAR))).topology.links.values()
    assert link.delays.up == pytest.approx(3.141592653589793 * 6_371_008.8 * 1.5e9 / 299_792_458)  # half way round


@pytest.mark.parametrize("kind", [int, float, np.int64, np.float32])
def test_numbers_of_any_kind_are_numbers(kind):
    graph = camera_and_cloud()
    graph.edges["camera", "cloud"]["dist"] = kind(200)
    (link,) = topology_of(graph, defaults=FAR)["links"].values()
    assert link["delay"] == "1000.692 us"
    del graph.edges["camera", "cloud"]["dist"]
    graph.graph["metres_per_unit"] = kind(40_000)
    nx.set_node_attributes(graph, {"camera": np.array([0, 3]).astype(kind), "cloud": [kind(4), kind(0)]}, "pos")
    (link,) = topology_of(graph, defaults=FAR)["links"].values()
    assert link["delay"] == "1000.692 us"  # a triangle of 3, 4 and 5


def test_a_place_without_a_unit_is_no_distance():
    graph = nx.random_geometric_graph(6, 0.9, seed=1)
    roles = {"cloud": {"near": [0.5, 0.5]}, "device": "rest"}
    with pytest.raises(ScenarioError) as refused:
        topology_of(graph, roles, FAR)
    assert str(refused.value) == (
        "topology.defaults.link.delay: nothing tells how far '0' is from '1': a 'pos' has no unit; "
        "give the graph 'metres_per_unit', edges a 'dist' in km, or nodes 'longitude' and 'latitude'"
    )
    places = graph.nodes(data="pos")
    nearest = min(graph, key=lambda node: (places[node][0] - 0.5) ** 2 + (places[node][1] - 0.5) ** 2)
    assert topology_of(graph, roles, LINK)["nodes"][str(nearest)] == {"tier": "cloud"}
    graph.graph["metres_per_unit"] = 1000
    (a, b), *_ = graph.edges
    far = 1000 * ((places[a][0] - places[b][0]) ** 2 + (places[a][1] - places[b][1]) ** 2) ** 0.5
    topology = ddnnsim.load(around(topology_of(graph, roles, {"link": {"rate": "1 Mbit/s"} | FAR["link"]}))).topology
    (link,) = [link for link in topology.links.values() if {link.source, link.target} == {str(a), str(b)}]
    assert link.delays.up == round(far * 1.5e9 / 299_792_458)


def test_names_are_without_accents_and_keep_the_place_of_every_letter():
    graph = nx.Graph()
    names = ["Łódź", "Ærø", "Øresund", "Straße (Nord)", "İzmir", "東京", "北京", "Москва", "서울", "Tokyo 東京", "..."]
    nx.add_path(graph, names)
    topology = topology_of(graph, {"cloud": {"most": "degree"}, "device": "rest"}, LINK)
    assert dict(zip(names, topology["nodes"], strict=True)) == {
        "Łódź": "Lodz", "Ærø": "Aero", "Øresund": "Oresund", "Straße (Nord)": "Strasse_Nord", "İzmir": "Izmir",
        "東京": "__", "北京": "___2", "Москва": "______", "서울": "___3", "Tokyo 東京": "Tokyo___", "...": "node",
    }  # fmt: skip
    ddnnsim.load(around(topology))


@pytest.mark.parametrize("pattern", ["Köln", "Koln", "K*ln", "Ko\u0308ln"])
def test_rules_know_a_name_as_it_is_said_and_as_it_is_written(pattern):
    graph = nx.Graph()
    nx.add_path(graph, ["Köln", "a", "Kiel"])
    nodes = topology_of(graph, {"cloud": {"name": pattern}, "device": "rest"})["nodes"]
    assert {name: node["tier"] for name, node in nodes.items()} == {"Koln": "cloud", "a": "device", "Kiel": "device"}
    with pytest.raises(ScenarioError, match=r"no node is called 'Koeln'; did you mean 'Koln'\?$"):
        topology_of(graph, {"cloud": {"name": "Koeln"}, "device": "rest"})


def test_what_is_near_may_be_anywhere_on_a_plane_and_on_the_earth_only_there():
    graph = camera_and_cloud()
    roles = {"cloud": {"near": [490, 300]}, "device": "rest"}
    nx.set_node_attributes(graph, {"camera": (500, 310), "cloud": (490, 330)}, "pos")
    assert topology_of(graph, roles)["nodes"]["camera"]["tier"] == "cloud"
    nx.set_node_attributes(graph, {"camera": 6, "cloud": 7}, "lon")
    nx.set_node_attributes(graph, {"camera": 50, "cloud": 51}, "lat")
    with pytest.raises(ScenarioError) as refused:
        topology_of(graph, roles)
    assert str(refused.value) == (
        "topology.roles.cloud.near: 490, 300 is no longitude and latitude; write e.g. '[8.68, 50.11]'"
    )
