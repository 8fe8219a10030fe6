"""Queues whose closed forms are known: the truth lies in the 99 % interval of 20 replications, 2 % narrow.

Loads are moderate, and the first requests of each run, which find it empty, are left out. The cheapest runs by
default. Sources:
Kleinrock, Queueing Systems I (1975): M/M/1, M/M/m, M/M/1/K, M/G/1 (Pollaczek and Khinchine), tandem (Burke),
processor sharing (Queueing Systems II, 1976, ch. 4); M/D/1/K by its embedded chain; Gilbert 1960, Elliott 1963.
"""

from __future__ import annotations

from math import exp, factorial

import numpy as np
import pytest
from stations import (
    MEMORYLESS,
    RATE_BPS,
    SERVICE_S,
    SIZE_BYTES,
    arrivals,
    interval,
    latencies_s,
    server,
    tandem,
    uplink,
)

from ddnnsim.deployment import Channel, Deployment, Exit, Link, Loss, Machine, Section
from ddnnsim.distribution import Distribution
from ddnnsim.oracle import DecisionTable, TableOracle
from ddnnsim.sim import simulate
from ddnnsim.trace import GONE

CONSTANT = Distribution("constant", (SERVICE_S,))
WARM = 1000


def mean_latency(load: float, service: Distribution, requests: int, seed: int, servers: int = 1) -> float:
    offered = arrivals(load * servers, requests, seed)
    return float(latencies_s(simulate(*server(offered, service, seed, servers)), WARM).mean())


@pytest.mark.slow
@pytest.mark.parametrize("load", [0.3, 0.6])
def test_m_m_1(load: float) -> None:
    truth = SERVICE_S / (1 - load)
    assert interval(lambda seed: mean_latency(load, MEMORYLESS, 30_000, seed)).holds(truth)


@pytest.mark.parametrize(("load", "requests"), [(0.3, 4000), pytest.param(0.7, 20_000, marks=pytest.mark.slow)])
def test_m_d_1(load: float, requests: int) -> None:
    truth = SERVICE_S * (1 + load / (2 * (1 - load)))
    assert interval(lambda seed: mean_latency(load, CONSTANT, requests, seed)).holds(truth)


def erlang_c(servers: int, load: float) -> float:
    """Return the probability of waiting at *servers* servers, each of utilisation *load*."""
    a = servers * load
    waiting = a**servers / factorial(servers) / (1 - load)
    return waiting / (sum(a**k / factorial(k) for k in range(servers)) + waiting)


@pytest.mark.slow
def test_m_m_4() -> None:
    load = 0.7
    truth = SERVICE_S * (1 + erlang_c(4, load) / (4 * (1 - load)))
    assert interval(lambda seed: mean_latency(load, MEMORYLESS, 20_000, seed, servers=4)).holds(truth)


@pytest.mark.slow
def test_loss_of_m_m_1_5() -> None:
    load = 0.8
    truth = (1 - load) * load**5 / (1 - load**6)  # P(5 in the system), whom an arrival finds (PASTA)

    def lost(seed: int) -> float:
        trace = simulate(*server(arrivals(load, 50_000, seed), MEMORYLESS, seed, queue_limit=4))
        assert int(trace.nodes["refused"][0]) == int(np.ma.count_masked(trace.requests["answered_ns"]))
        return float(np.ma.getmaskarray(trace.requests["answered_ns"]).mean())

    assert interval(lost).holds(truth)


def loss_of_m_d_1_k(load: float, places: int) -> float:
    """Return the share lost at a constant server with *places* in the system, one of them in service.

    By the chain embedded at departures, that leave 0 to places - 1 behind: p_j = P(j arrivals in a service).
    With d_0 the chain's share of empty departures, the loss is 1 - 1 / (d_0 + load).
    """
    arriving = [exp(-load) * load**j / factorial(j) for j in range(places)]
    move = np.zeros((places, places))
    for behind in range(places):
        start = max(behind - 1, 0)
        for j in range(places - 1 - start):
            move[behind, start + j] = arriving[j]
        move[behind, places - 1] = 1 - move[behind].sum()
    system = np.vstack([move.T - np.eye(places), np.ones(places)])
    shares = np.linalg.lstsq(system, np.append(np.zeros(places), 1.0), rcond=None)[0]
    return 1 - 1 / (shares[0] + load)


def test_loss_of_m_d_1_k_agrees_with_what_is_known() -> None:
    assert loss_of_m_d_1_k(0.5, 1) == pytest.approx(0.5 / 1.5)  # Erlang's loss, insensitive to the service
    # with one place to wait: a geometric count of losses; Gross and Harris, ex. 5: d_0 = e^-load
    assert loss_of_m_d_1_k(0.7, 2) == pytest.approx(1 - 1 / (exp(-0.7) + 0.7))


@pytest.mark.slow
def test_loss_of_m_d_1_k_on_a_link() -> None:
    load, places = 0.9, 4
    truth = loss_of_m_d_1_k(load, places)

    def lost(seed: int) -> float:
        offered = arrivals(load, 50_000, seed)
        trace = simulate(*uplink(offered, seed, Channel(limit_messages=places - 1)))
        assert int(trace.links["dropped"][0]) == int(np.ma.count_masked(trace.requests["answered_ns"]))
        return float(trace.links["dropped"][0]) / len(offered.samples)

    assert interval(lost).holds(truth)


@pytest.mark.slow
def test_tandem_queues() -> None:
    load, second = 0.5, 0.7
    services = [MEMORYLESS, Distribution("exponential", (SERVICE_S * second / load,))]
    truth = SERVICE_S / (1 - load) + SERVICE_S * second / load / (1 - second)

    def latency(seed: int) -> float:
        return float(latencies_s(simulate(*tandem(arrivals(load, 40_000, seed), services, seed)), WARM).mean())

    assert interval(latency).holds(truth)


@pytest.mark.slow
@pytest.mark.parametrize("load", [0.3, 0.6])
def test_m_d_1_processor_sharing(load: float) -> None:
    truth = SERVICE_S / (1 - load)  # whatever the distribution of sizes: Kleinrock II, eq. 4.17

    def latency(seed: int) -> float:
        run = uplink(arrivals(load, 15_000, seed), seed, Channel("fair"))
        return float(latencies_s(simulate(*run), WARM).mean())

    assert interval(latency).holds(truth)


@pytest.mark.slow
def test_m_g_1_mixture_from_early_exits() -> None:
    """A device answers 60 % by 4 bytes over its uplink, and sends features for the rest: two sizes, one queue."""
    share, load, replied = 0.6, 0.6, 4 * 8 / RATE_BPS
    features = SIZE_BYTES * 8 / RATE_BPS
    mean = share * replied + (1 - share) * features
    second_moment = share * replied**2 + (1 - share) * features**2
    truth = mean + load / mean * second_moment / (2 * (1 - load))  # Pollaczek and Khinchine

    machines = (Machine("device", "device", 1), Machine("cloud", "cloud", 1))
    links = (Link("uplink", 0, 1, RATE_BPS, 0),)
    sections = (Section("device", 0, 0, 0, 1, 0, 0, 4, SIZE_BYTES), Section("cloud", 1, 1, 1, None, None, 0, 4, 0))
    exits = (
        Exit("local", 0, 0, (0,), "entropy", share, None, 0),
        Exit("cloud", 1, 1, (1,), "entropy", None, None, 0),
    )

    def latency(seed: int) -> float:
        workload = arrivals(load, 40_000, seed, mean)
        entropy = np.random.default_rng([seed, 2]).random(len(workload.samples))
        table = DecisionTable(np.zeros(len(entropy), np.int64), entropy, 1 - entropy, 1 - entropy)
        deployment = Deployment(machines, links, sections, exits, {(0, 1): (0,)}, workload, 1, None, seed=seed)
        trace = simulate(deployment, TableOracle([table, table]))
        took = (trace.requests["replied_ns"] - trace.requests["captured_ns"])[WARM:]
        return float(took.mean()) / 1e9

    assert interval(latency).holds(truth)


@pytest.mark.slow
def test_gilbert_and_elliott() -> None:
    """Nothing is lost in the good state and all in the bad one: bursts are spells of the bad state."""
    loss = Loss(good=0.0, bad=1.0, to_bad=0.05, to_good=0.25)

    def fates(seed: int) -> np.ndarray:
        deployment, oracle = uplink(arrivals(0.5, 60_000, seed), seed, loss=loss)
        trace = simulate(deployment, oracle, record="messages")
        lost = np.asarray(trace.tables["messages"]["outcome"]) == GONE
        assert int(trace.links["lost"][0]) == lost.sum()
        return lost

    lost = {seed: fates(seed) for seed in range(20)}
    assert interval(lambda seed: float(lost[seed].mean())).holds(0.05 / (0.05 + 0.25))

    def burst(seed: int) -> float:
        begins = np.flatnonzero(lost[seed][1:] & ~lost[seed][:-1])
        return float(lost[seed].sum() / max(1, len(begins) + int(lost[seed][0])))

    assert interval(burst).holds(1 / 0.25)


@pytest.mark.slow
def test_loss_in_both_states() -> None:
    loss = Loss(good=0.02, bad=0.4, to_bad=0.1, to_good=0.3)
    truth = (0.3 * 0.02 + 0.1 * 0.4) / 0.4

    def lost(seed: int) -> float:
        trace = simulate(*uplink(arrivals(0.5, 60_000, seed), seed, loss=loss))
        return float(trace.links["lost"][0]) / 60_000

    assert interval(lost).holds(truth)
