"""How many requests get an answer, degraded or not, and how good: of all, and while there were faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.metrics.answers import answers, latencies_ns
from ddnnsim.metrics.latency import Latency, latency
from ddnnsim.trace import DEGRADED

if TYPE_CHECKING:
    from ddnnsim.trace import Trace


@dataclass(frozen=True, slots=True)
class Service:
    """How some requests were served."""

    requests: int
    availability: float | None
    """Share of them that got an answer, degraded or not; None: there were none."""
    degraded: float | None
    """Share of them that got a degraded one."""
    accuracy: float | None
    """Of the answers; None: there were none."""
    accuracy_of_requests: float | None
    """Of all of them: to have no answer is to be wrong."""
    latency: Latency


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How requests were served by what was the matter when they were captured."""

    with_faults: Service
    """Of those captured while any fault was in force."""
    without_faults: Service


def service(trace: Trace, of: NDArray[np.bool_] | None = None) -> Service:
    """Return how the requests *of* a labelled *trace*, all unless given, were served."""
    done, right = answers(trace)
    degraded = done & (np.asarray(trace.requests["fate"]) == DEGRADED)
    chosen = np.ones(len(done), bool) if of is None else of
    return Service(
        requests=int(chosen.sum()),
        availability=_share(done[chosen]),
        degraded=_share(degraded[chosen]),
        accuracy=_share(right[chosen & done]),
        accuracy_of_requests=_share(right[chosen]),
        latency=latency(latencies_ns(trace)[chosen & done]),
    )


def circumstances(trace: Trace) -> Circumstances | None:
    """Return how requests were served with and without faults; None where *trace* has no table of faults."""
    if "faults" not in trace.tables:
        return None
    at_fault = _at_fault(trace)
    return Circumstances(service(trace, at_fault), service(trace, ~at_fault))


def _at_fault(trace: Trace) -> NDArray[np.bool_]:
    """Return which requests were captured while any fault was in force: within [from, until) of a spell."""
    spells = trace.tables["faults"]
    captured_ns = np.ma.getdata(trace.requests["captured_ns"])
    begun = np.searchsorted(np.sort(np.ma.getdata(spells["from_ns"])), captured_ns, side="right")
    over = np.searchsorted(np.sort(np.ma.compressed(spells["until_ns"])), captured_ns, side="right")
    in_force: NDArray[np.bool_] = begun > over
    return in_force


def _share(flags: NDArray[np.bool_]) -> float | None:
    return float(flags.mean()) if len(flags) else None
