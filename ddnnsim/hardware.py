"""From the nodes and links of a graph to machines, links and channels as an engine needs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ddnnsim.deployment import Batching, Channel, Link, Loss, Machine, Memory, Power
from ddnnsim.durations import distribution_of

if TYPE_CHECKING:
    import networkx as nx

    from ddnnsim.distribution import Distribution
    from ddnnsim.scenario import Batch, DrawnDuration, LossModel


def machines_of(graph: nx.DiGraph[str], parameter_bytes: Mapping[str, int]) -> tuple[Machine, ...]:
    """Return the machines of *graph*, in its order; *parameter_bytes* are those of the sections on each."""
    return tuple(_machine(name, node, parameter_bytes.get(name, 0)) for name, node in graph.nodes(data=True))


def links_of(graph: nx.DiGraph[str]) -> tuple[tuple[Link, ...], tuple[Channel, ...]]:
    """Return the links of *graph*, in its order, and the channels that are shared, fair or limited."""
    ids = {name: number for number, name in enumerate(graph.nodes)}
    channels: dict[str, int] = {}
    made: list[Channel] = []
    links = []
    for source, target, edge in graph.edges(data=True):
        key = edge["link"] if edge["medium"] == "shared" else edge["name"]
        if key not in channels and (edge["medium"] == "shared" or edge["queue"] or edge["sharing"] == "fair"):
            channels[key] = len(made)
            made.append(_channel(edge))
        links.append(_link(edge, ids[source], ids[target], channels.get(key)))
    return tuple(links), tuple(made)


def batch_costs(batch: Batch) -> tuple[tuple[int, int], ...]:
    """Return by size less 1 what a batch takes of the sum of its jobs' services: 1 / its speed-up, exactly."""
    points = [(1, Fraction(1)), *(batch.speed_up or ())]
    costs = (1 / _between(points, size) for size in range(1, batch.limit + 1))
    return tuple((cost.numerator, cost.denominator) for cost in costs)


def _between(points: Sequence[tuple[int, Fraction]], size: int) -> Fraction:
    """Return the value at *size* of the line through *points*; beyond the last it stays."""
    for (left, low), (right, high) in pairwise(points):
        if size <= right:
            return low + (high - low) * Fraction(size - left, right - left)
    return points[-1][1]


def _machine(name: str, node: Mapping[str, Any], sections_bytes: int) -> Machine:
    batch, power, memory_bytes = node["batch"], node["power"], node["memory_bytes"]
    return Machine(
        name=name,
        tier=node["tier"],
        servers=node["servers"],
        queue_limit=node["queue_limit"],
        batching=None if batch is None else Batching(batch.limit, batch.wait_ns, batch_costs(batch)),
        memory=None if memory_bytes is None else Memory(memory_bytes, sections_bytes),
        power=None if power is None else Power(**dict(power), battery_fj=node["battery_fj"]),
    )


def _link(edge: Mapping[str, Any], source: int, target: int, channel: int | None) -> Link:
    return Link(
        name=edge["name"],
        source=source,
        target=target,
        rate_bps=edge["rate_bps"] if edge["rates"] is None else edge["rates"].values[0],
        delay_ns=edge["delay_ns"],
        channel=channel,
        rates=edge["rates"],
        delays=edge["delays"],
        jitter=_jitter(edge["jitter"]),
        loss=_loss(edge["loss"]),
        attempts=edge["attempts"],
        mtu_bytes=edge["mtu_bytes"],
        header_bytes=edge["header_bytes"],
        overhead_ns=edge["overhead_ns"],
    )


def _channel(edge: Mapping[str, Any]) -> Channel:
    messages, size_bytes = edge["queue"] or (None, None)
    return Channel(edge["sharing"], messages, size_bytes)


def _jitter(drawn: DrawnDuration | None) -> Distribution | None:
    """Return the distribution of a jitter; None where it is always 0."""
    return None if drawn in (None, ("constant", (0,))) else distribution_of(drawn)


def _loss(model: LossModel | None) -> Loss | None:
    """Return what is lost; None where nothing ever is."""
    if model is None or not (model.good or (model.bad and model.to_bad)):
        return None
    return Loss(model.good, model.bad, model.to_bad, model.to_good)
