"""Whether answers come in time, and how old what they tell is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

NS_PER_S = 10**9


@dataclass(frozen=True, slots=True)
class Timeliness:
    """What was in time for a deadline."""

    deadline_s: float
    in_time: float | None
    """Share of all requests whose latency was at most the deadline; None: there was no request."""
    correct_in_time: float | None
    """Share of all requests that were answered rightly, too."""
    goodput_per_s: float | None
    """Answers, right and in time, per simulated second after the warm-up; None where that is no time."""


@dataclass(frozen=True, slots=True)
class Age:
    """How long ago the freshest answered request was captured, where the answers are wanted."""

    mean_s: float | None
    """Over the time from the first answer to the end of the run; None where that is no time."""
    peak_mean_s: float | None
    """Mean of what it had grown to at each answer that made it less; None where none did."""


def timeliness(
    done: NDArray[np.bool_],
    right: NDArray[np.bool_],
    latency_ns: NDArray[np.int64],
    deadline_ns: int,
    length_ns: int,
) -> Timeliness:
    """Return what of requests that are *done*, and *right*, was so within *deadline_ns*, in a time of *length_ns*."""
    in_time = done & (latency_ns <= deadline_ns)
    good = int((in_time & right).sum())
    requests = len(done)
    return Timeliness(
        deadline_s=deadline_ns / NS_PER_S,
        in_time=int(in_time.sum()) / requests if requests else None,
        correct_in_time=good / requests if requests else None,
        goodput_per_s=good * NS_PER_S / length_ns if length_ns else None,
    )


def age(captured_ns: NDArray[np.int64], answered_ns: NDArray[np.int64], end_ns: int) -> Age:
    """Return the age of information of a run that ended at *end_ns*; parallel arrays, one value an answer.

    In exact integers: squares of ns do not fit into 64 bits.
    """
    fresh_at, fresh = _refreshments(captured_ns, answered_ns)
    if not fresh:
        return Age(None, None)
    until = [*fresh_at[1:], end_ns]
    # The age grows by 1 ns in each: twice its integral from s to t, for a capture at c, is (t - s)(t + s - 2c).
    twice = sum((t - s) * (t + s - 2 * c) for s, t, c in zip(fresh_at, until, fresh, strict=True))
    length = end_ns - fresh_at[0]
    peaks = [t - c for t, c in zip(fresh_at[1:], fresh[:-1], strict=True)]
    return Age(
        mean_s=float(Fraction(twice, 2 * length * NS_PER_S)) if length else None,
        peak_mean_s=float(Fraction(sum(peaks), len(peaks) * NS_PER_S)) if peaks else None,
    )


def _refreshments(captured_ns: NDArray[np.int64], answered_ns: NDArray[np.int64]) -> tuple[list[int], list[int]]:
    """Return the instants at which a request is answered that is fresher than all before, and its capture."""
    order = np.lexsort((-captured_ns, answered_ns))  # of one instant only the freshest counts
    at_ns, fresh = answered_ns[order], captured_ns[order]
    before = np.maximum.accumulate(fresh)
    new = np.ones(len(fresh), bool)
    new[1:] = fresh[1:] > before[:-1]
    return at_ns[new].tolist(), fresh[new].tolist()
