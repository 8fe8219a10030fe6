"""Which requests have an answer, degraded or not, and after how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ddnnsim.trace import Trace


def answers(trace: Trace) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for each request whether it is answered (and replied to, where asked for), and whether rightly so."""
    requests = trace.requests
    done = ~np.ma.getmaskarray(requests["replied_ns" if trace.replies else "answered_ns"])
    right = np.ma.getdata(requests["prediction"]) == requests["label"]
    return done, done & right


def latencies_ns(trace: Trace) -> NDArray[np.int64]:
    """Return for each request the time from capture to the answer, or to the reply where asked for.

    What stands for a request without one means nothing.
    """
    end = trace.requests["replied_ns" if trace.replies else "answered_ns"]
    latency_ns: NDArray[np.int64] = np.ma.getdata(end) - trace.requests["captured_ns"]
    return latency_ns
