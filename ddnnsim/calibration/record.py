"""What a calibration came to, with its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from .goals import Goal
    from .landscape import Landscape, Outcome
    from .staircase import Staircase


@dataclass(frozen=True)
class Calibration:
    """Thresholds chosen on the validation split for a goal, and what they come to there and on the test split."""

    name: str
    """Of the scenario."""
    goal: Goal
    thresholds: dict[str, float]
    """By the exit's name in the scenario."""
    temperatures: dict[str, float]
    """By the exit's name in the scenario: those that the thresholds are meant for."""
    settings: dict[str, float]
    """By path in the scenario, what was chosen: the thresholds, and the temperatures where they were fitted."""
    given: dict[str, object]
    """The overrides that came with the scenario."""
    validation: Outcome
    test: Outcome
    pareto: pd.DataFrame
    """Of all thresholds, those that none beats in accuracy, bytes and latency on the validation split. A row for
    each, the most accurate first: `KEY_threshold`, `KEY_share`, `accuracy`, `bytes` (per sample and device),
    `latency_ms`, and what they come to on the other split: `test_accuracy`, `test_bytes`, `test_latency_ms`."""
    reliability: pd.DataFrame
    """Of the test split, a row for each exit, `state` (before or after the temperature is fitted) and bin of
    confidence that is not empty: `temperature`, `low`, `high`, `samples`, `confidence`, `accuracy`."""
    trust: pd.DataFrame
    """A row for each exit and state: `temperature`; of the test split the expected calibration error `ece` and the
    negative log-likelihood `nll`; and `validation_nll`, which the fit makes least."""

    @property
    def overrides(self) -> dict[str, object]:
        """Return what makes the scenario that was given the calibrated one: `ddnnsim.run(path, **overrides)`."""
        return {**self.given, **self.settings}


def pareto_table(landscape: Landscape, rows: Sequence[int], test: Staircase) -> pd.DataFrame:
    """Return *rows* of *landscape* as a table, with what their thresholds come to on *test*."""
    import pandas as pd

    return pd.DataFrame([_pareto_row(landscape, row, test) for row in rows])


def _pareto_row(landscape: Landscape, row: int, test: Staircase) -> dict[str, float]:
    thresholds = landscape.chosen(row)
    here, there = landscape.outcome(row), test.evaluate(thresholds)
    keys = dict.fromkeys(key for _, key in landscape.exits)
    return {
        **{f"{key}_threshold": threshold for key, threshold in thresholds.items()},
        **{f"{key}_share": int(landscape.count(key)[row]) / landscape.samples for key in keys},
        "accuracy": here.accuracy,
        "bytes": here.bytes_per_sample_per_device,
        "latency_ms": here.latency_ms,
        "test_accuracy": there.accuracy,
        "test_bytes": there.bytes_per_sample_per_device,
        "test_latency_ms": there.latency_ms,
    }
