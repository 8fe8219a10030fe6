"""The way of a message: as planned, or the best of those that are known to be whole."""

from __future__ import annotations

from ddnnsim.deployment import Deployment, Link

from .courses import serialisation_ns, up
from .knowledge import Knowledge

Cost = tuple[int, int, tuple[int, ...]]


class Routes:
    def __init__(self, deployment: Deployment, knowledge: Knowledge) -> None:
        self.d = deployment
        self._knowledge = knowledge

    def find(self, source: int, target: int, size_bytes: int) -> list[int] | None:
        """Return the links of the route in force for so many bytes, where there is one."""
        nodes, links = self._knowledge.down
        if not self.d.recovery.reroute or not (nodes or links):
            return list(self.d.route(source, target, size_bytes))
        return best(self.d, source, target, size_bytes, nodes, links)


def best(
    deployment: Deployment,
    source: int,
    target: int,
    size_bytes: int,
    nodes: frozenset[int] = frozenset(),
    links: frozenset[int] = frozenset(),
) -> list[int] | None:
    """Return the best of all ways that avoid *nodes* and *links*, where there is one."""
    found: list[tuple[tuple[int, ...], list[int]]] = []

    def walk(at: int, way: list[int], been: set[int]) -> None:
        if at in nodes:
            return
        if at == target:
            found.append((_cost(deployment, way, size_bytes), way))
            return
        for k, link in enumerate(deployment.links):
            if link.source == at and link.target not in been and k not in links:
                walk(link.target, [*way, k], been | {link.target})

    walk(source, [], {source})
    return min(found)[1] if found else None


def _cost(deployment: Deployment, way: list[int], size_bytes: int) -> tuple[int, ...]:
    links = [deployment.links[k] for k in way]
    delays = sum(delay_ns(link) for link in links)
    match deployment.routing:
        case "delay":
            return (delays, len(way))
        case "hops":
            return (len(way), delays)
        case "transfer":
            return (delays + sum(transfer_ns(link, size_bytes) for link in links), len(way))


def delay_ns(link: Link) -> int:
    return link.delay_ns if link.delays is None else link.delays.values[0]


def transfer_ns(link: Link, size_bytes: int) -> int:
    rates = (link.rate_bps,) if link.rates is None else link.rates.values
    rate = next((r for r in rates if r > 0), 1)
    packets = 0 if size_bytes == 0 else 1 if link.mtu_bytes is None else up(size_bytes, link.mtu_bytes)
    return serialisation_ns(size_bytes + packets * link.header_bytes, rate) + packets * link.overhead_ns
