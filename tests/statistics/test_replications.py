"""Intervals over replications, held against Student's t by hand and against tables of it."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddnnsim.statistics import (
    Estimate,
    TooShortError,
    answers_needed,
    mean_interval,
    more_needed,
    precision,
    quantile_interval_of_runs,
)

T_2 = 0.95 * sqrt(2 / (1 - 0.95**2))
"""What |t| exceeds with 5 % for two degrees, for which Student's distribution is t / sqrt(2 + t^2)."""

finite = st.floats(-1e6, 1e6)


def test_three_values_by_hand() -> None:
    told = mean_interval([1.0, 2.0, 6.0])  # mean 3, variance (4 + 1 + 9) / 2 = 7
    half = T_2 * sqrt(7 / 3)
    assert (told.mean, told.n, told.confidence, told.method) == (3.0, 3, 0.95, "replications")
    assert (told.low, told.high) == pytest.approx((3 - half, 3 + half), rel=1e-12)


def test_another_confidence() -> None:
    half = mean_interval([0.0, 1.0], 0.5).half_width
    assert half == pytest.approx(0.5)  # one degree is Cauchy: the quartile is 1; the standard error is 1 / 2
    with pytest.raises(ValueError, match="between 0 and 1"):
        mean_interval([1.0, 2.0], 95)


def test_one_value_has_no_interval() -> None:
    assert mean_interval([0.3]) == Estimate(0.3, None, None, 1, 0.95, "replications")
    assert mean_interval([0.3]).half_width is None


def test_all_of_a_population_leave_nothing_open() -> None:
    assert mean_interval([1.0, 2.0, 6.0], population=3).half_width == 0
    quarter = mean_interval([1.0, 2.0, 6.0], population=4).half_width
    assert quarter == pytest.approx(T_2 * sqrt(7 / 3 / 4))


@given(finite, st.integers(2, 30))
def test_equal_values_are_their_mean(value: float, n: int) -> None:
    told = mean_interval([value] * n)
    assert (told.low, told.mean, told.high) == (value, value, value)


@given(st.lists(finite, min_size=2, max_size=30), st.floats(-1e3, 1e3), st.floats(0.01, 100))
def test_intervals_move_and_stretch_with_values(values: list[float], shift: float, factor: float) -> None:
    told, moved = mean_interval(values), mean_interval([shift + factor * value for value in values])
    assert moved.mean == pytest.approx(shift + factor * told.mean, abs=1e-4)
    assert moved.half_width == pytest.approx(factor * told.half_width, rel=1e-6, abs=1e-4)


def test_how_long_a_run_must_be_for_its_quantile() -> None:
    assert [answers_needed(q) for q in (0.5, 0.9, 0.95, 0.99)] == [20, 100, 200, 1000]
    assert quantile_interval_of_runs([1.0, 2.0, 6.0], [200, 300, 200], 0.95) == mean_interval([1.0, 2.0, 6.0])
    with pytest.raises(TooShortError, match=r"a run of 199 answers .* at least 200"):
        quantile_interval_of_runs([1.0, 2.0, 6.0], [200, 300, 199], 0.95)


def test_more_is_asked_for_as_the_variance_has_it() -> None:
    values = [9.0, 10.0, 11.0, 10.0, 10.0]  # mean 10, variance 1/2; half-width 2.7764 * sqrt(0.1) = 0.87798
    assert more_needed(values[:2], 0.1) == 3, "least comes first"
    assert more_needed(values, 0.0878) == 0
    assert more_needed(values, 0.0877) == 1
    # 0.7071 t / sqrt(n) <= 0.6: n = 8 gives t = 2.3646, 0.5912; n = 7 gives 2.4469, 0.6540
    assert more_needed(values, 0.06) == 3
    assert more_needed(values, 0.001) == 5, "as many again, for a start"
    assert more_needed(values, 0.001, most=7) == 2
    assert more_needed(values, 0.001, most=5) == 0
    assert not precision(values, 0.001).reached
    assert precision(values, 0.0878).reached


def test_a_mean_of_zero_is_never_narrow_enough_unless_exact() -> None:
    assert more_needed([-1.0, 1.0], 0.5, least=2) == 2
    assert more_needed([0.0, 0.0], 0.5, least=2) == 0


def test_replications_without_the_number() -> None:
    assert more_needed([None] * 5, 0.1) == 0
    assert precision([None] * 5, 0.1).estimate is None
    assert more_needed([None, 3.0, None, None, None], 0.1) == 0
    assert not precision([None, 3.0], 0.1).reached
    assert more_needed([None, 9.0, 11.0], 0.001, least=2) == 2, "as many again as have it"
    assert more_needed([None, 9.0, 11.0], 0.001, least=2, most=4) == 1, "and most counts all"


@pytest.mark.parametrize(("least", "most"), [(1, 100), (6, 5)])
def test_bounds_that_make_no_sense(least: int, most: int) -> None:
    with pytest.raises(ValueError, match="replications"):
        more_needed([1.0], 0.1, least, most)


@given(st.lists(finite, max_size=60), st.floats(1e-3, 1), st.integers(2, 20), st.integers(0, 50))
def test_laws_of_more_needed(values: list[float], within: float, least: int, beyond: int) -> None:
    most = least + beyond
    more = more_needed(values, within, least, most)
    assert 0 <= more <= max(least - len(values), len(values))
    assert len(values) + more <= max(most, len(values))
    if len(values) >= least:
        assert (more == 0) == (precision(values, within).reached or len(values) >= most)
