"""Time to load and to plan topologies of thousands of nodes, and what ten times as many cost."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import ddnnsim
from ddnnsim.cli import LASTING_OBJECTS
from ddnnsim.deployment import Deployment
from ddnnsim.experiment import deploy
from ddnnsim.progress import silent
from ddnnsim.scenario import Scenario, dump
from ddnnsim.sim import simulate
from ddnnsim.sources import network_behind

pytestmark = pytest.mark.benchmark

ROUNDS = 3
CITY = Path(__file__).parents[2] / "scenarios" / "city.yaml"
CELLS = ({"kind": "tree", "fan_out": [50, 19]}, {"kind": "tree", "fan_out": [500, 19]})
RINGS = tuple({"kind": "ring", "edges": edges, "devices": 1} for edges in (500, 5000))
"""Ways of up to half as many links."""
MESHES = tuple({"kind": "scale_free", "nodes": nodes, "links": 2} for nodes in (1000, 10_000))
"""Without groups: every node and every link is an entry of its own."""
PLANES = tuple(
    {"kind": "geometric", "nodes": nodes, "area": "100 km", "radius": radius, "seed": 1}
    for nodes, radius in ((1000, "4.7 km"), (10_000, "1.5 km"))
)


def loaded(graph: dict[str, Any], edges: int = 50, more: Mapping[str, Any] = MappingProxyType({})) -> Scenario:
    roles: dict[str, Any] = {}
    if graph["kind"] in ("scale_free", "geometric"):
        roles = {"cloud": {"most": "degree"}, "edge": {"most": "degree", "count": edges}, "device": "rest"}
    exits = {"exits": {"cloud": {}}, "model.exits": {"cloud": {"accuracy": 1.0}}}
    dedicated = {"topology.defaults.link_from": {"device": {"preset": "lte"}}}
    changes = {"topology.graph": graph, "topology.roles": roles, "configuration": "e", "workload.capture": "joint"}
    return ddnnsim.load(CITY, changes | exits | dedicated | dict(more))


def planned(graph: dict[str, Any], edges: int = 50) -> Deployment:
    scenario = loaded(graph, edges)
    network = network_behind(scenario, silent, None)
    return deploy(scenario, network.raw_bytes(), network.profiles())


@pytest.mark.parametrize(
    ("graphs", "edges"),
    [(CELLS, (50, 500)), (RINGS, (500, 5000)), (MESHES, (50, 50)), (MESHES, (50, 500)), (PLANES, (50, 50))],
    ids=["cells", "rings", "meshes", "meshes of many edges", "planes"],
)
def test_ten_thousand_nodes(graphs, edges, capsys) -> None:
    gc.set_threshold(LASTING_OBJECTS)  # as on the command line
    planned({"kind": "tree", "fan_out": [2, 2]})  # imports
    took_s: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for graph, count, times in zip(graphs, edges, took_s, strict=True):
            began = time.process_time()
            deployment = planned(graph, count)
            times.append(time.process_time() - began)
    few, many = map(min, took_s)
    with capsys.disabled():
        size = f"{len(deployment.machines):,} nodes, {len(deployment.links):,} directed links"
        print(f"\n{size}: {many:.1f} s; a tenth of them: {few:.2f} s")
    assert many < 5
    assert many < 25 * few, "ten times as many nodes should cost about ten times as much"


def test_what_is_made_of_many_nodes_is_read_again(tmp_path, capsys) -> None:
    scenario = loaded({"kind": "scale_free", "nodes": 10_000, "links": 5})
    began = time.process_time()
    (tmp_path / "s.yaml").write_text(dump(scenario))
    written = time.process_time()
    assert ddnnsim.load(tmp_path / "s.yaml") == scenario
    with capsys.disabled():
        size = (tmp_path / "s.yaml").stat().st_size >> 20
        print(f"\n{size} MiB: written in {written - began:.1f} s, read in {time.process_time() - written:.1f} s")


def test_groups_that_choose_their_edges_by_rule(capsys) -> None:
    cells = {"topology.graph": {"kind": "tree", "fan_out": [400, 19]}}
    names = ddnnsim.load(CITY, cells).placement.groups
    groups = {name: {"devices": [f"{name}-device"], "edge": {"nearest": "all"}} for name in names}
    began = time.process_time()
    scenario = ddnnsim.load(CITY, cells | {"placement": {"groups": groups}, "exits.local.at": {n: n for n in names}})
    took_s = time.process_time() - began
    assert [group.edge for group in scenario.placement.groups.values()] == list(names)
    with capsys.disabled():
        print(f"\n{len(names)} groups by rule: {took_s:.1f} s")
    assert took_s < 10


def test_routes_that_may_change_where_no_link_is_fair(capsys) -> None:
    graph = {"kind": "tree", "fan_out": [200, 19]}
    scenario = loaded(graph, more={"recovery": {"reroute": True}, "workload.requests": 1})
    network = network_behind(scenario, silent, None)
    deployment = deploy(scenario, network.raw_bytes(), network.profiles())
    began = time.process_time()
    simulate(deployment, network.oracle())
    took_s = time.process_time() - began
    with capsys.disabled():
        print(f"\none request among {len(deployment.machines):,} nodes: {took_s:.1f} s")
    assert took_s < 2
