"""How long the job of a section takes on the machine that it is on."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.durations import distribution_of
from ddnnsim.profile import Operations, Profiles
from ddnnsim.scenario import NumberedModel

if TYPE_CHECKING:
    import networkx as nx

    from ddnnsim.distribution import Distribution
    from ddnnsim.network import Network
    from ddnnsim.scenario import DrawnDuration, Scenario

NS_PER_S = 1_000_000_000
Times = Sequence[Sequence[int]]
"""By level, how long each section takes, in ns."""


class Service(NamedTuple):
    """How long a job takes."""

    fixed_ns: int
    """Where it is not drawn."""
    drawn: Distribution | None


class Speed(NamedTuple):
    """What a processor does in a second; None: it takes no time."""

    compute_ops: int | None
    binary_ops: int | None
    """That of `compute_ops` where a node does not tell the two apart."""


def service_ns(operations: Operations, speed: Speed) -> int:
    """Return how long *operations* take: ceil((number / compute + binary / binary speed) 10^9).

    What there is no speed for takes no time.
    """
    pairs = ((operations.number, speed.compute_ops), (operations.binary, speed.binary_ops))
    seconds = sum((Fraction(count, per_s) for count, per_s in pairs if per_s is not None), Fraction(0))
    return ceil(seconds * NS_PER_S)


class Services:
    """How long sections and decisions take on the machines of a graph."""

    def __init__(
        self,
        scenario: Scenario,
        network: Network,
        profiles: Profiles,
        graph: nx.DiGraph[str],
        section_times: Times | None,
    ) -> None:
        machines = scenario.topology.machines()
        self.nodes = [machines[name] for name in graph.nodes]
        self.speeds = [
            Speed(n["compute_ops"], n["compute_ops"] if n["binary_ops"] is None else n["binary_ops"])
            for _, n in graph.nodes(data=True)
        ]
        self.model = scenario.model
        self.network = network
        self.profiles = profiles
        self.section_times = section_times

    def of_decision(self, machine: int, operations: int) -> int:
        """Return how long a decision of so many *operations* takes on *machine*, in ns."""
        return service_ns(Operations(operations, 0), self.speeds[machine])

    def of_sections(self, machine: int, sections: Sequence[tuple[int, int]]) -> Service:
        """Return how long the one job of *sections*, by level and number, takes on *machine*.

        What the node gives comes first, then what it measures, then what a model by numbers tells, then operations.
        """
        node = self.nodes[machine]
        if node.service is not None:
            return _given(node.service)
        if node.measured is not None:
            assert self.section_times is not None, "a node asks for measured times"
            taken_ns = sum(self.section_times[level][number] for level, number in sections)
            return Service(round(taken_ns * node.measured), None)
        told = [self._told(level) for level, _ in sections]
        if told[0] is not None:
            parts = [_given(part) for part in told if part is not None]
            return parts[0] if len(parts) == 1 else Service(sum(part.fixed_ns for part in parts), None)
        operations = [self.profiles[level][number].operations for level, number in sections]
        everything = Operations(sum(o.number for o in operations), sum(o.binary for o in operations))
        return Service(service_ns(everything, self.speeds[machine]), None)

    def _told(self, level: int) -> DrawnDuration | None:
        """Return what a model given by numbers says of the service of a section of *level*."""
        model = self.model
        return model.sections[self.network.levels[level].name].service if isinstance(model, NumberedModel) else None


def _given(drawn: DrawnDuration) -> Service:
    """Return the service that a scenario says."""
    if drawn.family == "constant":
        return Service(int(drawn.parameters[0]), None)
    return Service(0, distribution_of(drawn))
