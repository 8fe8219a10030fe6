"""An overview of a scenario before it runs: what is where, what joins it, and what a request alone would take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.network import network_of
from ddnnsim.placement import exit_machines, parameter_bytes, section_machines
from ddnnsim.probe import probes
from ddnnsim.profile import raw_bytes
from ddnnsim.rollout import deploy, times_asked_for
from ddnnsim.scenario import RawEncoding, searched_places
from ddnnsim.scenario.units import COMPUTE, DURATION, RATE
from ddnnsim.sources import network_behind
from ddnnsim.story import parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ddnnsim.dnn.given import Given
    from ddnnsim.dnn.trained import Trained
    from ddnnsim.network import Network
    from ddnnsim.numbers import Numbered
    from ddnnsim.profile import Profiles
    from ddnnsim.scenario import DirectedLink, Scenario
    from ddnnsim.trace import Trace

NS_PER_MS = 1e6


@dataclass(frozen=True)
class NodeRow:
    """A machine."""

    name: str
    entry: str
    """Its name, or that of its group, in the scenario."""
    tier: str
    runs: tuple[str, ...]
    """What is on it, such as `edge section` and `local exit`."""
    compute: str
    """Of a server; empty where work takes no time or what the node says."""
    parameter_bytes: int
    """Of the sections on it and of those that may come to be there."""
    memory_bytes: int | None

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return what is on it, of whatever group: `local exit` for `local.north exit`."""
        return tuple(re.sub(r"\.\S+", "", run) for run in self.runs)


@dataclass(frozen=True)
class LinkRow:
    """A link between two machines, both directions."""

    link: str
    """Its name in the scenario."""
    source: str
    target: str
    rate: str
    """At the start, as `up / down` where they differ; `trace` where a file tells it."""
    delay: str
    delays_ns: tuple[int, int]
    """Up and down."""


@dataclass(frozen=True)
class ExitRow:
    """What a request alone in the network takes, from its capture on, if it leaves at this exit."""

    name: str
    node: str
    device: str | None
    """Whose view alone the request has, where each capture is one; None: it has those of all."""
    latency_ms: float
    parts_ms: dict[str, float]
    """They add up to the latency."""
    bytes_per_device: float
    """What a device puts on its first hop for each view that it captures."""
    carried_bytes: int
    """Over all hops, without headers."""


@dataclass(frozen=True)
class LevelRow:
    """What a section of a level costs; the greatest of its sections."""

    level: str
    sections: int
    parameter_bytes: int
    summary_bytes: int
    features_bytes: int


@dataclass(frozen=True)
class Overview:
    """A scenario as it is placed."""

    name: str
    configuration: str
    nodes: tuple[NodeRow, ...]
    links: tuple[LinkRow, ...]
    exits: tuple[ExitRow, ...]
    levels: tuple[LevelRow, ...]
    searched: tuple[str, ...]
    """The places that a run searches for first: here they are the first of their candidates."""


def overview(scenario: Scenario) -> Overview:
    """Return the overview of *scenario*; nothing is trained for it, but where nodes ask for measured times.

    Raises UserError where it cannot be deployed.
    """
    searched = tuple(place.path for place in searched_places(scenario))
    placement = scenario.placement.model_copy(update={"search": None})
    scenario = scenario.model_copy(update={"placement": placement})
    behind, network = network_behind(scenario), network_of(scenario)
    profiles = behind.profiles()
    return Overview(
        name=scenario.name,
        configuration=scenario.configuration,
        nodes=tuple(_nodes(scenario, network, profiles)),
        links=tuple(_links(scenario)),
        exits=tuple(_exits(scenario, network, behind)),
        levels=tuple(_levels(network, profiles)),
        searched=searched,
    )


def _nodes(scenario: Scenario, network: Network, profiles: Profiles) -> Iterator[NodeRow]:
    runs: dict[str, list[str]] = {}
    for level, machines in zip(network.levels, section_machines(scenario, network), strict=True):
        for machine in dict.fromkeys(machines):
            runs.setdefault(machine, []).append(f"{level.name} section")
    for exit_, machine in zip(network.exits, exit_machines(scenario, network), strict=True):
        runs.setdefault(machine, []).append(f"{exit_.name} exit")
    needed = parameter_bytes(scenario, network, profiles)
    for entry, node in scenario.topology.nodes.items():
        compute = "" if node.compute_ops is None else COMPUTE.text(node.compute_ops)
        for machine in scenario.machines_of(entry):
            on_it = tuple(runs.get(machine, ()))
            yield NodeRow(machine, entry, node.tier, on_it, compute, needed.get(machine, 0), node.memory_bytes)


def _links(scenario: Scenario) -> Iterator[LinkRow]:
    directed = scenario.topology.directed_links()
    for up, down in zip(directed[::2], directed[1::2], strict=True):
        rate = _either(_rate(up), _rate(down))
        delay = _either(DURATION.text(up.delay_ns), DURATION.text(down.delay_ns))
        yield LinkRow(up.link, up.source, up.target, rate, delay, (up.delay_ns, down.delay_ns))


def _rate(link: DirectedLink) -> str:
    return "trace" if link.rate_bps is None else RATE.text(link.rate_bps)


def _either(up: str, down: str) -> str:
    return up if up == down else f"{up} / {down}"


def _exits(scenario: Scenario, network: Network, behind: Trained | Given | Numbered) -> Iterator[ExitRow]:
    one = scenario.model_copy(update={"workload": scenario.workload.model_copy(update={"requests": 1})})
    times = times_asked_for(scenario, behind)
    deployment = deploy(one, _view_bytes(scenario, behind), behind.profiles(), times)
    places = exit_machines(scenario, network)
    alone = probes(deployment, scenario.workload.capture, "messages")
    for exit_, at, probe in zip(network.exits, places, alone, strict=True):
        table = parts(probe.trace)
        yield ExitRow(
            name=exit_.name,
            node=at,
            device=probe.device,
            latency_ms=probe.latency_ns / NS_PER_MS,
            parts_ms={
                name.removesuffix("_ns"): int(table[name][0]) / NS_PER_MS for name in table if name.endswith("_ns")
            },
            bytes_per_device=probe.bytes_per_device,
            carried_bytes=_carried(probe.trace),
        )


def _view_bytes(scenario: Scenario, behind: Trained | Given | Numbered) -> NDArray[np.int64]:
    """Return the sizes of views as they are; only encoded ones have to be looked at."""
    if isinstance(scenario.data.encoding, RawEncoding):
        return np.full((1, len(scenario.devices())), raw_bytes(scenario.data.view_shape))
    return behind.raw_bytes()


def _carried(trace: Trace) -> int:
    return sum(int(trace.links[f"{kind}_bytes"].sum()) for kind in trace.names["kind"])


def _levels(network: Network, profiles: Profiles) -> Iterator[LevelRow]:
    for level, costs in zip(network.levels, profiles, strict=True):
        features = 0 if level is network.levels[-1] else max(cost.features_bytes for cost in costs)
        parameters = max(cost.parameter_bytes for cost in costs)
        summary = max(cost.summary_bytes for cost in costs)
        yield LevelRow(level.name, len(costs), parameters, summary, features)
