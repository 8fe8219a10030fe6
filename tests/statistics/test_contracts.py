"""What no function of statistics takes: values that are not finite, shares that are none, lists that do not match."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan

import pytest

from ddnnsim.statistics import (
    answers_needed,
    autocorrelation_time,
    batch_means,
    mean_interval,
    mser_5,
    paired,
    precision,
    quantile_interval,
    quantile_interval_of_runs,
)

OF_VALUES: dict[str, Callable[[list[float]], object]] = {
    "autocorrelation": autocorrelation_time,
    "batch means": batch_means,
    "mean": mean_interval,
    "mser": mser_5,
    "first of pairs": lambda values: paired(values, [1.0] * len(values)),
    "second of pairs": lambda values: paired([1.0] * len(values), values),
    "precision": lambda values: precision(values, 0.1),
    "quantile": lambda values: quantile_interval(values, 0.5),
    "quantile of runs": lambda values: quantile_interval_of_runs(values, [1000] * len(values), 0.5),
}


@pytest.mark.parametrize("value", [nan, inf, -inf])
@pytest.mark.parametrize("told", OF_VALUES.values(), ids=OF_VALUES)
def test_values_that_are_not_finite(told: Callable[[list[float]], object], value: float) -> None:
    with pytest.raises(ValueError, match=f"value 2 is {value}; all of them must be finite"):
        told([1.0, 2.0, value, *map(float, range(600))])


OF_CONFIDENCE: dict[str, Callable[[float], object]] = {
    "batch means": lambda confidence: batch_means([1.0] * 500, confidence),
    "mean": lambda confidence: mean_interval([1.0, 2.0], confidence),
    "one value": lambda confidence: mean_interval([1.0], confidence),
    "pairs": lambda confidence: paired([1.0, 2.0], [1.0, 3.0], confidence),
    "quantile": lambda confidence: quantile_interval(range(100), 0.5, confidence),
    "quantile of runs": lambda confidence: quantile_interval_of_runs([1.0, 2.0], [200, 200], 0.5, confidence),
}


@pytest.mark.parametrize("confidence", [95, 1, 0, -0.1, nan])
@pytest.mark.parametrize("told", OF_CONFIDENCE.values(), ids=OF_CONFIDENCE)
def test_a_confidence_that_is_no_share(told: Callable[[float], object], confidence: float) -> None:
    with pytest.raises(ValueError, match=rf"a confidence of {confidence} is not between 0 and 1"):
        told(confidence)


@pytest.mark.parametrize("q", [0, 1, 1.0, 95, nan])
def test_a_quantile_that_is_no_share(q: float) -> None:
    for told in (
        answers_needed,
        lambda q: quantile_interval(range(100), q),
        lambda q: quantile_interval_of_runs([1.0], [100], q),
    ):
        with pytest.raises(ValueError, match=rf"a quantile of {q} is not between 0 and 1"):
            told(q)


@pytest.mark.parametrize(
    "told",
    [
        lambda: mean_interval([]),
        lambda: paired([], []),
        lambda: autocorrelation_time([]),
        lambda: quantile_interval_of_runs([], [], 0.5),
    ],
)
def test_nothing_of_no_values(told: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="needs at least one value"):
        told()


def test_more_than_there_are_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="3 values cannot be drawn of a population of 2, none twice"):
        mean_interval([1.0, 2.0, 3.0], population=2)


def test_each_run_has_its_quantile_and_its_answers() -> None:
    with pytest.raises(ValueError, match="2 quantiles, and answers of 3 runs"):
        quantile_interval_of_runs([1.0, 2.0], [200, 200, 200], 0.5)


def test_a_table_is_no_list_of_values() -> None:
    with pytest.raises(ValueError, match=r"values of shape \(2, 2\) are no list"):
        mser_5([[1.0, 2.0], [3.0, 4.0]])
