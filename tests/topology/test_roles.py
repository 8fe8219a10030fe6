"""Who is what in a graph, what it is called, and what it has."""

from __future__ import annotations

import networkx as nx
import pytest
from recipes import LINK, TWO_TIERS, around, ends, made, tiers

import ddnnsim
from ddnnsim import ScenarioError, topology_of
from ddnnsim.experiment import load_points

TREE = {"kind": "tree", "fan_out": [2, 2]}


def test_rules_take_nodes_in_their_order_and_the_rest_comes_last():
    roles = {
        "device": "rest",
        "cloud": {"most": "degree"},
        "gateway": {"most": "degree"},
        "router": {"least": "degree"},
    }
    topology = made({"kind": "star", "leaves": 3}, roles).topology
    assert tiers(topology) == {"cloud": "cloud", "gateway": "gateway", "router": "router", "device1": "device"}


def test_levels_can_be_of_another_tier():
    topology = made(TREE, {"gateway": {"level": 1}}).topology
    assert tiers(topology)["gateway1"] == "gateway"
    assert tiers(topology)["gateway2-device2"] == "device"


def test_the_only_node_of_a_tier_has_no_number():
    assert list(tiers(made({"kind": "tree", "fan_out": [1, 2]}, configuration="e").topology)) == [
        "cloud", "edge", "device1", "device2",
    ]  # fmt: skip


def test_names_may_be_patterns(tmp_path):
    (tmp_path / "g.json").write_text(
        '{"nodes": [{"id": "core"}, {"id": "cam_a"}, {"id": "cam_b"}, {"id": "box", "tier": "gateway"}],'
        '"edges": [{"source": "core", "target": "box"}, {"source": "box", "target": "cam_a"},'
        '{"source": "cam_b", "target": "box", "delay": "3 ms"}]}'
    )
    graph = {"kind": "file", "path": str(tmp_path / "g.json")}
    topology = made(graph, {"cloud": {"name": "core"}, "device": {"name": ["cam_*"]}}).topology
    assert tiers(topology) == {"core": "cloud", "cam_a": "device", "cam_b": "device", "box": "gateway"}
    assert ends(topology) == {("box", "core"), ("cam_a", "box"), ("cam_b", "box")}
    assert topology.links["cam_b-box"].delays.up == 3_000_000


def test_links_have_what_their_lower_tier_says_before_what_all_have():
    defaults = {
        "device": {"compute": "40 MFLOP/s"},
        "link": {"rate": "1 Gbit/s", "delay": "2 ms", "loss": "1 %"},
        "link_from": {"device": {"preset": "lte"}},
    }
    topology = made(TREE, {}, defaults, configuration="e").topology
    cell, metro = topology.links["edge1-device-edge1"], topology.links["edge1-cloud"]
    assert (cell.rates.up, cell.rates.down, cell.delays.up) == (6_000_000, 13_000_000, 35_000_000)
    assert (metro.rates.up, metro.delays.up) == (1_000_000_000, 2_000_000)
    assert cell.loss == metro.loss
    assert topology.nodes["edge1-device"].compute_ops == 40_000_000
    assert topology.nodes["edge1"].compute_ops is None


def test_what_is_written_changes_what_is_made_and_comes_beside_it():
    topology = made(
        TREE,
        {"gateway": {"level": 1}},
        nodes={"gateway1": {"servers": 3}, "gateway1-device2": {"compute": "1 MFLOP/s"}, "hub": {"tier": "router"}},
        links={"gateway2-cloud": {"rate": "1 kbit/s"}, "wan": {"from": "hub", "to": "cloud", "rate": "1 bit/s"}},
    ).topology
    assert topology.nodes["gateway1"].servers == 3
    assert topology.nodes["gateway1-device2"].compute_ops == 1_000_000
    assert topology.nodes["gateway1-device1"].compute_ops is None
    assert topology.nodes["gateway2-device"].count == 2
    assert topology.links["gateway2-cloud"].rates.up == 1000
    assert topology.links["gateway2-cloud"].delays.up == 1_000_000
    assert ("hub", "cloud") in ends(topology)


def test_settings_change_what_is_made():
    said = around({"graph": TREE, "defaults": LINK}, "e")
    changes = {
        "topology.nodes.edge2.servers": 7,
        "topology.graph.fan_out": [3, 1],
        "topology.links.edge3-cloud.loss": "1 %",
    }
    topology = ddnnsim.load(said, changes).topology
    assert topology.nodes["edge2"].servers == 7
    assert topology.links["edge3-cloud"].loss is not None


def test_devices_are_of_the_edge_that_is_nearest():
    links = {"short": {"from": "edge1-device1", "to": "edge2", "rate": "1 Mbit/s", "delay": "100 us"}}
    scenario = ddnnsim.load(around({"graph": TREE, "defaults": LINK, "links": links}, "e"))
    assert {name: group.devices for name, group in scenario.placement.groups.items()} == {
        "edge1": ("edge1-device2",),
        "edge2": ("edge1-device1", "edge2-device"),
    }


def test_local_exits_of_groups_that_are_made_are_on_their_edges():
    said = around({"graph": TREE, "defaults": LINK}, "f", exits={"local": {}, "cloud": {}})
    said["model"]["exits"]["local"] = {"leave": 0.5, "accuracy": 0.5}
    scenario = ddnnsim.load(said)
    assert scenario.exits["local"].at == {"edge1": "edge1", "edge2": "edge2"}


def test_groups_that_are_written_stay():
    groups = {"all": {"devices": ["edge1-device", "edge2-device"], "edge": "edge1"}}
    scenario = ddnnsim.load(around({"graph": TREE, "defaults": LINK}, "e", placement={"groups": groups}))
    assert list(scenario.placement.groups) == ["all"]


TEXT = """\
name: made
configuration: a
model:
  sections: {device: {operations: 1 MFLOP, features: 140 B}, cloud: {operations: 1 MFLOP}}
  exits: {cloud: {accuracy: 1.0}}
data: {source: numbers, raw: 1 kB}
topology:
  graph: {kind: tree, fan_out: [2, 2]}
  roles: {gateway: {level: 1}}
  defaults:
    link: {rate: 1 Gbit/s, delay: 1 ms}
  nodes: {}
  links: {}
exits: {cloud: {}}
workload: {arrivals: periodic, every: 1 s, requests: 2}
"""


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("{level: 1}", "{level: 3}", ["9:28: no node is left on level 3; there are 0, 1 and 2"]),
        ("{level: 1}", "{name: bo*}", ["9:27: no node is called 'bo*'; known: 0, 1, 2, 3, 4, 5, 6"]),
        ("{level: 1}", "{near: [8, 50]}", ["9:27: nodes of this graph have no places; choose them by degree, name or level"]),  # noqa: E501
        ("{level: 1}", "{most: degree, count: 9}", ["9:20: 9 nodes, but 7 are left; write a smaller count"]),
        ("{level: 1}", "{most: degree, level: 1}", ["9:20: most and level in one rule; write one of most, least, near, name and level, or rest"]),  # noqa: E501
        ("{level: 1}", "{level: 1, count: 2}", ["9:20: 'count' beside 'level', which takes all; leave it out"]),
        ("{level: 1}", "{}", ["9:20: a rule that chooses nothing; write one of most, least, near, name and level, or rest"]),  # noqa: E501
        ("{level: 1}", "none", ["9:20: 'none' is no rule; write rest, or e.g. {most: degree}"]),
        ("{gateway:", "{gatway:", ["9:19: 'gatway' is not known here; did you mean 'gateway'?"]),
        ("delay: 1 ms", "delay: distance", ["11:35: nothing tells how far 'cloud' is from 'gateway1'; write a delay in the place of 'distance', or a graph with places or lengths"]),  # noqa: E501
        ("delay: 1 ms", "dely: 1 ms", ["11:28: unknown key 'dely'; did you mean 'delay'?"]),
        ("rate: 1 Gbit/s, ", "", ["8:3: link 'gateway1-cloud', which it makes: 'rate' is missing; write e.g. 'rate: 10 Mbit/s'"]),  # noqa: E501
        ("rate: 1 Gbit/s", "from: cloud, rate: 1 Gb", ["11:12: 'from' has no place among defaults; the graph says it", "11:31: '1 Gb' is not a data rate; write e.g. '1 Mbit/s'"]),  # noqa: E501
        ("    link:", "    cloud: {count: 2}\n    link:", ["11:13: 'count' has no place among defaults; leave it out"]),
        ("nodes: {}", "nodes: {cluod: {servers: 4}}", ["12:11: the graph makes no node 'cluod', and a new one needs tier; did you mean 'cloud'?"]),  # noqa: E501
        ("nodes: {}", "nodes: {gateway1: {tier: clowd}, cloud: {tier: 3}}", ["12:28: 'clowd' is not known here; did you mean 'cloud'?", "12:50: 3 is not known here; write device, edge, cloud, gateway or router"]),  # noqa: E501
        ("links: {}", "links: {cloud-gateway1: {loss: 1 %}}", ["13:11: the graph makes no link 'cloud-gateway1', and a new one needs from and to; did you mean 'gateway1-cloud'?"]),  # noqa: E501
        ("nodes: {}", "nodes: {box: {tier: router}}", ["8:3: the graph is in 2 parts that no link joins: cloud, gateway1, gateway1-device1, ... (7); box; join them by links under 'links'"]),  # noqa: E501
        ("workload: {", "workload: {evry: 1 s, ", ["15:12: unknown key 'evry'; did you mean 'every'?"]),
        ("graph: {kind: tree, fan_out: [2, 2]}", "graph: {kind: tree}", ["8:3: 'fan_out' is missing; write e.g. 'fan_out: [50, 20]'"]),  # noqa: E501
        ("  graph: {kind: tree, fan_out: [2, 2]}\n", "", ["8:3: unknown key 'roles'; did you mean 'nodes'?", "9:3: unknown key 'defaults'; known: nodes, links, regions, routing, forwarding", "11:3: no node of tier device; add e.g. 'camera: {tier: device}'"]),  # noqa: E501
    ],
)  # fmt: skip
def test_says_where_what_and_what_instead(tmp_path, old, new, lines):
    assert old in TEXT
    path = tmp_path / "s.yaml"
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(ScenarioError) as refused:
        ddnnsim.load(path)
    told = str(refused.value).replace(f"{path}:", "").splitlines()
    assert told == lines


def test_a_medium_is_shared_by_equals_only():
    defaults = {"link": {"rate": "1 Mbit/s", "medium": "shared"}}
    assert made({"kind": "star", "leaves": 3}, {}, defaults).topology.links["device-cloud"].medium == "shared"
    with pytest.raises(
        ScenarioError, match=r"links between 'device' and 'cloud' share a medium, but they or their nodes"
    ):
        made({"kind": "star", "leaves": 3}, {}, defaults, nodes={"device2": {"servers": 2}})


WIFI = {"link": {"preset": "wifi"}}


def cell(**of_edge):
    """Return three cameras around a cloud, as a graph of one's own."""
    graph = nx.star_graph(3)
    nx.set_node_attributes(graph, {0: "cloud", 1: "cam1", 2: "cam2", 3: "cam3"}, "name")
    nx.set_edge_attributes(graph, dict.fromkeys(graph.edges, of_edge))
    return graph


def channels(topology):
    """Return how many links there are, group by group, and what each joins."""
    scenario = ddnnsim.load(around(topology))
    return [(link.source, link.target, link.medium) for link in scenario.topology.links.values()]


@pytest.mark.parametrize("of_edge", [{}, {"link": "cell"}], ids=["unnamed", "named"])
def test_a_cell_is_one_link_wherever_its_graph_comes_from(of_edge):
    graph = cell(**of_edge)
    with pytest.raises(
        ScenarioError, match=r"^topology\.graph: links .* and share a medium, but only those of a group"
    ):
        topology_of(graph, TWO_TIERS, WIFI)
    nx.set_node_attributes(graph, {1: "cam", 2: "cam", 3: "cam"}, "group")
    assert channels(topology_of(graph, TWO_TIERS, WIFI)) == [("cam", "cloud", "shared")]
    assert channels({"graph": {"kind": "star", "leaves": 3}, "defaults": WIFI}) == [("device", "cloud", "shared")]


def test_links_of_different_names_are_channels_of_their_own():
    graph = cell()
    nx.set_edge_attributes(graph, {(0, leaf): f"radio{leaf}" for leaf in (1, 2, 3)}, "link")
    assert [medium for *_, medium in channels(topology_of(graph, TWO_TIERS, WIFI))] == ["shared"] * 3
    written = {"radio": {"from": "idle", "to": "cloud", "preset": "wifi"}}
    more = {"nodes": {"idle": {"tier": "router"}}, "links": written}
    star = {"graph": {"kind": "star", "leaves": 3}, "defaults": WIFI} | more
    assert [medium for *_, medium in channels(star)] == ["shared"] * 2


def test_places_tell_no_members_of_a_group_apart():
    graph = {"kind": "geometric", "nodes": 3, "area": "1 km", "radius": "1 m"}
    (link,) = made(graph, {"cloud": {"most": "degree"}, "device": "rest"}, WIFI).topology.links.values()
    assert (link.source, link.target) == ("device", "cloud")


def test_a_mesh_of_radios_is_refused():
    graph = {"kind": "geometric", "nodes": 6, "area": "1 km", "radius": "500 m"}
    with pytest.raises(ScenarioError) as refused:
        made(graph, TWO_TIERS, WIFI)
    assert "and share a medium, but only those of a group are one channel; write 'medium: dedicated'" in str(
        refused.value
    )
    assert len(made(graph, TWO_TIERS, {"link": WIFI["link"] | {"medium": "dedicated"}}).topology.links) > 5


def test_an_edge_that_no_device_is_near_has_no_group():
    roles = {"cloud": {"level": 0}, "edge": {"level": 1}, "device": "rest"}
    links = {"a": {"from": "idle", "to": "cloud", "rate": "1 Mbit/s"}}
    scenario = made(TREE, roles, configuration="e", nodes={"idle": {"tier": "edge", "servers": 2}}, links=links)
    assert tiers(scenario.topology)["idle"] == "edge"
    assert list(scenario.placement.groups) == ["edge1", "edge2"]


def test_one_edge_that_is_said_serves_all():
    scenario = ddnnsim.load(around({"graph": TREE, "defaults": LINK}, "e", placement={"edge": "edge2"}))
    assert not scenario.placement.groups
    assert scenario.placement.edge == "edge2"


def test_a_sweep_makes_a_graph_for_each_point():
    graph = {"kind": "scale_free", "nodes": 8, "links": 1, "seed": 0}
    roles = {"cloud": {"most": "degree"}, "device": "rest"}
    said = around({"graph": graph, "roles": roles, "defaults": LINK}, sweep={"grid": {"topology.graph.nodes": [5, 9]}})
    _, points, _ = load_points(said)
    assert [len(point.scenario.devices()) for point in points] == [4, 8]
