"""Where sections and exits are: each level on the nodes of its tier, exits where the scenario places them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ddnnsim.network import Network, network_of
from ddnnsim.numbers import numbered_costs
from ddnnsim.profile import Profiles, section_profiles
from ddnnsim.scenario import Finding, Model, NumberedModel

if TYPE_CHECKING:
    from ddnnsim.scenario import Scenario


def section_machines(scenario: Scenario, network: Network) -> list[list[str]]:
    """Return by level the machine of each section of *network*."""
    if scenario.configuration == "a":
        (cloud,) = scenario.of_tier("cloud")
        return [[cloud] * level.sections for level in network.levels]
    machines = {
        "device": scenario.devices(),
        "edge": [group.edge for group in scenario.placement.groups.values()] or scenario.of_tier("edge"),
        "cloud": scenario.of_tier("cloud"),
    }
    return [machines[level.name] for level in network.levels]


def exit_machines(scenario: Scenario, network: Network) -> list[str]:
    """Return the machine of each exit of *network*."""
    places = [(scenario.exits[exit_.key].at, exit_.group) for exit_ in network.exits]
    return [at if isinstance(at, str) else at[str(group)] for at, group in places]


def stand_ins(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return by machine who stands in for it, the first choice first; nobody for a device: it senses."""
    devices = set(scenario.devices())
    found: dict[str, tuple[str, ...]] = {}
    for node, names in scenario.recovery.failover.items():
        others = tuple(scenario.machines_of(names))
        for machine in scenario.machines_of(node):
            if machine not in devices:
                found[machine] = found.get(machine, ()) + others
    return found


def built_in_memory_findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield the same as `memory_findings` for sections of blocks or numbers: those of a user have to be built."""
    if isinstance(scenario.model, Model):
        yield from memory_findings(scenario, section_profiles(network_of(scenario)))
    elif isinstance(scenario.model, NumberedModel):
        yield from memory_findings(scenario, numbered_costs(network_of(scenario), scenario.model))


def memory_findings(scenario: Scenario, profiles: Profiles) -> Iterator[Finding]:
    """Yield the entries of nodes whose memory has no room for the parameters of the sections on them."""
    needed = parameter_bytes(scenario, network_of(scenario), profiles)
    for entry, node in scenario.topology.nodes.items():
        most = max(needed.get(machine, 0) for machine in scenario.machines_of(entry))
        if node.memory_bytes is not None and most > node.memory_bytes:
            what = f"the sections on {entry!r} have {most:,} bytes of parameters, more than its memory"
            path = ("topology", "nodes", entry, "memory")
            yield Finding(path, what, f"give it {most} B, or its sections fewer filters")


def missing_bytes(scenario: Scenario, profiles: Profiles) -> int:
    """Return how many bytes of parameters there are in all more than the memories of their nodes have room for."""
    needed = parameter_bytes(scenario, network_of(scenario), profiles)
    room = {
        machine: node.memory_bytes
        for entry, node in scenario.topology.nodes.items()
        if node.memory_bytes is not None
        for machine in scenario.machines_of(entry)
    }
    return sum(max(needed.get(machine, 0) - memory_bytes, 0) for machine, memory_bytes in room.items())


def parameter_bytes(scenario: Scenario, network: Network, profiles: Profiles) -> dict[str, int]:
    """Return by machine the size of the parameters of the sections on it, and of those that may come to be there."""
    needed: dict[str, int] = {}
    others = stand_ins(scenario)
    for of_level, profile_of in zip(section_machines(scenario, network), profiles, strict=True):
        for machine, profile in zip(of_level, profile_of, strict=True):
            for at in (machine, *others.get(machine, ())):
                needed[at] = needed.get(at, 0) + profile.parameter_bytes
    return needed
