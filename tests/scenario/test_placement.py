"""Where sections and exits are: by name, by rule, and among which nodes a search looks."""

from __future__ import annotations

import copy

import jsonschema
import pytest
import yaml
from texts import TEXTS

from ddnnsim.errors import ScenarioError
from ddnnsim.placement import exit_machines, section_machines
from ddnnsim.scenario import dump, json_schema, load_scenario, scenario_hash

SCHEMA = jsonschema.Draft202012Validator(json_schema())

CHAIN = """\
name: chain
configuration: e
data: {source: digits, views: 2}
model: {levels: {device: {convp: [4]}, edge: {convp: [8]}, cloud: {fc: [16]}}}
topology:
  nodes:
    camera: {tier: device}
    gate: {tier: gateway, count: 3}
    box: {tier: edge, count: 3, compute: 1 GFLOP/s}
    big: {tier: edge, compute: 4 GFLOP/s}
    core: {tier: cloud, count: 2, compute: 9 GFLOP/s}
  links:
    radio: {from: camera, to: gate1, rate: 1 Mbit/s, delay: 1 ms}
    a: {from: gate1, to: gate2, rate: 1 Mbit/s, delay: {up: 2 ms, down: 30 ms}}
    b: {from: gate2, to: gate3, rate: 1 Mbit/s, delay: 2 ms}
    box1: {from: gate1, to: box1, rate: 1 Mbit/s, delay: 8 ms}
    box2: {from: gate2, to: box2, rate: 1 Mbit/s, delay: 3 ms}
    box3: {from: gate3, to: box3, rate: 1 Mbit/s, delay: 4 ms}
    big: {from: gate3, to: big, rate: 1 Mbit/s, delay: 9 ms}
    core1: {from: gate3, to: core1, rate: 1 Mbit/s, delay: 20 ms}
    core2: {from: gate1, to: core2, rate: 1 Mbit/s, delay: 40 ms}
placement: {edge: box1, cloud: core1}
exits:
  local: {at: gate1, threshold: 0.8}
  edge: {threshold: 0.8}
  cloud: {}
workload: {arrivals: poisson, rate: 5 /s}
"""
"""Cameras, then gateways in a row, with an edge at each and two clouds at the ends; it is farther back than on."""


def chain(**changes: object) -> dict:
    """Return the chain with values changed, or left out where None, by path with two underlines for each dot."""
    data = copy.deepcopy(yaml.safe_load(CHAIN))
    for path, value in changes.items():
        *keys, last = path.split("__")
        at = data
        for key in keys:
            at = at.setdefault(key, {})
        if value is None:
            del at[last]
        else:
            at[last] = value
    return data


def places(data: dict) -> tuple[list[str], list[str]]:
    """Return where the sections above the devices are, and where the exits."""
    from ddnnsim.network import network_of

    scenario = load_scenario(data)
    assert load_scenario(scenario) == scenario
    network = network_of(scenario)
    sections = [name for level in section_machines(scenario, network)[1:] for name in level]
    return sections, exit_machines(scenario, network)


def test_sections_are_where_they_are_named():
    assert places(chain()) == (["box1", "core1"], ["gate1", "box1", "core1"])
    assert places(chain(placement={"edge": "big", "cloud": "core2"})) == (["big", "core2"], ["gate1", "big", "core2"])


def test_the_only_nodes_of_their_tiers_need_no_name():
    text = TEXTS["d"]
    named = yaml.safe_load(text) | {"placement": {"edge": "edge", "cloud": "cloud"}}
    assert places(named) == places(yaml.safe_load(text))


def test_places_are_part_of_the_hash():
    assert scenario_hash(load_scenario(chain())) != scenario_hash(load_scenario(chain(placement__edge="box2")))


# The delays of the ways from a camera, by hand: gate1 1, gate2 3, gate3 5, box1 9, box2 6, box3 9, big 14 ms; both
# cameras have the same.
@pytest.mark.parametrize(
    ("rule", "edge"),
    [
        ({"nearest": ["box1", "box2", "box3"]}, "box2"),
        ({"nearest": "box"}, "box2"),
        ({"nearest": "all"}, "box2"),
        ({"nearest": ["box3", "box1"]}, "box3"),  # equals: the first
        ({"nearest": ["box1", "box3"]}, "box1"),
        ({"most_compute": "all"}, "big"),
        ({"most_compute": ["box", "big"]}, "big"),
        ({"most_compute": "box"}, "box1"),
    ],
)
def test_follows_rules_for_the_edge(rule: dict, edge: str):
    data = chain(placement__edge=rule)
    SCHEMA.validate(data)
    assert places(data) == ([edge, "core1"], ["gate1", edge, "core1"])


def test_the_cloud_is_nearest_to_where_the_edge_has_come():
    # From box2 to core1: 3 + 2 + 20 ms; to core2: 3 + 30 (back) + 40 ms. From box1: 8 + 2 + 2 + 20 and 8 + 40 ms.
    both = {"edge": {"nearest": "all"}, "cloud": {"nearest": "all"}}
    assert places(chain(placement=both))[0] == ["box2", "core1"]
    assert places(chain(placement=both, topology__links__core1__delay="40 ms"))[0] == ["box2", "core1"]
    assert places(chain(placement=both | {"edge": "box1"}, topology__links__core1__delay="40 ms"))[0] == [
        "box1",
        "core2",
    ]


def test_what_is_central_has_the_least_sum_of_delays_from_all():
    # To gate1, in ms: cameras 1 + 1, gate2 30, gate3 32, box1 8, box2 33, box3 36, big 41, core1 52, core2 40: 274.
    # To gate2: cameras 3 + 3, gate1 2, gate3 2, box1 10, box2 3, box3 6, big 11, core1 22, core2 42: 104.
    # To gate3: cameras 5 + 5, gate1 4, gate2 2, box1 12, box2 5, box3 4, big 9, core1 20, core2 44: 110.
    assert places(chain(exits__local__at={"central": "gate"}))[1][0] == "gate2"
    assert places(chain(exits__local__at={"central": ["gate1", "gate3"]}))[1][0] == "gate3"
    assert places(chain(exits__local__at={"nearest": "gate"}))[1][0] == "gate1"
    assert places(chain(exits__edge__at={"nearest": ["gate2", "gate3"]}, placement__edge="box3"))[1][1] == "gate3"


def test_no_speed_is_the_greatest_and_servers_come_next():
    data = chain(placement__edge={"most_compute": "all"})
    data["topology"]["nodes"]["swift"] = {"tier": "edge"}
    data["topology"]["links"]["swift"] = {"from": "gate3", "to": "swift", "rate": "1 Mbit/s"}
    assert places(data)[0][0] == "swift"
    data["topology"]["nodes"]["swift"] |= {"compute": "4 GFLOP/s", "servers": 2}
    assert places(data)[0][0] == "swift"
    data["topology"]["nodes"]["swift"]["servers"] = 1
    assert places(data)[0][0] == "big"


def test_each_group_takes_an_edge_of_its_own():
    groups = {
        "one": {"devices": ["camera1"], "edge": {"nearest": "all"}},
        "two": {"devices": ["camera2"], "edge": {"nearest": "all"}},
    }
    data = chain(placement={"groups": groups, "cloud": "core1"}, exits__edge__at="gate3")
    assert places(data)[0] == ["box2", "box1", "core1"]  # box1 and box3 are as near: the first
    groups["two"]["edge"] = "box2"
    assert places(data)[0] == ["box1", "box2", "core1"]  # a name comes before any rule


def test_a_node_called_all_is_meant():
    data = chain(placement__edge={"nearest": "all"})
    data["topology"]["nodes"]["all"] = {"tier": "edge"}
    data["topology"]["links"]["all"] = {"from": "gate3", "to": "all", "rate": "1 Mbit/s", "delay": "1 s"}
    assert places(data)[0][0] == "all"


def test_a_node_without_a_way_is_the_farthest():
    data = chain(placement__edge={"nearest": ["lone", "big"]})
    data["topology"]["nodes"]["lone"] = {"tier": "edge"}
    assert places(data)[0][0] == "big"


def test_a_search_begins_with_its_first_nodes_and_stays():
    search = {"minimise": "latency_p95", "of": {"edge": ["box2", "box1"], "exits": {"local": "gate"}}}
    data = chain(placement={"cloud": "core1", "search": search}, exits__local__at=None)
    SCHEMA.validate(data)
    assert places(data) == (["box2", "core1"], ["gate1", "box2", "core1"])
    scenario = load_scenario(data)
    assert scenario.placement.search.requests == 200
    assert load_scenario(yaml.safe_load(dump(scenario))) == scenario


EDGE = "edge: box1"
REFUSED = {
    (EDGE, "edge: box9"): ["22:19: unknown node 'box9'; did you mean 'box3'?"],
    (EDGE, "edge: gate1"): ["22:19: 'gate1' is of tier gateway, not edge; name a node of tier edge"],
    ("edge: box1, cloud: core1", "edge: box1"): [
        "11:5: 2 cloud nodes (core1 and core2); configuration e has one cloud: name it in placement.cloud"
    ],
    (EDGE, "edge: {nearst: box}"): ["22:20: unknown rule 'nearst'; did you mean 'nearest'?"],
    (EDGE, "edge: {nearest: []}"): ["22:29: a list names no nodes; write a list of nodes, or 'all'"],
    (EDGE, "edge: {nearest: [box1, gate]}"): ["22:36: 'gate' is of tier gateway, not edge; name another node"],
    (EDGE, "edge: {nearest: [box1, bax]}"): ["22:36: unknown node 'bax'; did you mean 'box'?"],
    (EDGE, "edge: {}"): ["22:19: not one rule; write nearest, most_compute or central, and among which nodes"],
    ("local: {at: gate1", "local: {at: {nearest: camera}"): [
        "24:25: 'camera' is of tier device, not gateway, edge or cloud; name another node"
    ],
    (EDGE, "edge: box1, search: {minimise: bytes, of: {}}"): [
        "22:55: nothing is searched for; write e.g. 'edge: [edge1, edge2]'"
    ],
    (EDGE, "edge: box1, search: {minimise: energy, of: {edge: box}}"): [
        "22:44: 'energy' is not known here; write latency_mean, latency_p95 or bytes"
    ],
    (EDGE, "edge: box1, search: {minimise: bytes, of: {groups: {n: box}}}"): [
        "22:65: no choice of 'groups.n'; search for edge, cloud, exits.local or exits.edge"
    ],
    (EDGE, "edge: box1, search: {minimise: bytes, of: {edge: [box1, core1]}}"): [
        "22:69: 'core1' is of tier cloud, not edge; name another node"
    ],
    (EDGE, "edge: box1, search: {minimise: bytes, of: {edge: box}}, cloud: core1}\nrun: {replications: 3}\n#"): [
        "22:25: a search beside a sweep or replications; run 'ddnnsim place' without them, and repeat what it writes"
    ],
    (EDGE, "edge: {nearest: box}, search: {minimise: bytes, of: {cloud: all}}"): [
        "22:13: a rule beside a search; name a node, or search for it, too"
    ],
}


@pytest.mark.parametrize(("old", "new"), REFUSED, ids=[new for _, new in REFUSED])
def test_says_where_what_and_what_instead(faults, old: str, new: str):
    assert old in CHAIN
    assert faults(CHAIN.replace(old, new, 1)) == [f"s.yaml:{line}" for line in REFUSED[old, new]]


def test_configurations_without_edges_have_none_to_place():
    with pytest.raises(ScenarioError, match="configuration c has no edge; leave it out"):
        load_scenario(yaml.safe_load(TEXTS["c"]) | {"placement": {"edge": "gate"}})


def test_groups_have_edges_of_their_own():
    data = yaml.safe_load(TEXTS["f"])
    data["placement"]["edge"] = "edge1"
    with pytest.raises(ScenarioError, match="each group has an edge of its own; leave it out"):
        load_scenario(data)


def test_an_edge_of_no_group_only_passes_messages_on():
    data = yaml.safe_load(TEXTS["f"])
    data["topology"]["nodes"]["edge"]["count"] = 3
    assert load_scenario(data).of_tier("edge") == ["edge1", "edge2"]
