"""What the numbers of one run are worth, in a line each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ddnnsim.statistics import TooShortError

if TYPE_CHECKING:
    from ddnnsim.metrics import WarmUp
    from ddnnsim.results import Result


def worth(result: Result) -> Iterator[str]:
    """Yield what was left out of the numbers of *result*, where it has a warm-up, and how sure its mean latency is."""
    summary = result.summary
    if summary.warmup is not None:
        yield _warmup(summary.warmup)
    if summary.latency.mean_s is not None:
        yield _mean_latency(result)


def _warmup(warmup: WarmUp) -> str:
    left_out = f"{warmup.requests:,} requests captured before {warmup.until_s:,.1f} s are not counted"
    told = f"Warm-up: {left_out if warmup.requests else 'every request is counted'}"
    return told if warmup.enough else f"{told}; the run is too short to tell when it is over"


def _mean_latency(result: Result) -> str:
    try:
        told = result.mean_latency_ms
    except TooShortError as error:
        return f"Mean latency: {error.n:,} answers of one run are too few for an interval; some {error.needed:,} may do"
    return (
        f"Mean latency: {told.mean:,.3f} ms, give or take {told.half_width:,.3f} with {told.confidence:.0%}, by "
        f"{told.method} of this run alone"
    )
