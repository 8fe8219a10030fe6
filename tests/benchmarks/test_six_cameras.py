"""Speed and memory of the engine on six cameras, beside a bare SimPy loop on the same machine."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import simpy

from ddnnsim.deployment import Deployment, Exit, Link, Loss, Machine, Section, Workload
from ddnnsim.distribution import Distribution
from ddnnsim.faults import Crash, Drawn, Fault, Outage
from ddnnsim.oracle import DecisionTable, TableOracle
from ddnnsim.recovery import Deadline, Recovery
from ddnnsim.sim import simulate
from ddnnsim.trace import FATES

pytestmark = pytest.mark.benchmark

REQUESTS = 20_000
SAMPLES = 1000
LOCAL_SHARE = 0.4
CAMERAS = 6
GATEWAY, CLOUD = CAMERAS, CAMERAS + 1


def six_cameras(requests: int) -> tuple[Deployment, TableOracle]:
    """Return six cameras that share the gateway's uplink; periodic, so that equal devices tie all the time."""
    cameras = range(CAMERAS)
    machines = [Machine(f"camera{i + 1}", "device", 1) for i in cameras]
    machines += [Machine("gateway", "gateway", 1), Machine("cloud", "cloud", 4)]
    links, routes = [], {}
    for i in cameras:
        links += [
            Link(f"up{i}", i, GATEWAY, 250_000, 5_000_000),
            Link(f"down{i}", GATEWAY, i, 250_000, 5_000_000),
        ]
    links += [
        Link("wan", GATEWAY, CLOUD, 10_000_000, 20_000_000),
        Link("nab", CLOUD, GATEWAY, 10_000_000, 20_000_000),
    ]
    for i in cameras:
        routes |= {(i, GATEWAY): (2 * i,), (GATEWAY, i): (2 * i + 1,), (i, CLOUD): (2 * i, 2 * CAMERAS)}
    sections = [Section(f"camera{i + 1}", 0, i, 0, CAMERAS, i, 1_500_000, 40, 72) for i in cameras]
    sections.append(Section("cloud", 1, CLOUD, 1, None, None, 900_000, 40, 0))
    exits = [
        Exit("local", 0, GATEWAY, tuple(cameras), "entropy", 0.5, 0, 0),
        Exit("cloud", 1, CLOUD, (CAMERAS,), "entropy", None, None, 0),
    ]
    captured_ns = np.arange(requests, dtype=np.int64) * 50_000_000
    workload = Workload(captured_ns, np.arange(requests, dtype=np.int64) % SAMPLES)
    entropy = np.where(np.arange(SAMPLES) % 10 < 10 * LOCAL_SHARE, 0.1, 0.9)
    table = DecisionTable(np.arange(SAMPLES) % 10, entropy, 1 - entropy, 1 - entropy)
    oracle = TableOracle([table, table])
    return Deployment(
        tuple(machines), tuple(links), tuple(sections), tuple(exits), routes, workload, None, None
    ), oracle


def bare_events_per_s(events: int = 200_000) -> float:
    """Return the rate of a process that does nothing but wait."""

    def wait(env: simpy.Environment):
        while True:
            yield env.timeout(1)

    env = simpy.Environment()
    env.process(wait(env))
    began = time.perf_counter()
    env.run(until=events)
    return events / (time.perf_counter() - began)


def test_six_cameras(benchmark, capsys) -> None:
    deployment, oracle = six_cameras(REQUESTS)
    bare = []

    def rested() -> None:
        bare.append(bare_events_per_s())

    trace = benchmark.pedantic(simulate, args=(deployment, oracle), setup=rested, rounds=5, warmup_rounds=1)
    assert (trace.requests["exit"] == 0).mean() == LOCAL_SHARE
    samples_per_s = REQUESTS / benchmark.stats.stats.min
    ratio = max(bare) / samples_per_s
    benchmark.extra_info |= {"samples_per_s": round(samples_per_s), "bare_events_per_sample": round(ratio, 1)}
    with capsys.disabled():
        print(
            f"\nsix_cameras: {samples_per_s:,.0f} samples/s; bare SimPy loop: {max(bare):,.0f} events/s; 1/{ratio:.0f}"
        )
    assert ratio <= 120, f"a sample costs {ratio:.0f} bare events"


def in_trouble(deployment: Deployment) -> Deployment:
    """Return *deployment* with losses, deadlines and fallback, and with cameras and a wide-area link that fail."""

    def time_of(mean_s: float) -> Distribution:
        return Distribution("exponential", (mean_s,))

    local, cloud = deployment.exits
    crashes = [
        Fault(f"camera{i + 1}", Crash("lose"), Drawn(0, time_of(60), time_of(5), None), machines=(i,))
        for i in range(CAMERAS)
    ]
    outage = Fault("wan", Outage("lose"), Drawn(0, time_of(100), time_of(5), None), links=(2 * CAMERAS,))
    return replace(
        deployment,
        links=tuple(replace(link, loss=Loss(0.01)) for link in deployment.links),
        exits=(
            replace(local, deadline=Deadline(200_000_000, "capture")),
            replace(cloud, deadline=Deadline(1_000_000_000, "capture")),
        ),
        faults=(*crashes, outage),
        recovery=Recovery(fallback="best_effort"),
    )


def test_six_cameras_in_trouble(capsys) -> None:
    """Faults, deadlines and loss cost no more than as much again as the run itself: ratios within one run."""
    deployment, oracle = six_cameras(3_000)
    troubled = in_trouble(deployment)
    fates = simulate(troubled, oracle).requests["fate"]
    assert (fates == FATES.index("degraded")).any()
    times: dict[str, list[float]] = {"usual": [], "in trouble": []}
    for _ in range(15):
        for name, of in (("usual", deployment), ("in trouble", troubled)):
            began = time.process_time()
            simulate(of, oracle)
            times[name].append(time.process_time() - began)
    speed = min(times["usual"]) / min(times["in trouble"])
    with capsys.disabled():
        print(f"\nsix_cameras in trouble: {speed:.2f} of the usual speed")
    assert speed >= 0.5, f"with faults, deadlines and loss {speed:.2f} of the usual speed"


def test_memory_of_a_recorded_request() -> None:
    small, large = (peak_bytes(*six_cameras(requests)) for requests in (2_000, 22_000))
    assert (large - small) / 20_000 <= 100


def peak_bytes(deployment: Deployment, oracle: TableOracle) -> int:
    """Return the most memory held during a run, its trace included, its deployment not."""
    tracemalloc.start()
    trace = simulate(deployment, oracle)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(trace.requests["fate"]) == len(deployment.workload.captured_ns)
    return peak
