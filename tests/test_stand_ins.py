"""From a scenario's failover to who stands in for whom, how long it takes there, and what has to fit there."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from profiled import numbers

from ddnnsim.deployment import Deployment
from ddnnsim.errors import ScenarioError
from ddnnsim.experiment import load
from ddnnsim.network import network_of
from ddnnsim.numbers import numbered_costs
from ddnnsim.profile import decision_operations
from ddnnsim.recovery import StandIn
from ddnnsim.rollout import deploy
from ddnnsim.scenario import NumberedModel

S = 10**9


def planned(data: dict[str, Any]) -> Deployment:
    scenario = load(data)
    assert isinstance(scenario.model, NumberedModel)
    costs = numbered_costs(network_of(scenario), scenario.model)
    return deploy(scenario, np.full((8, len(scenario.devices())), 3072), costs)


def groups(**nodes: dict[str, str]) -> dict[str, Any]:
    """Return configuration (f), in which edge 2, then the gateway, stand in for edge 1; *nodes* have more."""
    data = numbers("f")
    of = data["topology"]["nodes"]
    del of["edge"]
    of |= {"edge1": {"tier": "edge"}, "edge2": {"tier": "edge"}}
    links = data["topology"]["links"]
    links |= {f"wan{k}": {"from": f"edge{k}", "to": "cloud", "rate": "1 Mbit/s"} for k in (1, 2)}
    del links["wan"]
    for name, more in nodes.items():
        of[name] |= more
    data["recovery"] = {"failover": {"edge1": ["edge2", "gate_n"]}}
    return data


def test_sections_and_exits_of_a_node_have_its_stand_ins():
    deployment = planned(groups(edge1={"compute": "20 MFLOP/s"}, edge2={"compute": "10 MFLOP/s"}))
    ids = {machine.name: number for number, machine in enumerate(deployment.machines)}
    sections = {section.name: section for section in deployment.sections}
    assert sections["edge1"].service_ns == S
    assert sections["edge1"].stand_ins == (StandIn(ids["edge2"], 2 * S), StandIn(ids["gate_n"], 0))
    assert [name for name, section in sections.items() if section.stand_ins] == ["edge1"]
    exits = {exit_.name: exit_ for exit_ in deployment.exits}
    assert [name for name, exit_ in exits.items() if exit_.stand_ins] == ["edge"]
    operations = decision_operations(network_of(load(groups())).exits[2].merge, 2, 10)
    assert exits["edge"].service_ns == operations * 50
    assert exits["edge"].stand_ins == (StandIn(ids["edge2"], operations * 100), StandIn(ids["gate_n"], 0))


def test_there_are_ways_between_all_places():
    deployment = planned(groups())
    names = [machine.name for machine in deployment.machines]
    ends = {(names[source], names[target]) for source, target in deployment.routes}
    assert ends >= set(permutations(("edge1", "edge2", "gate_n"), 2))  # summaries and orders of either edge
    assert ends >= {("north1", "edge2"), ("edge2", "cloud"), ("gate_n", "cloud"), ("edge2", "south1")}
    assert ("south1", "edge1") not in ends


def test_a_cloud_that_does_everything_has_a_stand_in_that_does():
    data = numbers("a")
    data["topology"]["nodes"]["spare"] = {"tier": "gateway", "compute": "100 MFLOP/s"}
    data["topology"]["links"]["other"] = {"from": "camera", "to": "spare", "rate": "1 Mbit/s"}
    data["recovery"] = {"failover": {"cloud": "spare"}}
    deployment = planned(data)
    cloud = deployment.sections[-1]
    assert cloud.service_ns * 10 == cloud.stand_ins[0].service_ns
    assert deployment.exits[0].stand_ins == (StandIn(3, None),), "an exit in the job of its section"


def test_a_stand_in_has_room_for_what_may_come():
    data = groups(edge2={"memory": "3 kB"})
    data["model"]["sections"]["edge"]["parameters"] = "1 kB"
    deployment = planned(data)
    (memory,) = [machine.memory for machine in deployment.machines if machine.memory is not None]
    assert (memory.size_bytes, memory.sections_bytes) == (3000, 2000)
    data["topology"]["nodes"]["edge2"]["memory"] = "1999 B"
    with pytest.raises(ScenarioError, match=r"the sections on 'edge2' have 2,000 bytes of parameters"):
        load(data)
