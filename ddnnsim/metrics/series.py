"""What became of the requests captured in each window of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.metrics.answers import answers, latencies_ns
from ddnnsim.trace import FATES

if TYPE_CHECKING:
    from ddnnsim.trace import Column, Trace


def series(trace: Trace, window_ns: int) -> dict[str, dict[str, Column]]:
    """Return the tables `series` and `series_exits` of a labelled *trace*, by windows [k, k + 1) * *window_ns*.

    There is a window for each that begins before the end of the run, or in which something was captured.
    """
    captured_ns: NDArray[np.int64] = np.ma.getdata(trace.requests["captured_ns"])
    window = captured_ns // window_ns  # (requests,)
    windows = max(-(-trace.end_ns // window_ns), int(window.max(initial=-1)) + 1)
    done, right = answers(trace)
    latency_ns = latencies_ns(trace)
    fate, exit_ = np.asarray(trace.requests["fate"]), np.ma.getdata(trace.requests["exit"])

    def count(of: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(window[of], minlength=windows)

    means, percentiles = _latencies(window[done], latency_ns[done], windows)
    exits = len(trace.names["exit"])
    return {
        "series": {
            "window": np.arange(windows),
            "from_ns": np.arange(windows) * window_ns,
            "captured": np.bincount(window, minlength=windows),
            **{name: count(fate == code) for code, name in enumerate(FATES)},
            "correct": count(right),
            "latency_mean_ns": means,
            "latency_p95_ns": percentiles,
        },
        "series_exits": {
            "window": np.repeat(np.arange(windows), exits),
            "exit": np.tile(np.arange(exits), windows),
            "answers": np.stack([count(done & (exit_ == code)) for code in range(exits)], axis=1).ravel(),
        },
    }


def _latencies(window: NDArray[np.int64], latency_ns: NDArray[np.int64], windows: int) -> tuple[Column, Column]:
    """Return by window the mean and the 95th percentile, rounded to ns; masked where nothing was answered."""
    order = np.lexsort((latency_ns, window))
    ordered = latency_ns[order].tolist()
    ends = np.cumsum(np.bincount(window, minlength=windows)).tolist()
    means, percentiles, empty = [0] * windows, [0] * windows, [True] * windows
    begin = 0
    for number, end in enumerate(ends):
        if end > begin:
            means[number] = round(sum(ordered[begin:end]) / (end - begin))
            percentiles[number] = ordered[begin + _rank(end - begin)]
            empty[number] = False
        begin = end
    return np.ma.array(means, mask=empty), np.ma.array(percentiles, mask=empty)


def _rank(count: int) -> int:
    """Return the place, from 0, of the least of *count* ordered values that 95 % of them do not exceed."""
    return -(-count * 95 // 100) - 1
