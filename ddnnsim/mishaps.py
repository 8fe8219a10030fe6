"""From the faults of a scenario to faults as an engine needs them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim import faults
from ddnnsim.durations import distribution_of
from ddnnsim.scenario import fault as said

if TYPE_CHECKING:
    import networkx as nx

    from ddnnsim.scenario import Scenario
    from ddnnsim.scenario.places import Places

PPB = 10**9
"""Parts of a share."""
Effect = faults.Crash | faults.Outage | faults.Slowdown | faults.Degradation | faults.Misreading
Spells = faults.Given | faults.Periodic | faults.Drawn | faults.Consequence


def faults_of(scenario: Scenario, graph: nx.DiGraph[str]) -> tuple[faults.Fault, ...]:
    """Return the faults of *scenario*, causes before their consequences; ids are positions in *graph*.

    A fault of each victim by itself is one for each of them, called NAME/VICTIM; so are its consequences.
    """
    mishaps = _Mishaps(scenario, graph)
    for fault in scenario.faults:
        mishaps.add(fault)
    return tuple(mishaps.made)


class _Victims(NamedTuple):
    """Who is hit by the same spells."""

    suffix: str
    """Of the fault's name."""
    machines: tuple[int, ...]
    links: tuple[int, ...]


class _Mishaps:
    """The faults that have been made so far."""

    def __init__(self, scenario: Scenario, graph: nx.DiGraph[str]) -> None:
        self.made: list[faults.Fault] = []
        self.scenario = scenario
        self.machines = {name: number for number, name in enumerate(graph.nodes)}
        self.links = {ends: number for number, ends in enumerate(graph.edges)}

    @cached_property
    def places(self) -> Places:
        """Return what faults may hit: it is looked for when there is one."""
        return self.scenario.topology.places()

    @cached_property
    def devices(self) -> frozenset[str]:
        """Return the nodes that sense."""
        return frozenset(self.scenario.devices())

    def add(self, fault: said.OwnSpells) -> None:
        """Make *fault*, and all that follows from it."""
        for victims in self.victims(fault):
            self.make(fault, own_spells(fault), victims, "")

    def make(self, fault: said.OwnSpells | said.Following, spells: Spells, victims: _Victims, suffix: str) -> None:
        """Make *fault* in *spells*, and all that follows from it; *suffix* is that of its cause."""
        suffix += victims.suffix
        cause = len(self.made)
        made = faults.Fault(
            fault.name + suffix, effect_of(fault), spells, victims.machines, victims.links, fault.chance
        )
        self.made.append(made)
        for consequence in fault.then:
            length = None if consequence.length is None else distribution_of(consequence.length)
            follows = faults.Consequence(cause, distribution_of(consequence.after), length)
            for of_consequence in self.victims(consequence):
                self.make(consequence, follows, of_consequence, suffix)

    def victims(self, fault: said.OwnSpells | said.Following) -> Iterator[_Victims]:
        """Yield those that are hit together: all victims, or each by itself (the directions of a link together)."""
        assert isinstance(fault, said.Effect)
        match fault:
            case said.Crash() | said.Slowdown() | said.Misreading():
                hit = self.hit_machines(fault)
                parts = {name: [name] for name in hit} if fault.each else {"": hit}
                yield from (_Victims(f"/{name}" * bool(name), self.ids(part), ()) for name, part in parts.items())
            case said.Outage() | said.Degradation() | said.Partition():
                ends = self.hit_links(fault)
                links = _by_link(ends) if fault.each else {"": ends}
                for name, of_link in links.items():
                    numbers = tuple(sorted(self.links[pair] for pair in of_link))
                    yield _Victims(f"/{name}" * bool(name), (), numbers)

    def ids(self, machines: list[str]) -> tuple[int, ...]:
        """Return the positions of *machines*, ascending."""
        return tuple(sorted(self.machines[name] for name in machines))

    def hit_machines(self, fault: said.Crash | said.Slowdown | said.Misreading) -> list[str]:
        """Return the machines that *fault* names, each once; of sensors those that sense."""
        named = dict.fromkeys(machine for name in fault.victims for machine in self.places.machines_of(name))
        return [name for name in named if name in self.devices or not isinstance(fault, said.Misreading)]

    def hit_links(self, fault: said.Outage | said.Degradation | said.Partition) -> list[tuple[str, str]]:
        """Return the directions of links that *fault* names, each once."""
        if isinstance(fault, said.Partition):
            return list(
                self.places.between(machine for name in fault.victims for machine in self.places.machines_of(name))
            )
        return list(dict.fromkeys(ends for name in fault.victims for ends in self.places.directions_of(name)))


def own_spells(fault: said.OwnSpells) -> Spells:
    """Return when *fault* is in force."""
    if fault.at_ns is not None:
        assert fault.length_ns is not None
        return faults.Given(tuple((at_ns, at_ns + fault.length_ns) for at_ns in fault.at_ns))
    assert fault.from_ns is not None
    if fault.every_ns is not None:
        assert fault.length_ns is not None
        return faults.Periodic(fault.from_ns, fault.every_ns, fault.length_ns, fault.until_ns)
    if fault.mtbf is not None:
        assert fault.mttr is not None
        return faults.Drawn(fault.from_ns, distribution_of(fault.mtbf), distribution_of(fault.mttr), fault.until_ns)
    return faults.Given(((fault.from_ns, fault.until_ns),))


def effect_of(fault: said.OwnSpells | said.Following) -> Effect:
    """Return what *fault* does to its victims."""
    match fault:
        case said.Crash():
            return faults.Crash(fault.work)
        case said.Outage() | said.Partition():
            return faults.Outage(fault.work)
        case said.Slowdown():
            return faults.Slowdown(round(fault.speed * PPB))
        case said.Degradation():
            return faults.Degradation(round(fault.rate * PPB), fault.delay_ns, fault.loss)
        case said.Misreading():
            return faults.Misreading(fault.kind, fault.level or 0.0)
    raise TypeError(fault)


def _by_link(ends: list[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """Return *ends* of directions by the link that they are of, called 'a<>b'; a direction alone is 'a>b'."""
    named: dict[str, list[tuple[str, str]]] = {}
    for source, target in ends:
        if (target, source) not in ends:
            named[f"{source}>{target}"] = [(source, target)]
        elif f"{target}<>{source}" not in named:
            named[f"{source}<>{target}"] = [(source, target), (target, source)]
    return named
