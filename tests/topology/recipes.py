"""A scenario around a topology that is made, for what the tests ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ddnnsim
from ddnnsim.scenario import Scenario, Topology

LINK = {"link": {"rate": "1 Gbit/s", "delay": "1 ms"}}
BY_DISTANCE = {"link": {"rate": "1 Gbit/s", "delay": "distance"}}
TWO_TIERS = {"cloud": {"most": "degree"}, "device": "rest"}


def around(topology: Mapping[str, Any], configuration: str = "a", **more: Any) -> dict[str, Any]:
    """Return a scenario of a model by numbers over *topology*, with no exit below the cloud's."""
    levels = ("device", "edge", "cloud") if configuration in "def" else ("device", "cloud")
    sections = {level: {"operations": "1 MFLOP", "features": "140 B"} for level in levels}
    del sections["cloud"]["features"]
    return {
        "name": "made",
        "configuration": configuration,
        "data": {"source": "numbers", "raw": "1 kB"},
        "model": {"sections": sections, "exits": {"cloud": {"accuracy": 1.0}}},
        "topology": topology,
        "exits": {"cloud": {}},
        "workload": {"arrivals": "periodic", "every": "1 s", "requests": 2},
    } | more


def made(
    graph: Mapping[str, Any],
    roles: Mapping[str, Any] | None = None,
    defaults: Mapping[str, Any] = LINK,
    configuration: str = "a",
    **more: Any,
) -> Scenario:
    """Return the scenario that is loaded where *graph* is to be made."""
    topology = {"graph": graph, "roles": roles or {}, "defaults": defaults} | more
    return ddnnsim.load(around(topology, configuration))


def ends(topology: Topology) -> set[tuple[str, str]]:
    """Return what is joined with what: from and to, groups expanded."""
    return {(link.source, link.target) for link in topology.directed_links() if link.direction == "up"}


def tiers(topology: Topology) -> dict[str, str]:
    """Return the tier of each machine."""
    return {name: node.tier for name, node in topology.machines().items()}
