"""Places by rule: the nearest, the quickest or the most central of some nodes, in the place of a node's name.

Rules are followed once, when a scenario is loaded, from the bottom up; past it there are names alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from math import inf
from typing import Any, NamedTuple

from ddnnsim.routing import Edge, Router

from .configuration import configuration_of
from .defaults import placed, section, sound_duration_ns, with_defaults
from .direction import is_directed
from .document import Keys, Raw
from .finding import Finding
from .names import Entries, device_groups, entries, machines_named, machines_of_tier
from .placement import RULES
from .spots import Spot, all_candidates, at_keys, candidate_findings, candidates, searched_keys, spots, with_value
from .units import COMPUTE, QuantityError
from .wording import did_you_mean, listed


class Placed(NamedTuple):
    """A scenario with a name at every place that has a rule, or is searched for and has nothing yet."""

    data: dict[str, Any]
    findings: tuple[Finding, ...]
    """What is wrong with the rules."""


def with_places(data: dict[str, Any]) -> Placed:
    """Return *data*, defaults filled in, with a node's name for each rule; a search begins with its first nodes."""
    findings: list[Finding] = []
    named, ground = data, _Ground(data)
    for spot in spots(data):
        said, name = at_keys(named, spot.keys), None
        if _is_rule(said, spot):
            rule = _Rule(named, spot, said, ground)
            wrong = list(rule.findings())
            findings += wrong
            name = rule.stand_in() if wrong else rule.choice()
        elif said is None and isinstance(at_keys(named, spot.keys[:-1] or ()), dict):
            name = _first_searched(named, spot, ground.nodes)
        if name is not None:
            named = with_value(named, spot.keys, name)
    return Placed(data if named is data else with_defaults(named), tuple(findings))


def _first_searched(data: dict[str, Any], spot: Spot, nodes: Entries) -> str | None:
    """Return the first of the candidates of a search for *spot* that is free; None where there are none."""
    said = at_keys(data, searched_keys(spot))
    return next(iter(_not_taken(data, spot, candidates(data, nodes, spot, said))), None)


def _not_taken(data: dict[str, Any], spot: Spot, names: Sequence[str]) -> list[str]:
    """Return those of *names* that no other group has, where *spot* is that of one."""
    taken = set(placed(data)["edge"] if spot.of_group else ())
    return [name for name in names if name not in taken]


def _is_rule(said: Raw, spot: Spot) -> bool:
    """Return whether *said* is a rule; a mapping at an exit may be one of groups, which others refuse."""
    return isinstance(said, dict) and (spot.keys[0] == "placement" or not said.keys().isdisjoint(RULES))


class _Rule:
    """What is said of one place."""

    def __init__(self, data: dict[str, Any], spot: Spot, said: dict[str, Raw], ground: _Ground) -> None:
        self.data = data
        self.spot = spot
        self.said = said
        self.ground = ground
        self.nodes = ground.nodes

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with it."""
        keys = self.spot.keys
        if section(self.data, "placement", "search"):
            yield Finding(keys, "a rule beside a search", "name a node, or search for it, too", at_key=True)
        unknown = [key for key in self.said if key not in RULES]
        for key in unknown:
            yield Finding((*keys, key), f"unknown rule {key!r}", did_you_mean(key, RULES), at_key=True)
        if not unknown and len(self.said) != 1:
            yield Finding(keys, "not one rule", f"write {listed(RULES, last='or')}, and among which nodes")
        elif not unknown:
            wrong = list(candidate_findings(self.data, self.nodes, self.spot, self._keys))
            yield from wrong
            if not wrong and not self._free:
                yield Finding(self._keys, "no node is left for it", "name more nodes")

    def choice(self) -> str:
        """Return the node that it comes to: of equals the first."""
        measure = {"nearest": self._nearness, "most_compute": self._slowness, "central": self._remoteness}
        return min(self._free, key=measure[next(iter(self.said))])

    def stand_in(self) -> str | None:
        """Return a node, so that nothing follows from a faulty rule; None where there is none."""
        return next(iter(_not_taken(self.data, self.spot, all_candidates(self.data, self.nodes, self.spot))), None)

    @property
    def _keys(self) -> Keys:
        return (*self.spot.keys, *self.said)

    @cached_property
    def _free(self) -> list[str]:
        names = candidates(self.data, self.nodes, self.spot, next(iter(self.said.values())))
        return _not_taken(self.data, self.spot, names)

    def _nearness(self, name: str) -> tuple[int, int]:
        if self.spot.group is not None:
            return self.ground.distances_of_groups(name)[self.spot.group]
        return self.ground.distance(name, self._senders)

    def _remoteness(self, name: str) -> tuple[int, int]:
        return self.ground.distance(name, self.ground.numbers)

    def _slowness(self, name: str) -> tuple[float, int]:
        node = section(self.data, "topology", "nodes", self.ground.owners[name])
        try:
            compute: float = inf if node.get("compute") is None else COMPUTE.read(node["compute"])
        except QuantityError:  # the schema tells it
            compute = 0
        servers = node.get("servers", 1)
        return -compute, -servers if isinstance(servers, int) else 0

    @cached_property
    def _senders(self) -> tuple[str, ...]:
        """Return the machines whose sections send to the place of no group, where those below have been placed."""
        configuration = configuration_of(self.data)
        edged = self.spot.above_edges and configuration is not None and "edge" in configuration.levels
        return machines_of_tier("edge" if edged else "device", entries(self.data))


class _Ground:
    """What rules choose among and measure, whatever they come to: machines, groups of devices, ways.

    Each machine that comes into question is searched for once, and all groups have their distances from that.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.distances_of_groups = cache(self._distances_of_groups)

    @cached_property
    def nodes(self) -> Entries:
        """Return the entries of nodes; who of them is spare may have changed since."""
        return entries(self.data)

    @cached_property
    def owners(self) -> dict[str, str]:
        """Return by machine its entry."""
        return {machine: name for name, entry in self.nodes.items() for machine in entry.machines}

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Return by machine its number."""
        machines = (machine for entry in self.nodes.values() for machine in entry.machines)
        return {machine: number for number, machine in enumerate(machines)}

    def distance(self, name: str, senders: Iterable[str]) -> tuple[int, int]:
        """Return how many of *senders* have no way to *name*, and the sum of the delays from the others."""
        return _away(self._router.delays_to(self.numbers[name]), [self.numbers[sender] for sender in senders])

    def _distances_of_groups(self, name: str) -> dict[str, tuple[int, int]]:
        """Return by group the distance of its devices to *name*."""
        delay_to = self._router.delays_to(self.numbers[name])
        return {group: _away(delay_to, senders) for group, senders in self._groups.items()}

    @cached_property
    def _groups(self) -> dict[str, list[int]]:
        groups = device_groups(self.data, self.nodes)
        return {group: [self.numbers[name] for name in dict.fromkeys(names)] for group, names in groups.items()}

    @cached_property
    def _router(self) -> Router:
        number, edges = self.numbers, list[Edge]()
        for link in section(self.data, "topology", "links").values():
            fields = section(link)
            up, down = (_delay_ns(fields.get("delay"), direction) for direction in ("up", "down"))
            for a in machines_named(fields.get("from"), self.nodes):
                for b in machines_named(fields.get("to"), self.nodes):
                    edges += [_edge(number[a], number[b], up), _edge(number[b], number[a], down)]
        return Router(edges, "delay")


def _away(delay_to: Callable[[int], int | None], senders: Iterable[int]) -> tuple[int, int]:
    """Return how many of *senders* have no way, and the sum of the delays from the others."""
    delays = [delay_to(sender) for sender in senders]
    return delays.count(None), sum(filter(None, delays))


def _delay_ns(said: Raw, direction: str) -> int:
    """Return the delay of *direction*; 0 for what is none, which is a fault by itself."""
    return sound_duration_ns(said.get(direction) if is_directed(said) else said) or 0


def _edge(source: int, target: int, delay_ns: int) -> Edge:
    return Edge(source, target, 1, delay_ns, None, 0, 0)
