"""How often intervals hold the truth: 1,000 experiments on a FIFO link, M/M/1 by its messages' sizes, or M/D/1.

A replication starts empty, and the first messages, which find it so, are left out: the mean of all replications is
then off by less than a tenth of a standard error. Replications must be long, too, for Student's t to be right about 20
of them: the mean latency of a short one is skewed, as long queues are rare. At load 0.8 intervals of 20 times 200
messages hold the mean latency 88 times of 100, of 1,000 messages 93, and of 4,000 as often as they say. That many for
20,000 replications would take the engine half an hour; so it simulates those of 500 at load 0.5, and at load 0.8 those
of 800, or 400, for the share of messages that are there in time, which is hardly skewed. For the mean latency at load
0.8 the recursion goes on alone, which is equal to the engine message by message.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, log
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from stations import SERVICE_NS, SIZE_BYTES, uplink

from ddnnsim.deployment import Workload
from ddnnsim.sim import simulate
from ddnnsim.statistics import Estimate, TooShortError, batch_means, mean_interval

EXPERIMENTS, REPLICATIONS = 1000, 20

Times = NDArray[np.int64]
"""In ns, one a message."""


class Offered(NamedTuple):
    """Poisson messages to a link."""

    at_ns: Times
    sizes: NDArray[np.int64]


def memoryless(load: float, messages: int, seed: int) -> Offered:
    rng = np.random.default_rng([seed, 3])
    sizes = np.rint(rng.exponential(SIZE_BYTES, messages)).astype(np.int64)
    return Offered(_poisson(load, messages, rng), sizes)


def constant(load: float, messages: int, seed: int) -> Offered:
    return Offered(_poisson(load, messages, np.random.default_rng([seed, 3])), np.full(messages, SIZE_BYTES))


def _poisson(load: float, messages: int, rng: np.random.Generator) -> Times:
    return np.cumsum(np.rint(rng.exponential(SERVICE_NS / load, messages)).astype(np.int64))


def by_engine(offered: Offered) -> Times:
    """Return the latency of each message."""
    workload = Workload(offered.at_ns, np.arange(len(offered.at_ns)))
    requests = simulate(*uplink(workload, 0, sizes=offered.sizes.tolist())).requests
    return np.ma.getdata(requests["answered_ns"]) - np.ma.getdata(requests["captured_ns"])


def by_recursion(offered: Offered) -> Times:
    """Return the same by Lindley, in exact integers: message k leaves at max over j <= k of at_j + s_j + ... + s_k."""
    service_ns = offered.sizes * (SERVICE_NS // SIZE_BYTES)
    work = np.cumsum(service_ns)
    return np.maximum.accumulate(offered.at_ns - (work - service_ns)) + work - offered.at_ns


Source = Callable[[float, int, int], Offered]


@pytest.mark.parametrize("source", [memoryless, constant])
def test_the_recursion_is_the_engine(source: Source) -> None:
    for seed in range(REPLICATIONS):
        offered = source(0.8, 300, seed)
        assert by_engine(offered).tolist() == by_recursion(offered).tolist()


def mean_s(latency_ns: Times) -> float:
    return float(latency_ns.mean()) / 1e9


def in_time(within_ns: float) -> Callable[[Times], float]:
    return lambda latency_ns: float((latency_ns <= within_ns).mean())


def held(intervals: list[Estimate], truth: float) -> float:
    """Return the share of *intervals* that hold the *truth*."""
    return float(np.mean([of.low is not None and of.low <= truth <= of.high for of in intervals]))


def replicated(one: Callable[[int], float]) -> list[Estimate]:
    """Return the interval of each experiment, of which each replication is *one* number of a seed of its own."""
    values = [one(seed) for seed in range(EXPERIMENTS * REPLICATIONS)]
    return [mean_interval(values[i : i + REPLICATIONS]) for i in range(0, len(values), REPLICATIONS)]


M_M_1_S = {load: SERVICE_NS / (1 - load) / 1e9 for load in (0.5, 0.8)}
M_D_1_S = {load: SERVICE_NS * (1 + load / (1 - load) / 2) / 1e9 for load in (0.5, 0.8)}
"""Mean latency: Kleinrock, Queueing Systems I, 1975, eqs. 3.26 and 5.72 (Pollaczek and Khinchine)."""
MEDIAN_NS = SERVICE_NS * log(2) / (1 - 0.8)
"""Of the latency of M/M/1, which is exponential: Kleinrock I, eq. 5.119."""


@pytest.mark.parametrize(
    ("source", "truth"),
    [(memoryless, M_M_1_S[0.5]), pytest.param(constant, M_D_1_S[0.5], marks=pytest.mark.slow)],
    ids=["M/M/1", "M/D/1"],
)
def test_mean_latency_at_load_one_half_by_recursion(source: Source, truth: float) -> None:
    told = replicated(lambda seed: mean_s(by_recursion(source(0.5, 700, seed))[200:]))
    assert 0.93 <= held(told, truth) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "load", "warm", "messages", "number", "truth"),
    [
        (memoryless, 0.5, 200, 500, mean_s, M_M_1_S[0.5]),
        (constant, 0.5, 200, 500, mean_s, M_D_1_S[0.5]),
        (memoryless, 0.8, 300, 800, in_time(MEDIAN_NS), 0.5),
        (constant, 0.8, 200, 400, in_time(2 * SERVICE_NS), (1 - 0.8) * exp(0.8)),  # Erlang 1909: waits of M/D/1
    ],
    ids=["M/M/1 at 0.5", "M/D/1 at 0.5", "M/M/1 at 0.8", "M/D/1 at 0.8"],
)
def test_intervals_over_replications_of_the_engine(
    source: Source, load: float, warm: int, messages: int, number: Callable[[Times], float], truth: float
) -> None:
    told = replicated(lambda seed: number(by_engine(source(load, warm + messages, seed))[warm:]))
    assert 0.93 <= held(told, truth) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "truth"), [(memoryless, M_M_1_S[0.8]), (constant, M_D_1_S[0.8])], ids=["M/M/1", "M/D/1"]
)
def test_mean_latency_at_load_four_fifths_by_recursion(source: Source, truth: float) -> None:
    told = replicated(lambda seed: mean_s(by_recursion(source(0.8, 8500, seed))[500:]))
    assert 0.93 <= held(told, truth) <= 0.97
    assert np.mean([of.mean for of in told]) == pytest.approx(truth, rel=5e-3), "nothing is left of the empty start"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "load", "messages", "truth"),
    [
        (memoryless, 0.5, 20_000, M_M_1_S[0.5]),
        (constant, 0.5, 20_000, M_D_1_S[0.5]),
        (memoryless, 0.8, 100_000, M_M_1_S[0.8]),
        (constant, 0.8, 100_000, M_D_1_S[0.8]),
    ],
    ids=["M/M/1 at 0.5", "M/D/1 at 0.5", "M/M/1 at 0.8", "M/D/1 at 0.8"],
)
def test_batch_means_of_one_long_run(source: Source, load: float, messages: int, truth: float) -> None:
    told = [batch_means(by_recursion(source(load, 500 + messages, seed))[500:] / 1e9) for seed in range(EXPERIMENTS)]
    assert 0.93 <= held(told, truth) <= 0.97


@pytest.mark.parametrize("source", [memoryless, constant])
def test_batch_means_refuse_short_runs(source: Source) -> None:
    for seed in range(200):
        with pytest.raises(TooShortError):
            batch_means(by_recursion(source(0.8, 2300, seed))[300:])
