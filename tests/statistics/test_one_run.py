"""One long run: autocorrelation, batch means, and the end of the start, against laws that are known."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from series import autoregressive

from ddnnsim.statistics import (
    TooShortError,
    Truncation,
    autocorrelation_time,
    batch_means,
    mean_interval,
    mser_5,
)

T_19 = 2.0930240544082634
"""What |t| exceeds with 5 % for 19 degrees."""


@pytest.mark.parametrize(("phi", "tau"), [(0.0, 1.0), (0.5, 3.0), (0.9, 19.0)])
def test_autocorrelation_time_of_an_autoregression(phi: float, tau: float) -> None:
    told = mean_interval([autocorrelation_time(autoregressive(phi, 100_000, seed)) for seed in range(20)], 0.99)
    assert told.low is not None
    assert told.high is not None
    assert told.low - 0.005 * tau <= tau <= told.high + 0.005 * tau  # a window leaves out a little, and 1 is the least
    assert told.half_width <= 0.05 * tau


def test_autocorrelation_time_by_hand() -> None:
    # 1 1 0 0 1 1 0 0: rho_1 = 1/8, rho_2 = -6/8, so tau is 1, 5/4, -1/4 for W = 0, 1, 2: the window is 2
    assert autocorrelation_time([1, 1, 0, 0, 1, 1, 0, 0]) == 1.0
    # and lag by lag, where successive values are alike
    rho = [sum(a * b for a, b in zip(BLOCKS, BLOCKS[lag:], strict=False)) / len(BLOCKS) for lag in range(len(BLOCKS))]
    taus = [2 * sum(rho[: window + 1]) - 1 for window in range(len(BLOCKS))]
    expected = next(tau for window, tau in enumerate(taus) if window >= 5 * tau)
    assert autocorrelation_time(BLOCKS) == pytest.approx(max(1.0, expected))


BLOCKS = [sign for sign in (1, -1, 1, 1, -1, -1) for _ in range(4)]
"""Of mean 0 and variance 1."""


@pytest.mark.parametrize("values", [[3.0], [3.0] * 700, [0.1] * 9])
def test_equal_values_count_one_by_one(values: list[float]) -> None:
    assert autocorrelation_time(values) == 1.0


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=60))
def test_autocorrelation_time_is_between_one_and_all(values: list[float]) -> None:
    assert 1 <= autocorrelation_time(values) <= max(1, len(values))


def test_batch_means_by_hand() -> None:
    values = np.random.default_rng(5).permutation(600.0 + np.arange(1019))
    told = batch_means(values)  # batches of 50: 19 are left over at the start
    means = [float(sum(values[19 + 50 * batch : 69 + 50 * batch])) / 50 for batch in range(20)]
    mean = sum(means) / 20
    half = T_19 * sqrt(sum((x - mean) ** 2 for x in means) / 19 / 20)
    assert (told.n, told.method, told.confidence) == (20, "batch means", 0.95)
    assert (told.low, told.mean, told.high) == pytest.approx((mean - half, mean, mean + half))


def test_a_run_that_never_changes_has_a_mean() -> None:
    told = batch_means([0.25] * 500)
    assert (told.low, told.mean, told.high) == (0.25, 0.25, 0.25)


def test_short_runs_are_refused() -> None:
    with pytest.raises(TooShortError, match="at least 500"):
        batch_means([])
    with pytest.raises(TooShortError) as told:
        batch_means(np.random.default_rng(1).random(499))
    assert (told.value.n, told.value.needed) == (499, 500)
    values = autoregressive(0.9, 5000, seed=1)
    with pytest.raises(TooShortError) as told:
        batch_means(values)
    needed = 500 * autocorrelation_time(values)
    assert needed <= told.value.needed < needed + 1
    assert 5000 < needed < 15_000, "about 500 * 19"
    with pytest.raises(TooShortError):
        batch_means(np.arange(2000.0))  # it only grows


def test_batch_means_hold_the_mean_as_often_as_they_say() -> None:
    """95 % of 500 autoregressions, as near as 500 can tell; they are longer than needed, so that none is refused."""
    held = 0
    for seed in range(500):
        told = batch_means(autoregressive(0.8, 9000, seed))  # tau is 9: 4500 would be just enough
        assert told.low is not None
        assert told.high is not None
        held += told.low <= 0 <= told.high
    assert binom.ppf(0.005, 500, 0.95) <= held <= binom.ppf(0.995, 500, 0.95)


def statistic(means: list[Fraction]) -> Fraction:
    mean = sum(means, Fraction(0)) / len(means)
    return sum(((x - mean) ** 2 for x in means), Fraction(0)) / len(means) ** 2


@given(st.lists(st.integers(-3, 9), min_size=100, max_size=200), st.integers(0, 60), st.integers(-30, 30))
def test_mser_5_by_brute_force(values: list[int], start: int, shift: int) -> None:
    values = [value + shift * (place < start) for place, value in enumerate(values)]
    k = len(values) // 5
    means = [Fraction(sum(values[5 * i : 5 * i + 5]), 5) for i in range(k)]
    of = [statistic(means[d:]) for d in range(k // 2 + 1)]
    least = of.index(min(of))  # exactly, the first of several
    assert mser_5(values) == Truncation(5 * least, enough=least < k // 2)


@pytest.mark.parametrize("last", [1, -1])
@pytest.mark.parametrize("scale", [1, 2, 3, 7])
def test_of_several_truncations_that_are_as_good_mser_5_takes_the_least(scale: int, last: int) -> None:
    """Of means 35, and 24 times 24 up or down, 15000 / 25^2 and 13824 / 24^2 are both 24; more left out is worse."""
    for shift in range(60):
        sums = [shift + scale * mean for mean in [35, *([24 * last, -24 * last] * 12)]]
        values = [part for of_five in sums for part in _five(of_five)]
        means = [Fraction(of_five, 5) for of_five in sums]
        assert statistic(means) == statistic(means[1:]) == 24 * Fraction(scale, 5) ** 2
        assert mser_5(values) == Truncation(0, enough=True)


def _five(total: int) -> list[int]:
    """Return five whole numbers that add up to *total*."""
    each, rest = divmod(total, 5)
    return [each + 1] * rest + [each] * (5 - rest)


def test_a_shifted_start_is_found() -> None:
    for seed in range(20):
        values = autoregressive(0.5, 2000, seed)
        values[:200] += 20
        told = mser_5(values)
        assert told.enough
        assert 200 <= told.values <= 500


def test_mser_5_by_hand() -> None:
    assert mser_5([5.0] * 33 + [1.0] * 67) == Truncation(35, enough=True), "the seventh mean is of both"
    assert mser_5([1.0] * 100) == Truncation(0, enough=True)
    assert mser_5([5.0] * 30 + [1.0] * 69) == Truncation(0, enough=False), "19 means are too few"
    assert mser_5([5.0] * 50 + [1.0] * 50) == Truncation(50, enough=False), "the last truncation looked at"
    assert mser_5([5.0] * 50 + [1.0] * 54) == Truncation(50, enough=False), "and four values are no mean"
    assert mser_5(np.arange(1000.0)) == Truncation(500, enough=False)
    assert mser_5([]) == Truncation(0, enough=False)
