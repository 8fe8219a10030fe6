"""Intervals of quantiles, exact by the binomial distribution; and of differences, pair by pair."""

from __future__ import annotations

from fractions import Fraction
from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ddnnsim.statistics import TooShortError, paired, quantile_interval, unpaired


@pytest.mark.parametrize(
    ("n", "q", "low", "high"),
    [
        (6, 0.5, 1, 6),  # 2^-6 lie on either side with all: the least n for a median
        (10, 0.5, 2, 9),  # David and Nagaraja, sec. 7.1: 97.9 %
        (20, 0.5, 6, 15),  # 95.9 %
    ],
)
def test_ranks_of_the_median(n: int, q: float, low: int, high: int) -> None:
    told = quantile_interval(np.random.default_rng(n).permutation(np.arange(1.0, n + 1)), q)
    assert (told.low, told.high, told.n, told.method) == (low, high, n, "order statistics")


def test_the_quantile_is_the_least_value_that_so_many_do_not_exceed() -> None:
    assert quantile_interval(range(1, 101), 0.95).mean == 95
    assert quantile_interval(range(1, 102), 0.95).mean == 96


@pytest.mark.parametrize(("q", "least"), [(0.5, 6), (0.95, 72), (0.05, 72), (0.99, 368)])
def test_few_values_have_no_such_interval(q: float, least: int) -> None:
    assert quantile_interval(range(least), q).n == least
    with pytest.raises(TooShortError) as told:
        quantile_interval(range(least - 1), q)
    assert (told.value.n, told.value.needed) == (least - 1, least)


def test_no_quantile_at_the_ends() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile_interval(range(100), 1.0)


@given(st.integers(1, 150), st.integers(1, 19), st.sampled_from([Fraction(1, 2), Fraction(9, 10), Fraction(95, 100)]))
def test_ends_err_as_rarely_as_they_say_and_no_narrower_ones_do(n: int, twentieths: int, confidence: Fraction) -> None:
    q, error = Fraction(twentieths, 20), (1 - confidence) / 2
    mass = [comb(n, k) * twentieths**k * (20 - twentieths) ** (n - k) for k in range(n + 1)]

    def above(rank: int) -> Fraction:
        """Return the probability that fewer than *rank* values are below the quantile."""
        return Fraction(sum(mass[:rank]), 20**n)

    lows = [rank for rank in range(1, n + 1) if above(rank) <= error]
    highs = [rank for rank in range(1, n + 1) if 1 - above(rank) <= error]
    if any(abs(float(above(rank) - bound)) < 1e-12 for rank in range(n + 1) for bound in (error, 1 - error)):
        return  # rounding decides
    if not lows or not highs:
        with pytest.raises(TooShortError):
            quantile_interval(range(1, n + 1), float(q), float(confidence))
        return
    told = quantile_interval(range(1, n + 1), float(q), float(confidence))
    assert (told.low, told.high) == (max(lows), min(highs))


def test_three_pairs_by_hand() -> None:
    told = paired([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])  # differences 1, 2, 3
    t_2 = 0.95 * sqrt(2 / (1 - 0.95**2))
    assert told.difference.mean == 2.0
    assert told.difference.half_width == pytest.approx(t_2 * sqrt(1 / 3))
    assert told.correlation == 1.0
    welch = stats.t.ppf(0.975, 2 * (1 + 4) ** 2 / (1 + 16)) * sqrt((1 + 4) / 3)
    assert told.widening == pytest.approx(welch / (t_2 * sqrt(1 / 3)))


def test_pairs_agree_with_scipy() -> None:
    rng = np.random.default_rng(3)
    common = rng.normal(size=12)
    first, second = common + 0.1 * rng.normal(size=12), 1 + common + 0.1 * rng.normal(size=12)
    told = paired(first.tolist(), second.tolist())
    interval = stats.ttest_rel(second, first).confidence_interval()
    assert (told.difference.low, told.difference.high) == pytest.approx((interval.low, interval.high))
    assert told.correlation == pytest.approx(np.corrcoef(first, second)[0, 1])
    apart = stats.ttest_ind(second, first, equal_var=False).confidence_interval()
    assert told.widening == pytest.approx((apart.high - apart.low) / (interval.high - interval.low))
    assert told.widening > 5, "what pairing is for"


def test_pairs_that_say_nothing_of_correlation() -> None:
    one = paired([1.0], [3.0])
    assert (one.difference.mean, one.difference.low, one.correlation, one.widening) == (2.0, None, None, None)
    alike = paired([1.0, 2.0], [2.0, 3.0])
    assert (alike.difference.half_width, alike.widening) == (0.0, None)
    assert alike.correlation == pytest.approx(1.0)
    assert paired([1.0, 1.0], [2.0, 3.0]).correlation is None


@pytest.mark.parametrize(("first", "second"), [([], []), ([1.0], [1.0, 2.0])])
def test_what_cannot_be_paired(first: list[float], second: list[float]) -> None:
    with pytest.raises(ValueError, match=r"value|longer"):
        paired(first, second)


# -- without pairs -----------------------------------------------------------------------------


def test_samples_of_unlike_sizes_by_hand() -> None:
    told = unpaired([1.0, 2.0, 3.0], [5.0, 7.0])  # variances 1 and 2, errors squared 1/3 and 1
    degrees = (4 / 3) ** 2 / ((1 / 3) ** 2 / 2 + 1)  # 32 / 19
    assert degrees == pytest.approx(32 / 19)
    half = stats.t.ppf(0.975, degrees) * sqrt(4 / 3)
    assert (told.mean, told.n) == (4.0, 5)
    assert (told.low, told.high) == (pytest.approx(4 - half), pytest.approx(4 + half))


def test_samples_agree_with_scipy() -> None:
    random = np.random.default_rng(5)
    first, second = random.normal(1, 1, 12), random.normal(2, 3, 30)
    interval = stats.ttest_ind(second, first, equal_var=False).confidence_interval(0.95)
    told = unpaired(first.tolist(), second.tolist())
    assert (told.low, told.high) == (pytest.approx(interval.low), pytest.approx(interval.high))


def test_a_single_value_has_no_interval_and_values_that_agree_one_of_no_width() -> None:
    alone = unpaired([1.0], [2.0, 4.0])
    assert (alone.mean, alone.low, alone.n) == (2.0, None, 3)
    assert unpaired([1.0, 1.0], [2.0, 2.0, 2.0]).half_width == 0.0
    with pytest.raises(ValueError, match="at least one value"):
        unpaired([], [1.0])
