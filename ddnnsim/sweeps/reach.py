"""How near the runs of a point come to the precision that is asked for, and how many more it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ddnnsim.scenario.sweep import Precision
from ddnnsim.statistics import more_needed, precision
from ddnnsim.sweeps.estimates import Numbers, estimate, refusal


class Reach(NamedTuple):
    """How well the mean of a number is known at one point."""

    n: int
    """How many runs have it."""
    reached: bool
    mean: float | None
    half_width: float | None
    """Half of its 95 % interval; None: there is none."""
    why: str | None
    """Why no more are run, in words; None where it is reached."""


def more_runs(asked: Precision, runs: Sequence[Numbers]) -> int:
    """Return how many more runs of a point to do beside *runs*, of which one that failed has no number.

    None beyond the least where a run is too short for the quantile: no number of them makes an interval.
    """
    if len(runs) >= asked.least and refusal(asked.of, runs) is not None:
        return 0
    return more_needed(_values(asked, runs), asked.within, asked.least, asked.most)


def reach(asked: Precision, runs: Sequence[Numbers]) -> Reach:
    """Return how near *runs* of a point, all that there are, come to what is *asked*."""
    told = estimate(asked.of, runs)
    if told is None:
        return Reach(0, False, None, None, "no run has the number")
    refused = refusal(asked.of, runs)
    if refused is not None:
        return Reach(told.n, False, told.mean, None, str(refused))
    if precision(_values(asked, runs), asked.within).reached:
        return Reach(told.n, True, told.mean, told.half_width, None)
    why = "one run alone has the number" if told.half_width is None else f"{asked.most:,} replications are the most"
    return Reach(told.n, False, told.mean, told.half_width, why)


def _values(asked: Precision, runs: Sequence[Numbers]) -> list[float | None]:
    return [run.get(asked.of) for run in runs]
