"""Single queues as deployments: the stations of queueing theory, of which the closed forms are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from ddnnsim.deployment import Batching, Channel, Deployment, Exit, Link, Machine, Section, Workload
from ddnnsim.distribution import Distribution
from ddnnsim.oracle import DecisionTable, TableOracle
from ddnnsim.trace import Trace

NS_PER_S = 1e9
SERVICE_S = 1e-3
SERVICE_NS = 1_000_000
MEMORYLESS = Distribution("exponential", (SERVICE_S,))
RATE_BPS = 8_000_000
"""At which the 1000 bytes of a message take one `SERVICE_S`."""
SIZE_BYTES = 1000


def arrivals(load: float, requests: int, seed: int, service_s: float = SERVICE_S) -> Workload:
    """Return Poisson arrivals that offer *load* to a server of mean service *service_s*."""
    gaps_s = np.random.default_rng([seed, 1]).exponential(service_s / load, requests)
    return Workload(np.cumsum(np.rint(gaps_s * NS_PER_S).astype(np.int64)), np.arange(requests))


def certain(samples: int) -> TableOracle:
    """Return the oracle of one exit, which always answers."""
    nought = np.zeros(samples)
    return TableOracle([DecisionTable(nought.astype(np.int64), nought, nought, nought)])


def server(
    workload: Workload,
    service: Distribution | int,
    seed: int,
    servers: int = 1,
    queue_limit: int | None = None,
    batching: Batching | None = None,
) -> tuple[Deployment, TableOracle]:
    """Return one machine that does a job for every request; *service* is drawn, or always so many ns."""
    machine = Machine("server", "device", servers, queue_limit=queue_limit, batching=batching)
    service_ns, drawn = (service, None) if isinstance(service, int) else (0, service)
    section = Section("server", 0, 0, 0, None, 0, service_ns, 4, 0, service=drawn)
    exit_ = Exit("only", 0, 0, (0,), "entropy", None, None, 0)
    deployment = Deployment((machine,), (), (section,), (exit_,), {}, workload, None, None, seed=seed)
    return deployment, certain(len(workload.samples))


def tandem(workload: Workload, services: Sequence[Distribution], seed: int) -> tuple[Deployment, TableOracle]:
    """Return machines one after another, joined by links that take no time."""
    last = len(services) - 1
    machines = tuple(Machine(f"server{i}", "device" if i == 0 else "cloud", 1) for i in range(last + 1))
    links = tuple(Link(f"link{i}", i, i + 1, RATE_BPS, 0) for i in range(last))
    sections = tuple(
        Section(m.name, i, i, 0 if i == last else None, None if i == last else i + 1, 0 if i == 0 else None, 0, 4, 0,
                service=service)
        for i, (m, service) in enumerate(zip(machines, services, strict=True))
    )  # fmt: skip
    exit_ = Exit("only", last, last, (last,), "entropy", None, None, 0)
    routes = {(i, i + 1): (i,) for i in range(last)}
    deployment = Deployment(machines, links, sections, (exit_,), routes, workload, None, None, seed=seed)
    return deployment, certain(len(workload.samples))


def uplink(
    workload: Workload,
    seed: int,
    channel: Channel | None = None,
    sizes: Iterable[int] | None = None,
    **link: object,
) -> tuple[Deployment, TableOracle]:
    """Return a sensor that sends every view over one link to a cloud that answers at once."""
    requests = len(workload.samples)
    raw = tuple([SIZE_BYTES] * requests if sizes is None else sizes)
    machines = (Machine("sensor", "device", 1), Machine("cloud", "cloud", 1))
    way = Link("uplink", 0, 1, RATE_BPS, 0, channel=None if channel is None else 0, **link)
    sensor = Section("sensor", 0, 0, None, 1, 0, 0, 0, 0, raw)
    cloud = Section("cloud", 1, 1, 0, None, None, 0, 4, 0)
    exit_ = Exit("only", 1, 1, (1,), "entropy", None, None, 0)
    channels = () if channel is None else (channel,)
    deployment = Deployment(
        machines, (way,), (sensor, cloud), (exit_,), {(0, 1): (0,)}, workload, None, None, channels, seed=seed
    )
    return deployment, certain(requests)


def latencies_s(trace: Trace, warm: int = 0) -> np.ndarray:
    """Return the latency of every answered request but the first *warm*, in seconds."""
    took = (trace.requests["answered_ns"] - trace.requests["captured_ns"])[warm:]
    return np.ma.compressed(took) / NS_PER_S


class Interval(NamedTuple):
    mean: float
    half: float

    def holds(self, truth: float, precision: float = 0.02) -> bool:
        """Tell whether *truth* is within the interval, and the interval is narrow: half of it *precision* of truth."""
        assert self.half <= precision * truth, f"{self}: wider than {precision:.0%} of {truth}"
        return abs(self.mean - truth) <= self.half


def interval(measure: Callable[[int], float], replications: int = 20, level: float = 0.99) -> Interval:
    """Return the interval of the mean of *measure* over the seeds 0, 1, ... by Student's t."""
    values = np.array([measure(seed) for seed in range(replications)])
    half = stats.t.ppf((1 + level) / 2, replications - 1) * values.std(ddof=1) / np.sqrt(replications)
    return Interval(float(values.mean()), float(half))
