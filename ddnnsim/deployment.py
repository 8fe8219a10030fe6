"""The narrow waist: what an engine needs to know, in integers, ids and arrays.

Everything above knows scenario files, graphs and networks; an engine below knows a `Deployment`
and an oracle. Ids are positions in the tuples. Nothing here is optional for want of a value:
`None` says that there is no such thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ddnnsim.profile import decision_operations, raw_bytes, section_profiles
from ddnnsim.scenario import CloudExit, LocalExit
from ddnnsim.seeds import stream
from ddnnsim.topology import routes_between

if TYPE_CHECKING:
    import networkx as nx

    from ddnnsim.scenario import Scenario
    from ddnnsim.scenario import Workload as WorkloadSpec

REPLY_BYTES = 4
NS_PER_S = 1_000_000_000
MAX_NS = 2.0**63
"""Where the time of a run ends: 292 years."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A node: a place that forwards messages and, with sections or exits on it, does their jobs in FIFO order."""

    name: str
    tier: str
    servers: int
    """Jobs done at once."""


@dataclass(frozen=True, slots=True)
class Link:
    """One direction of a link: FIFO serialisation at `rate_bps`, then `delay_ns` of propagation."""

    name: str
    source: int
    target: int
    rate_bps: int
    delay_ns: int


@dataclass(frozen=True, slots=True)
class Section:
    """The layers of the network that one machine runs, or a sensor that sends what it sees as it is."""

    name: str
    level: int
    machine: int
    exit: int | None
    """The exit to which the summary (the scores) goes; None where no exit reads its scores: then its features
    go up as soon as they are there."""
    parent: int | None
    """The section to which the features go; None on the top level."""
    view: int | None
    """The view that this section senses; None above the device level."""
    service_ns: int
    summary_bytes: int
    features_bytes: int
    raw_bytes: tuple[int, ...] | None = None
    """By sample, the size of the view that it sends up at capture, as it is and without a job; None: it computes."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A classifier over sections of one level."""

    name: str
    level: int
    machine: int
    sections: tuple[int, ...]
    """The sections whose summaries it expects; also those that are told to escalate."""
    rule: Literal["entropy", "probability", "margin"]
    """It leaves when normalised entropy is below the threshold, or highest probability or margin above."""
    threshold: float | None
    """None: the last exit, which always answers."""
    service_ns: int | None
    """Time of its decision job; None: part of the job of its only section, which is on the same machine."""
    control_bytes: int
    """Size of the order to escalate."""
    coordinator: int | None = None
    """The exit at whose machine the verdicts of all exits of this level meet: there the order to escalate is given
    when all say no. None: it orders its own sections."""


@dataclass(frozen=True, slots=True)
class Workload:
    """When which sample is captured: parallel arrays, (requests,), in order of time."""

    captured_ns: NDArray[np.int64]
    samples: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Deployment:
    """Sections and exits placed on machines, joined by links, under a workload."""

    machines: tuple[Machine, ...]
    links: tuple[Link, ...]
    sections: tuple[Section, ...]
    """Level by level, bottom up."""
    exits: tuple[Exit, ...]
    """Bottom up."""
    routes: Mapping[tuple[int, int], tuple[int, ...]]
    """From machine to machine, the links on the way; only for pairs that exchange messages."""
    workload: Workload
    reply_to: int | None
    """The machine that is told the answer, in `REPLY_BYTES`."""
    until_ns: int | None
    """The run ends before this instant; None: when nothing is left to happen."""


def plan(scenario: Scenario, graph: nx.DiGraph[str], samples: int) -> Deployment:
    """Return *scenario* placed on *graph* for a split of *samples* samples.

    Raises OverflowError where a request would come after `MAX_NS`.
    Machines and links take their ids from the order of *graph*; sections go level by level,
    within a level in the order of their nodes.
    """
    machine_ids = {name: i for i, name in enumerate(graph.nodes)}
    machines = tuple(Machine(name, n["tier"], n["servers"]) for name, n in graph.nodes(data=True))
    links = tuple(
        Link(e["name"], machine_ids[a], machine_ids[b], e["rate_bps"], e["delay_ns"])
        for a, b, e in graph.edges(data=True)
    )
    speed = [n["compute_ops"] for _, n in graph.nodes(data=True)]
    sections, exits = _placed(scenario, machines, speed)
    reply_to = None if scenario.workload.reply_to is None else machine_ids[scenario.workload.reply_to]
    return Deployment(
        machines=machines,
        links=links,
        sections=sections,
        exits=exits,
        routes=routes_between(graph, _conversations(sections, exits, reply_to)),
        workload=_workload(scenario.workload, scenario.run.seed, samples),
        reply_to=reply_to,
        until_ns=None if scenario.run.until_ns == "drained" else scenario.run.until_ns,
    )


def service_ns(operations: int, operations_per_s: int | None) -> int:
    """Return how long *operations* take: ceil(operations 10^9 / speed), or no time without a processor."""
    return 0 if operations_per_s is None else -(-operations * NS_PER_S // operations_per_s)


def _placed(
    scenario: Scenario, machines: tuple[Machine, ...], speed: list[int | None]
) -> tuple[tuple[Section, ...], tuple[Exit, ...]]:
    """Return the sections and exits of *scenario* on *machines*: each level on the nodes of its tier."""
    ids = {machine.name: i for i, machine in enumerate(machines)}
    classes = len(scenario.data.classes)
    profiles = section_profiles(scenario.data.view_shape, scenario.data.views, scenario.model.levels, classes)
    places = [[i for i, machine in enumerate(machines) if machine.tier == tier] for tier in profiles]
    firsts = [sum(map(len, places[:level])) for level in range(len(places))]
    sections, exits = [], []
    exit_specs: dict[str, LocalExit | CloudExit] = {
        "local": scenario.exits["local"],
        "cloud": scenario.exits["cloud"],
    }
    for level, (exit_name, exit_spec) in enumerate(exit_specs.items()):
        profile = list(profiles.values())[level]
        numbers = tuple(range(firsts[level], firsts[level] + len(places[level])))
        at = ids[exit_spec.at]
        merge = exit_spec.merge if isinstance(exit_spec, LocalExit) else "MP"
        alone = places[level] == [at]
        parent = firsts[level + 1] if level + 1 < len(places) else None
        for view, machine in enumerate(places[level]):
            sections.append(
                Section(
                    name=machines[machine].name,
                    level=level,
                    machine=machine,
                    exit=level,
                    parent=parent,
                    view=view if level == 0 else None,
                    service_ns=service_ns(profile.operations.total, speed[machine]),
                    summary_bytes=profile.summary_bytes,
                    features_bytes=0 if parent is None else profile.features_bytes,
                    raw_bytes=raw_bytes(scenario.data.view_shape) if level == 0 else 0,
                )
            )
        exits.append(
            Exit(
                name=exit_name,
                level=level,
                machine=at,
                sections=numbers,
                threshold=exit_spec.threshold if isinstance(exit_spec, LocalExit) else None,
                service_ns=None if alone else service_ns(decision_operations(merge, len(numbers), classes), speed[at]),
                control_bytes=exit_spec.control_bytes if isinstance(exit_spec, LocalExit) else 0,
            )
        )
    return tuple(sections), tuple(exits)


def _conversations(
    sections: Sequence[Section], exits: Sequence[Exit], reply_to: int | None
) -> Iterator[tuple[int, int]]:
    """Yield each pair of machines (source, target) between which messages go."""
    for section in sections:
        exit_ = exits[section.exit]
        yield section.machine, exit_.machine
        yield exit_.machine, section.machine
        if section.parent is not None:
            yield section.machine, sections[section.parent].machine
    if reply_to is not None:
        for exit_ in exits:
            yield exit_.machine, reply_to


def _workload(spec: WorkloadSpec, seed: int, samples: int) -> Workload:
    """Return the captures that *spec* asks for, of a split of *samples* samples."""
    requests = samples if spec.requests is None else spec.requests
    return Workload(_captures_ns(spec, seed, requests), _sample_order(spec.order, seed, requests, samples))


def _captures_ns(spec: WorkloadSpec, seed: int, requests: int) -> NDArray[np.int64]:
    rate = spec.rate
    if spec.arrivals == "poisson":
        gaps_s = stream(seed, "arrivals").exponential(1 / float(rate), requests)
        if gaps_s.sum() * NS_PER_S >= MAX_NS:
            raise OverflowError("the last request comes after 2^63 ns")
        return np.cumsum(np.rint(gaps_s * NS_PER_S).astype(np.int64))
    period = range(requests)
    return np.array([spec.phase_ns + k * NS_PER_S * rate.denominator // rate.numerator for k in period], np.int64)


def _sample_order(order: str, seed: int, requests: int, samples: int) -> NDArray[np.int64]:
    passes = -(-requests // samples)
    if order == "shuffled":
        random = stream(seed, "order")
        return np.concatenate([random.permutation(samples) for _ in range(passes)])[:requests]
    return np.tile(np.arange(samples), passes)[:requests]
