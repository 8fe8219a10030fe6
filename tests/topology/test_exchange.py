"""Plain graphs of networkx, out of scenarios and into them."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
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
