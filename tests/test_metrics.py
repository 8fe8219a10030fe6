"""Numbers of a run, exact on small cases."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ddnnsim.metrics.timeliness import Age, Timeliness, age, timeliness

S = 10**9


def ages(answers: list[tuple[int, int]], end_ns: int) -> Age:
    """Return the age of information for *answers*, pairs of capture and answer."""
    captured, answered = np.array(answers, np.int64).reshape(-1, 2).T
    return age(captured, answered, end_ns)


def test_the_age_of_information():
    # Captured at 0, answered at 2; captured at 1, at 5; captured at 4, at 6; the end at 8, all in s. The age goes
    # from 2 up to 5, falls to 4, goes up to 5, falls to 2 and goes up to 4.
    told = ages([(0, 2 * S), (1 * S, 5 * S), (4 * S, 6 * S)], 8 * S)
    assert told == Age(mean_s=((2 + 5) / 2 * 3 + (4 + 5) / 2 * 1 + (2 + 4) / 2 * 2) / 6, peak_mean_s=(5 + 5) / 2)


def test_an_answer_that_is_no_fresher_does_not_count():
    # The request of 3 s overtakes that of 1 s; that of 2 s is answered in the instant of a fresher one.
    one = ages([(0, 2 * S), (3 * S, 5 * S), (1 * S, 6 * S)], 8 * S)
    assert one == ages([(0, 2 * S), (3 * S, 5 * S)], 8 * S)
    assert ages([(2 * S, 5 * S), (0, 2 * S), (3 * S, 5 * S)], 8 * S) == one


def test_without_time_or_answers_there_is_no_age():
    assert ages([], 5) == Age(None, None)
    assert ages([(0, 5)], 5) == Age(None, None)
    assert ages([(0, 5)], 7) == Age(6 / S, None)


def test_the_age_of_a_long_run_is_exact():
    # A capture each second of a year, answered a third of a second later: the age goes from 1/3 s to 4/3 s.
    third, n = S // 3, 31_536_000 // 500
    answers = [(k * 500 * S, k * 500 * S + third) for k in range(n)]
    peak = Fraction(500 * S + third, S)
    told = ages(answers, n * 500 * S + third)
    assert told.peak_mean_s == float(peak)
    assert told.mean_s == float(Fraction(third, S) + 250)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 10)), min_size=1, max_size=12), st.integers(0, 5))
def test_the_age_is_that_of_a_walk_second_by_second(pairs, more):
    answers = [(captured, captured + took) for captured, took in pairs]
    first, end = min(a for _, a in answers), max(a for _, a in answers) + more
    fresh = [max(c for c, a in answers if a <= t) for t in range(first, end)]
    twice = sum(2 * (t - c) + 1 for t, c in zip(range(first, end), fresh, strict=True))  # it grows within each ns
    mean = float(Fraction(twice, 2 * (end - first) * S)) if end > first else None
    assert ages(answers, end).mean_s == mean


def test_what_is_in_time():
    done, right = np.array([True, True, True, False]), np.array([True, False, True, False])
    latency_ns = np.array([10, 10, 11, 0])
    told = timeliness(done, right, latency_ns, 10, 4 * S)
    assert told == Timeliness(10 / S, in_time=2 / 4, correct_in_time=1 / 4, goodput_per_s=0.25)
    assert timeliness(done[:0], right[:0], latency_ns[:0], 10, 0) == Timeliness(10 / S, None, None, None)
