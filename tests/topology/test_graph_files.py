"""Graphs of others: files of every format, and the collections that topohub holds."""

from __future__ import annotations

import json
from importlib.util import find_spec
from math import acos, cos, radians, sin

import networkx as nx
import pytest
from recipes import BY_DISTANCE, LINK, TWO_TIERS, around, ends, made, tiers

import ddnnsim
from ddnnsim import ScenarioError

ROLES = {"cloud": {"name": "Koln"}, "device": "rest"}
needs_topohub = pytest.mark.skipif(find_spec("topohub") is None, reason="without the extra `topologies`")


@pytest.fixture
def cities():
    """Return three cities in a row, with places, names that are none here, and attributes that mean nothing here."""
    graph = nx.Graph(note="a graph")
    graph.add_node(7, label="Köln", Longitude=6.96, Latitude=50.94, colour="red")
    graph.add_node(8, label="St. Pölten", Longitude=15.62, Latitude=48.2, colour="blue")
    graph.add_node(9, label="Köln", Longitude=7.0, Latitude=51.0, colour="blue", compute="1 MFLOP/s")
    graph.add_edge(7, 8, weight=3)
    graph.add_edge(8, 9, weight=4, rate="10 Mbit/s", dist=299.792458)
    return graph


def write(graph, path):
    writers = {
        ".graphml": lambda: nx.write_graphml(graph, path),
        ".gml": lambda: nx.write_gml(graph, path),
        ".json": lambda: path.write_text(json.dumps(nx.node_link_data(graph, edges="links"))),
    }
    writers[path.suffix]()


@pytest.mark.parametrize("ending", ["graphml", "json"])
def test_a_file_is_read_back(tmp_path, cities, ending):
    path = tmp_path / f"cities.{ending}"
    write(cities, path)
    topology = made({"kind": "file", "path": str(path)}, ROLES, BY_DISTANCE).topology
    assert tiers(topology) == {"Koln": "cloud", "St_Polten": "device", "Koln_2": "device"}
    assert topology.nodes["Koln_2"].compute_ops == 1_000_000
    assert ends(topology) == {("St_Polten", "Koln"), ("St_Polten", "Koln_2")}
    assert topology.links["St_Polten-Koln_2"].rates.up == 10_000_000
    assert topology.links["St_Polten-Koln_2"].delays.up == 1_500_000  # 299.792458 km
    east = radians(15.62 - 6.96)
    angle = acos(sin(radians(50.94)) * sin(radians(48.2)) + cos(radians(50.94)) * cos(radians(48.2)) * cos(east))
    assert topology.links["St_Polten-Koln"].delays.up == pytest.approx(6_371_008.8 * angle / (299_792_458 / 1.5e9))


def test_a_gml_file_is_read_back(tmp_path):
    path = tmp_path / "ring.gml"
    write(nx.relabel_nodes(nx.cycle_graph(3), {0: "hub", 1: "a", 2: "b"}), path)
    topology = made({"kind": "file", "path": str(path)}, {"cloud": {"name": "hub"}, "device": "rest"}).topology
    assert ends(topology) == {("a", "hub"), ("b", "hub"), ("a", "b")}


def test_a_path_starts_from_the_folder_of_the_scenario(tmp_path, cities, monkeypatch):
    (tmp_path / "graphs").mkdir()
    write(cities, tmp_path / "graphs" / "cities.graphml")
    graph = {"kind": "file", "path": "graphs/cities.graphml"}
    said = around({"graph": graph, "roles": ROLES, "defaults": LINK})
    (tmp_path / "s.yaml").write_text(json.dumps(said))
    monkeypatch.chdir("/")
    assert ddnnsim.load(tmp_path / "s.yaml").devices() == ["St_Polten", "Koln_2"]


def test_parallel_edges_and_loops_count_once_and_not_at_all(tmp_path):
    graph = nx.MultiDiGraph()
    graph.add_edge("cloud", "camera", rate="1 Mbit/s")
    graph.add_edge("cloud", "camera", rate="2 Mbit/s")
    graph.add_edge("camera", "camera")
    write(graph, tmp_path / "g.graphml")
    roles = {"cloud": {"name": "cloud"}, "device": "rest"}
    topology = made({"kind": "file", "path": str(tmp_path / "g.graphml")}, roles).topology
    (link,) = topology.links.values()
    assert (link.source, link.target, link.rates.up) == ("camera", "cloud", 1_000_000)


def two_nodes(path, *edges, **more):
    """Write a node-link file of a and b with *edges*, of 1 Mbit/s, 2 Mbit/s, ..., and return its graph."""
    said = [{"source": a, "target": b, "rate": f"{n} Mbit/s"} | more for n, (a, b) in enumerate(edges, start=1)]
    path.write_text(json.dumps({"nodes": [{"id": "a"}, {"id": "b"}], "edges": said}))
    return {"kind": "file", "path": str(path)}


NAMED = {"cloud": {"name": "a"}, "device": "rest"}


@pytest.mark.parametrize("more", [{}, {"key": 7}], ids=["without keys", "of one key"])
@pytest.mark.parametrize("edges", [("ab", "ab"), ("ab", "ba"), ("ba", "ab")])
def test_the_first_of_parallel_edges_counts_where_a_file_does_not_expect_them(tmp_path, edges, more):
    topology = made(two_nodes(tmp_path / "g.json", *edges, **more), NAMED).topology
    assert [link.rates.up for link in topology.links.values()] == [1_000_000]


def test_parallel_edges_of_gml_need_a_word(tmp_path):
    text = 'graph [\n{} node [ id 0 label "a" ]\n node [ id 1 label "b" ]\n{}]\n'
    edges = "".join(f' edge [ source 0 target 1 rate "{n} Mbit/s" ]\n' for n in (1, 2))
    path = tmp_path / "g.gml"
    path.write_text(text.format("", edges))
    with pytest.raises(ScenarioError, match=r"is no graph in gml: edge #1 \(0--1\) is duplicated"):
        made({"kind": "file", "path": str(path)}, NAMED)
    path.write_text(text.format(" multigraph 1\n", edges))
    topology = made({"kind": "file", "path": str(path)}, NAMED).topology
    assert [link.rates.up for link in topology.links.values()] == [1_000_000]


def test_an_edge_makes_no_nodes(tmp_path):
    path = tmp_path / "g.json"
    nodes = [{"id": "cloud"}, {"id": "cam2"}, {"id": 1}]
    edges = [{"source": "cloud", "target": other} for other in ("cam_2", "1", 1)]
    path.write_text(json.dumps({"nodes": nodes, "edges": edges}))
    with pytest.raises(ScenarioError) as refused:
        made({"kind": "file", "path": str(path)}, TWO_TIERS)
    assert str(refused.value) == (
        "topology.graph.path: edges of this file name 'cam_2' and '1', which are none of its nodes; "
        "did you mean 'cam2'?"
    )
    path.write_text(json.dumps({"nodes": nodes, "edges": edges[1:]}))
    with pytest.raises(ScenarioError, match=r"name '1', which is none of its nodes; did you mean 1\?$"):
        made({"kind": "file", "path": str(path)}, TWO_TIERS)


GRAPHML = (
    '<?xml version="1.0" encoding="{}"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    '<key id="d0" for="node" attr.name="label" attr.type="string"/><graph edgedefault="undirected">'
    '<node id="a"><data key="d0">K\u00f6ln</data></node><node id="b"/><edge source="a" target="{}"/></graph></graphml>'
)


def test_an_edge_of_graphml_makes_no_nodes(tmp_path):
    path = tmp_path / "g.graphml"
    path.write_text(GRAPHML.format("utf-8", "bb"), encoding="utf-8")
    with pytest.raises(
        ScenarioError, match=r"edges of this file name 'bb', which is none of its nodes; did you mean 'b'\?$"
    ):
        made({"kind": "file", "path": str(path)}, TWO_TIERS)


def test_an_edge_of_gml_makes_no_nodes(tmp_path):
    path = tmp_path / "g.gml"
    path.write_text('graph [\n node [ id 0 label "a" ]\n edge [ source 0 target 2 ]\n]\n')
    with pytest.raises(ScenarioError, match=r"is no graph in gml: edge #0 has undefined target 2$"):
        made({"kind": "file", "path": str(path)}, TWO_TIERS)


@pytest.mark.parametrize("coding", ["ISO-8859-1", "UTF-8", "UTF-8-sig", "UTF-16"])
def test_graphml_is_read_in_the_encoding_that_it_says(tmp_path, coding):
    path = tmp_path / "g.graphml"
    path.write_bytes(GRAPHML.format(coding.removesuffix("-sig"), "b").encode(coding))
    assert list(made({"kind": "file", "path": str(path)}, ROLES).topology.nodes) == ["Koln", "b"]


@pytest.mark.parametrize("ending", ["gml", "json"])
def test_a_mark_of_the_encoding_is_no_text(tmp_path, ending):
    path = tmp_path / f"g.{ending}"
    write(nx.path_graph(["hub", "a"]), path)
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-8-sig"))
    assert len(made({"kind": "file", "path": str(path)}, {"cloud": {"name": "hub"}, "device": "rest"}).devices()) == 1


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("g.graphml", "name: not a graph", "{path} is no graph in graphml: syntax error: line 1, column 0"),
        ("g.gml", "graph [ node [ id", "{path} is no graph in gml: "),
        ("g.json", "[1]", "{path} is no graph in json: it has no list of 'nodes'"),
        ("g.json", '{"nodes": []}', "{path} is no graph in json: it has neither 'edges' nor 'links'"),
        (
            "g.json",
            '{"nodes": [{"id": 1}], "edges": [], "graph": 5}',
            "{path} is no graph in json: 'int' object is not iterable",
        ),
        ("g.json", '{"nodes": [], "edges": [], "graph": []}', "{path} holds a graph without nodes; name another file"),
        ("g.txt", "", "'g.txt' is of no format known here; known: .graphml, .gml, .json"),
    ],
)
def test_refuses_a_file_that_is_no_graph(tmp_path, name, content, line):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(ScenarioError) as refused:
        made({"kind": "file", "path": str(path)}, TWO_TIERS)
    assert str(refused.value).startswith("topology.graph.path: " + line.format(path=path))


def test_names_the_file_that_is_not_there(tmp_path):
    (tmp_path / "cities.gml").write_text("")
    with pytest.raises(ScenarioError, match=r"citis\.gml: no such file; did you mean 'cities\.gml'\?$"):
        made({"kind": "file", "path": str(tmp_path / "citis.gml")}, TWO_TIERS)


@needs_topohub
def test_abilene_of_the_zoo_is_as_long_as_it_is():
    topology = made({"kind": "zoo", "name": "Abilene"}, {"cloud": {"name": "Chicago"}, "device": "rest"}, BY_DISTANCE)
    links = topology.topology.links
    assert (len(tiers(topology.topology)), len(links)) == (11, 14)
    metres = links["New_York-Chicago"].delays.up * 299_792_458 / 1.5e9
    assert metres == pytest.approx(1_146_160, abs=10)  # topohub says 1146.16 km
    assert links["Los_Angeles-Houston"].delays.up > links["New_York-Washington_DC"].delays.up


@needs_topohub
def test_devices_hang_on_the_edges_of_a_backbone():
    graph = {"kind": "sndlib", "name": "germany50", "devices": 2}
    far = {"link": BY_DISTANCE["link"], "link_from": {"device": {"preset": "lte"}}}
    roles = {"cloud": {"name": "Frankfurt"}, "edge": {"near": [13.4, 52.5], "count": 3}, "router": "rest"}
    scenario = made(graph, roles, far, configuration="e")
    edges = [name for name, tier in tiers(scenario.topology).items() if tier == "edge"]
    assert "Berlin" in edges
    assert {name: group.edge for name, group in scenario.placement.groups.items()} == {edge: edge for edge in edges}
    assert scenario.placement.groups["Berlin"].devices == ("Berlin-device",)
    assert scenario.topology.links["Berlin-device-Berlin"].rates.up == 6_000_000


@needs_topohub
def test_drawings_of_sndlib_have_no_distances():
    with pytest.raises(ScenarioError, match=r"^topology\.defaults\.link\.delay: nothing tells how far 'N01' is from"):
        made({"kind": "sndlib", "name": "france"}, TWO_TIERS, BY_DISTANCE)
    assert len(made({"kind": "sndlib", "name": "france"}, TWO_TIERS).topology.nodes) == 25
    with pytest.raises(ScenarioError, match=r"nothing tells how far"):  # its pixels are fewer than there are degrees
        made({"kind": "sndlib", "name": "india35"}, TWO_TIERS, BY_DISTANCE)
    assert made({"kind": "sndlib", "name": "polska"}, TWO_TIERS, BY_DISTANCE).topology.links


@needs_topohub
def test_refuses_a_graph_that_is_not_in_the_collection():
    with pytest.raises(ScenarioError, match=r"'Abilen' is none of the graphs of zoo; did you mean 'Abilene'\?$"):
        made({"kind": "zoo", "name": "Abilen"}, TWO_TIERS)


def test_says_how_to_get_topohub_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "topohub", None)
    with pytest.raises(ScenarioError, match=r"topohub, .* is not installed; pip install 'ddnnsim\[topologies\]'$"):
        made({"kind": "zoo", "name": "Abilene"}, TWO_TIERS)


@pytest.mark.parametrize("taken", ["a-device2", "a-device"])
def test_a_device_that_is_hung_takes_no_node_away(tmp_path, taken):
    path = tmp_path / "g.json"
    nodes = [{"id": "a", "tier": "edge"}, {"id": taken, "tier": "device"}, {"id": "c", "tier": "cloud"}]
    edges = [{"source": "a", "target": other} for other in (taken, "c")]
    path.write_text(json.dumps({"nodes": nodes, "edges": edges}))
    with pytest.raises(ScenarioError) as refused:
        made({"kind": "file", "path": str(path), "devices": 2}, configuration="e")
    assert str(refused.value) == (
        f"topology.graph.devices: a device or a group of devices of 'a' would be called {taken!r}, and a node is; "
        "call that node otherwise, or hang no devices"
    )
    assert taken in made({"kind": "file", "path": str(path)}, configuration="e").topology.nodes
