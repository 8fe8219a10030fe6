"""The load: which request is captured when, as a workload asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.deployment import Workload
from ddnnsim.seeds import stream

if TYPE_CHECKING:
    from ddnnsim.scenario import Workload as WorkloadSpec

NS_PER_S = 1_000_000_000
MAX_NS = 2.0**63
"""Where the time of a run ends: 292 years."""


def workload_of(spec: WorkloadSpec, seed: int, samples: int) -> Workload:
    """Return the captures that *spec* asks for, of a split of *samples* samples.

    Raises OverflowError where a request would come after `MAX_NS`.
    """
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
