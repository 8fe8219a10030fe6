"""Random circumstances: what links, machines and loads are like in life, on random deployments.

All that is drawn in a run has few values, and times are sums of few numbers, so that much happens at one instant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from deployments import SHAPES, ends, networks
from hypothesis import strategies as st

from ddnnsim.deployment import (
    Batching,
    Captures,
    Channel,
    ClosedLoop,
    Course,
    Deployment,
    Link,
    Loss,
    Machine,
    Memory,
    Power,
    Workload,
)
from ddnnsim.distribution import Distribution
from ddnnsim.oracle import TableOracle


class Numbers(NamedTuple):
    """Of what size times and bytes are."""

    times: tuple[int, ...]
    bytes: tuple[int, ...]
    mtus: tuple[int, ...]
    energies: tuple[int, ...]


TINY = Numbers((0, 1, 2, 3, 4), (0, 1, 2, 4, 6), (1, 2, 3), (0, 3, 10, 20, 40, 60, 100, 200))
"""Beside deployments of which sums meet all the time."""
ODD = Numbers((0, 13, 997, 1000, 6007), (0, 20, 40, 129, 1500), (64, 100, 576), (0, 3001, 10**5, 10**6))
"""Beside deployments of numbers that divide badly."""

LINKS = ("media", "limits", "courses", "jitter", "loss", "headers")
NODES = ("service", "queues", "batches", "memory", "power")
LOAD = ("captures", "closed")
"""The load is one of these or given."""
SHARING = ("fair",)
PACKETS = ("packets",)
"""Not together with fair sharing."""
EVERYTHING = (*LINKS, *NODES, *LOAD, *SHARING)


@st.composite
def circumstances(
    draw: st.DrawFn, uses: tuple[str, ...], stopped: bool = False, shapes: tuple[str, ...] = SHAPES
) -> tuple[Deployment, TableOracle]:
    """Draw a deployment of one of *shapes* with some of what is in *uses*."""
    deployment, oracle = draw(networks(draw(st.sampled_from(shapes))))
    odd = max(s.service_ns for s in deployment.sections) > 6 or any(k.rate_bps % 10**9 for k in deployment.links)
    of = ODD if odd else TINY
    some = draw(st.sets(st.sampled_from(uses), min_size=1)) if uses else set()
    use = {what: what in some for what in EVERYTHING + PACKETS}
    if use["packets"]:
        use["fair"] = False
    deployment = replace(
        deployment, seed=draw(st.integers(0, 20)), forwarding="packet" if use["packets"] else "message"
    )
    deployment = _with_channels(draw, deployment, use, of)
    links = tuple(_link(draw, link, deployment.channels, use, of) for link in deployment.links)
    machines = tuple(_machine(draw, machine, use, of) for machine in deployment.machines)
    deployment = replace(deployment, links=links, machines=machines)
    if use["service"]:
        sections = tuple(replace(s, service=draw(maybe(durations(of)))) for s in deployment.sections)
        deployment = replace(deployment, sections=sections)
    if use["closed"]:
        deployment = replace(deployment, workload=_closed_loop(draw, deployment.workload, of))
    elif use["captures"]:
        deployment = replace(deployment, workload=_captures(draw, deployment, of))
    if stopped:
        deployment = replace(deployment, until_ns=draw(ends(deployment, oracle)))
    return deployment, oracle


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy | strategy


def durations(of: Numbers) -> st.SearchStrategy[Distribution]:
    times = st.sampled_from([t * 1e-9 for t in of.times])
    return st.one_of(
        st.builds(lambda t: Distribution("constant", (t,)), times),
        st.builds(lambda a, b: Distribution("uniform", (min(a, b), max(a, b))), times, times),
        st.builds(lambda t: Distribution("exponential", (t,)), times),
        st.builds(lambda a, b: Distribution("mixture", (a, 0.5, b, 0.5)), times, times),
    )


def _courses(of: Numbers, values: st.SearchStrategy[int]) -> st.SearchStrategy[Course]:
    """Draw a course of one to four values, with a period or without."""
    gaps = st.lists(st.sampled_from([t for t in of.times if t]), min_size=0, max_size=3)

    def course(gaps: list[int], drawn: list[int], rest: int | None) -> Course:
        at = np.cumsum([0, *gaps]).tolist()
        return Course(tuple(at), tuple(drawn[: len(at)]), None if rest is None else at[-1] + rest)

    rests = st.none() | st.sampled_from([t for t in of.times if t])
    return st.builds(course, gaps, st.lists(values, min_size=4, max_size=4), rests)


# links


def _with_channels(draw: st.DrawFn, deployment: Deployment, use: dict[str, bool], of: Numbers) -> Deployment:
    """Draw which links are on a medium - those of a machine -, in fair shares, or limited."""
    if not deployment.links or not (use["media"] or use["fair"] or use["limits"]):
        return deployment
    channels: list[Channel] = []
    channel_of: dict[int, int] = {}
    if use["media"]:
        for machine in draw(
            st.lists(st.integers(0, len(deployment.machines) - 1), min_size=1, max_size=2, unique=True)
        ):
            around = [i for i, k in enumerate(deployment.links) if machine in (k.source, k.target)]
            members = [i for i in around if i not in channel_of]
            if members:
                channel_of |= dict.fromkeys(members, len(channels))
                channels.append(_channel(draw, use, of))
    if use["fair"] or use["limits"]:
        for i in range(len(deployment.links)):
            if i not in channel_of and draw(st.booleans()):
                channel_of[i] = len(channels)
                channels.append(_channel(draw, use, of))
    links = tuple(replace(link, channel=channel_of.get(i)) for i, link in enumerate(deployment.links))
    return replace(deployment, links=links, channels=tuple(channels))


def _channel(draw: st.DrawFn, use: dict[str, bool], of: Numbers) -> Channel:
    if use["fair"] and draw(st.integers(0, 3)):
        return Channel("fair")
    if not use["limits"]:
        return Channel()
    messages = draw(st.none() | st.integers(0, 2))
    most = draw(st.none() | st.sampled_from(of.bytes)) if messages is None else None
    return Channel("fifo", messages, most)


def _link(draw: st.DrawFn, link: Link, channels: tuple[Channel, ...], use: dict[str, bool], of: Numbers) -> Link:
    fair = link.channel is not None and channels[link.channel].sharing == "fair"
    if use["courses"]:
        rates = draw(maybe(_courses(of, st.sampled_from([link.rate_bps, link.rate_bps, link.rate_bps // 2, 0]))))
        delays = draw(maybe(_courses(of, st.sampled_from(of.times))))
        link = replace(
            link,
            rates=rates,
            delays=delays,
            rate_bps=link.rate_bps if rates is None else rates.values[0],
            delay_ns=link.delay_ns if delays is None else delays.values[0],
        )
    if use["jitter"]:
        link = replace(link, jitter=draw(maybe(durations(of))))
    if use["loss"]:
        link = replace(link, loss=draw(maybe(_losses())), attempts=1 if fair else draw(st.integers(1, 3)))
    if use["headers"] or use["packets"]:
        link = replace(
            link,
            mtu_bytes=draw(maybe(st.sampled_from(of.mtus))),
            header_bytes=draw(st.sampled_from([0, *of.bytes])),
            overhead_ns=0 if fair else draw(st.sampled_from([0, *of.times])),
        )
    return link


def _losses() -> st.SearchStrategy[Loss]:
    often = st.sampled_from([0.0, 0.1, 0.3, 0.5])
    return st.one_of(
        st.builds(Loss, often),
        st.builds(
            Loss, st.just(0.0), st.sampled_from([0.5, 1.0]), st.sampled_from([0.1, 0.5]), st.sampled_from([0.5, 1.0])
        ),
        st.builds(Loss, often, often, st.just(0.3), st.just(0.3)),
    )


# nodes


def _machine(draw: st.DrawFn, machine: Machine, use: dict[str, bool], of: Numbers) -> Machine:
    drawn: list[tuple[str, Callable[[], st.SearchStrategy[Any]]]] = [
        ("queue_limit", lambda: st.integers(0, 2)),
        ("batching", lambda: _batchings(of)),
        ("memory", lambda: st.builds(lambda a, b: Memory(a + b, a), *[st.sampled_from(of.bytes)] * 2)),
        ("power", lambda: _powers(of)),
    ]
    for what, (name, strategy) in zip(NODES[1:], drawn, strict=True):
        if use[what]:
            machine = replace(machine, **{name: draw(maybe(strategy()))})
    return machine


def _batchings(of: Numbers) -> st.SearchStrategy[Batching]:
    costs = ((1, 1), (2, 3), (1, 2), (3, 7))
    return st.builds(
        lambda limit, wait: Batching(limit, wait, costs[:limit]), st.integers(1, 4), st.sampled_from(of.times)
    )


def _powers(of: Numbers) -> st.SearchStrategy[Power]:
    few = st.sampled_from([0, 1, 1, 2, 3])
    return st.builds(Power, few, few, few, few, maybe(st.sampled_from(of.energies)))


# the load


def _captures(draw: st.DrawFn, deployment: Deployment, of: Numbers) -> Workload:
    """Draw who captures what when: of some requests all views, of others some."""
    given = deployment.workload
    senses = [i for i, s in enumerate(deployment.sections) if s.view is not None]
    partial = draw(st.booleans())
    phases = [draw(st.sampled_from(of.times)) for _ in senses]
    requests = []
    for at, sample in zip(given.captured_ns.tolist(), given.samples.tolist(), strict=True):
        who = sorted(draw(st.sets(st.sampled_from(senses), min_size=1))) if partial else senses
        jitter = [draw(st.sampled_from([0, 0, *of.times])) for _ in who]
        captures = {i: at + phases[senses.index(i)] + late for i, late in zip(who, jitter, strict=True)}
        requests.append((min(captures.values()), sample, captures))
    requests.sort(key=lambda request: request[0])
    rows = sorted((at, k, i) for k, (_, _, captures) in enumerate(requests) for i, at in captures.items())
    columns = np.array(rows, dtype=np.int64).T
    return Workload(
        np.array([first for first, _, _ in requests], dtype=np.int64),
        np.array([sample for _, sample, _ in requests], dtype=np.int64),
        Captures(*columns),
    )


def _closed_loop(draw: st.DrawFn, given: Workload, of: Numbers) -> ClosedLoop:
    return ClosedLoop(draw(st.integers(1, 3)), draw(durations(of)), given.samples)
