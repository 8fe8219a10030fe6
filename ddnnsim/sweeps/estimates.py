"""What independent runs of one point say of a number, named by its path, and what a quantile needs for that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from math import isnan, prod

from ddnnsim.statistics import Estimate, TooShortError, mean_interval, quantile_interval_of_runs

Numbers = Mapping[str, float | None]
"""Of one run, by path; None or NaN for one that it does not have."""
_QUANTILE = re.compile(r"(?:(?P<of>.+)\.)?latency\.p(?P<percent>\d\d)_s")


def estimate(path: str, runs: Iterable[Numbers]) -> Estimate | None:
    """Return the mean of the number at *path* over those of *runs* that have it, with its interval; None: none has it.

    A quantile has no interval where one of these runs is too short for it.
    """
    having = [run for run in runs if _told(run, path) is not None]
    if not having:
        return None
    try:
        return _interval(path, having)
    except TooShortError:
        return replace(mean_interval(_values(path, having)), low=None, high=None)


def refusal(path: str, runs: Iterable[Numbers]) -> TooShortError | None:
    """Return why the quantile at *path* has no interval, as one of *runs* that have it is too short for it."""
    having = [run for run in runs if _told(run, path) is not None]
    try:
        if having:
            _interval(path, having)
    except TooShortError as error:
        return error
    return None


def behind(path: str, known: Iterable[str]) -> list[str]:
    """Return which of the numbers *known* by path say how many answers the quantile at *path* is of; else none."""
    told = _QUANTILE.fullmatch(path)
    if told is None:
        return []
    of = told["of"]
    if of is None:
        return [name for name in known if fnmatchcase(name, "exits.*.answers")]
    wanted = {f"{of}.{count}" for count in ("answers", "requests", "availability")}
    return [name for name in known if name in wanted]


def _interval(path: str, runs: Sequence[Numbers]) -> Estimate:
    """Return the interval of what is at *path* in all *runs*. Raises TooShortError as `quantile_interval_of_runs`."""
    told, values = _QUANTILE.fullmatch(path), _values(path, runs)
    if told is None:
        return mean_interval(values)
    return quantile_interval_of_runs(values, [_answers(path, run) for run in runs], int(told["percent"]) / 100)


def _answers(path: str, run: Numbers) -> int:
    """Return how many answers of *run* the quantile at *path* is of: of all exits, of one, or by circumstances."""
    counts = {name: _told(run, name) or 0 for name in behind(path, run)}
    if any(name.endswith(".availability") for name in counts):
        return round(prod(counts.values()))  # of so many requests, a share
    return round(sum(counts.values()))


def _values(path: str, runs: Iterable[Numbers]) -> list[float]:
    return [value for run in runs if (value := _told(run, path)) is not None]


def _told(run: Numbers, path: str) -> float | None:
    """Return the number of *run* at *path*, if it has one."""
    value = run.get(path)
    return None if value is None or isnan(value) else value
