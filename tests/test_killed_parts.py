"""Every node and every link of every shipped scenario killed in turn: everything comes to an end, and is accounted for.

Networks are given by numbers here: what is killed is the same, and nothing is trained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ddnnsim
from ddnnsim.deployment import Deployment
from ddnnsim.experiment import place
from ddnnsim.metrics import summarize
from ddnnsim.network import network_of
from ddnnsim.rollout import deploy
from ddnnsim.scenario import Scenario, dump, load_scenario
from ddnnsim.scenario.document import parse_document
from ddnnsim.sim import simulate
from ddnnsim.sources import network_behind

SCENARIOS = Path(__file__).parents[1] / "scenarios"
SHIPPED = sorted(path.relative_to(SCENARIOS).with_suffix("").as_posix() for path in SCENARIOS.rglob("*.yaml"))
LARGE = ("hundred", "city", "zoo")
LEFT_OUT = {"city"} if find_spec("topohub") else {"city", "zoo"}
"""A thousand devices, one by one; topohub is not there."""
SMALL = ("configurations/b", "configurations/d", "paper/hierarchy/b", "paper/hierarchy/d")
QUICK = ("closed_loop", "configurations/a", "configurations/c", "configurations/e", "failover", "shared_cell", *SMALL)
REQUESTS = 12
REMEDIES: Mapping[str, Any] = {
    "recovery": {"fallback": "best_effort", "reroute": True, "delay": "10 ms", "cancel": True,
                 "retries": {"attempts": 2, "backoff": "20 ms"}},
}  # fmt: skip


def by_numbers(name: str) -> dict[str, Any]:
    """Return the shipped scenario *name* without faults of its own, its network by numbers, with few requests."""
    scenario = ddnnsim.load(SCENARIOS / f"{name}.yaml")
    if scenario.placement.search is not None:
        scenario = place(scenario).scenario
    data: dict[str, Any] = parse_document(dump(scenario), name).data
    for node in data["topology"]["nodes"].values():
        node.pop("measured", None)
    levels = [level.name for level in network_of(scenario).levels]
    below = {level: {"operations": "1 MFLOP", "features": "140 B"} for level in levels[:-1]}
    data["model"] = {
        "sections": below | {levels[-1]: {"operations": "1 MFLOP"}},
        "exits": {exit_: {"leave": 0.3, "accuracy": 0.9} for exit_ in data["exits"]},
    }
    data["model"]["exits"]["cloud"].pop("leave")
    for exit_ in data["exits"].values():
        for key in ("threshold", "rule", "temperature", "deadline"):
            exit_.pop(key, None)
    data["data"] = {"source": "numbers", "raw": "3072 B"}
    data["workload"] |= {"requests": REQUESTS, "order": "recorded"}
    return {key: value for key, value in data.items() if key not in ("faults", "recovery", "run", "sweep")}


class Killed:
    """A shipped scenario, run with parts of it dead from a third of its time on."""

    def __init__(self, name: str) -> None:
        self.data = by_numbers(name)
        whole = load_scenario(self.data)
        network = network_behind(whole)
        self.oracle, self.raw_bytes, self.profiles = network.oracle(), network.raw_bytes(), network.profiles()
        self.topology = whole.topology
        trace = simulate(self.deployed(whole), self.oracle)
        assert (trace.requests["fate"] == 0).all(), "all is answered where nothing fails"
        self.at = f"{trace.end_ns // 3} ns"

    def deployed(self, scenario: Scenario) -> Deployment:
        return deploy(scenario, self.raw_bytes, self.profiles)

    def parts(self) -> Iterator[dict[str, Any]]:
        """Yield a fault for each node and for each link."""
        yield from ({"crash": name} for name in self.topology.machines())
        pairs = {frozenset((link.source, link.target)): link for link in self.topology.directed_links()}
        yield from ({"outage": f"{link.source}<>{link.target}"} for link in pairs.values())

    def without(self, *parts: dict[str, Any], remedies: Mapping[str, Any]) -> int:
        """Kill *parts*, look at what becomes of all requests, messages and jobs, and return how many have no answer."""
        faults = [part | {"from": self.at} for part in parts]
        scenario = load_scenario(self.data | dict(remedies) | {"faults": faults})
        trace = simulate(self.deployed(scenario), self.oracle, record="messages")
        trace = trace.labelled(self.oracle.labels)
        summary = summarize(trace, 3072, dict.fromkeys(trace.names["exit"], 1.0))
        assert summary.fates["unfinished"] == 0, "all that is lost is known at once"
        assert summary.created == REQUESTS == summary.fates["answered"] + sum(summary.reasons.values())
        for table in ("messages", "hops", "executions"):
            outcomes = {trace.names["outcome"][code] for code in np.unique(trace.tables[table]["outcome"])}
            assert not outcomes & {"in_flight", "queued", "running"}, (table, outcomes)
        assert len(trace.tables["faults"]["from_ns"]) == sum(1 if "crash" in part else 2 for part in parts)
        return summary.fates["lost"]


@pytest.mark.parametrize("name", QUICK)
def test_any_part_killed(name: str) -> None:
    killed = Killed(name)
    lost = {next(iter(part.values())): killed.without(part, remedies={}) for part in killed.parts()}
    assert lost["cloud"] > 0


@pytest.mark.parametrize("name", SMALL)
def test_any_two_parts_killed(name: str) -> None:
    killed = Killed(name)
    for pair in combinations(killed.parts(), 2):
        killed.without(*pair, remedies=REMEDIES)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SHIPPED if name not in LEFT_OUT])
def test_any_part_of_any_scenario_killed(name: str) -> None:
    killed = Killed(name)
    for part in killed.parts():
        killed.without(part, remedies={})
        killed.without(part, remedies=REMEDIES)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SHIPPED if name not in LARGE])
def test_any_two_parts_of_any_but_the_largest_killed(name: str) -> None:
    killed = Killed(name)
    for pair in combinations(killed.parts(), 2):
        killed.without(*pair, remedies=REMEDIES)
