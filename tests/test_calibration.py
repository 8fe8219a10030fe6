"""Calibration: the search against brute force and by hand, temperatures with a known answer, and the command."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddnnsim.calibration import (
    ExitCost,
    Staircase,
    Step,
    calibration_error,
    candidates,
    choose,
    fit_temperature,
    front,
    leaves,
    negative_log_likelihood,
    parse_goal,
    reliability,
)
from ddnnsim.calibration.thresholds import parting, short_between
from ddnnsim.errors import UserError

FREE = ExitCost(0, 0, 0.0)


def step(key: str, values: list[float], right: str, cost: ExitCost = FREE, rule="entropy", name: str = "") -> Step:
    """Return an exit that compares *values*; *right* has a character for each sample, 1 where it is right."""
    return Step(name or key, key, rule, np.array(values), np.array([c == "1" for c in right]), cost)


# -- one exit with a threshold -----------------------------------------------------------------

LOCAL_COST, CLOUD_COST = ExitCost(10_000_000, 10_000_000, 40.0), ExitCost(50_000_000, 50_000_000, 112.0)


def two_exits(rule: str = "entropy") -> Staircase:
    """Return a local exit that is right where it is sure, and a cloud that is right but once."""
    values = [0.1, 0.2, 0.3, 0.4, 0.5]
    measure = values if rule == "entropy" else [1 - value for value in values]
    return Staircase([step("local", measure, "11010", LOCAL_COST, rule), step("cloud", [0] * 5, "10111", CLOUD_COST)])


def test_outcomes_by_hand() -> None:
    stairs = two_exits()
    half = stairs.evaluate({"local": 0.25})
    assert half.accuracy == 5 / 5
    assert half.shares == {"local": 2 / 5, "cloud": 3 / 5}
    assert half.bytes_per_sample_per_device == (2 * 40 + 3 * 112) / 5
    assert half.latency_ms == (2 * 10 + 3 * 50) / 5
    assert stairs.evaluate({"local": 0}).shares == {"local": 0, "cloud": 1}
    assert stairs.evaluate({"local": 1}).accuracy == 3 / 5


@pytest.mark.parametrize(
    ("goal", "local", "right"),  # right answers are 4, 4, 5, 4, 4, 3 for 0 to 5 local exits
    [
        ("accuracy", 2, 5),
        ("local-rate=0.3", 2, 5),
        ("local-rate=60 %", 4, 4),  # as right as 3, for less
        ("local-rate=1", 5, 3),
        ("bytes=84 B", 2, 5),  # 83.2 it takes
        ("bytes=83 B", 4, 4),
        ("bytes=54 B", 5, 3),
        ("latency=34 ms", 2, 5),
        ("latency=33999999 ns", 4, 4),
        ("loss=0", 2, 5),
        ("loss=20 %", 4, 4),
        ("loss=40 %", 5, 3),
    ],
)
@pytest.mark.parametrize("rule", ["entropy", "probability", "margin"])
def test_goals_by_hand(goal: str, local: int, right: int, rule: str) -> None:
    stairs = two_exits(rule)
    landscape = stairs.landscape(candidates(stairs))
    outcome = landscape.outcome(choose(landscape, parse_goal(goal)))
    assert (outcome.shares["local"], outcome.accuracy) == (local / 5, right / 5)


@pytest.mark.parametrize(
    ("goal", "told"),
    [
        ("bytes=39 B", "least possible is 40 B"),
        ("latency=9 ms", "least possible is 10 ms"),
    ],
)
def test_what_cannot_be_is_told_with_the_least_that_can(goal: str, told: str) -> None:
    stairs = two_exits()
    with pytest.raises(UserError, match=told):
        choose(stairs.landscape(candidates(stairs)), parse_goal(goal))


def test_a_local_rate_needs_a_local_exit() -> None:
    stairs = Staircase([step("edge", [0.5], "1"), step("cloud", [0.5], "1")])
    with pytest.raises(UserError, match="no local exit"):
        choose(stairs.landscape(candidates(stairs)), parse_goal("local-rate=0.5"))


def test_of_equal_accuracy_the_cheapest_wins() -> None:
    stairs = Staircase([step("local", [0.1, 0.2, 0.3], "111", LOCAL_COST), step("cloud", [0] * 3, "111", CLOUD_COST)])
    landscape = stairs.landscape(candidates(stairs))
    assert landscape.outcome(choose(landscape, parse_goal("accuracy"))).shares["local"] == 1
    assert [landscape.chosen(row) for row in front(landscape)] == [{"local": 1.0}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("acuracy", "did you mean 'accuracy'?"),
        ("byte=80 B", "did you mean 'bytes'?"),
        ("accuracy=90 %", "accuracy has no limit"),
        ("bytes", "write e.g. 'bytes=80 B'"),
        ("bytes=80", "'80' has no unit"),
        ("bytes=80 ms", "is not a size"),
        ("latency=120", "has no unit"),
        ("local-rate=60", "did you mean '60.0 %'?"),
        ("loss=-1 %", "outside 0 to 1"),
        ("local-rate=nan", "outside 0 to 1"),
        ("", "unknown goal ''"),
    ],
)
def test_goals_that_are_none(text: str, told: str) -> None:
    with pytest.raises(UserError) as error:
        parse_goal(text)
    assert told in str(error.value)


def test_goals_in_base_units() -> None:
    assert parse_goal("local-rate=0.6")[:2] == ("local-rate", 0.6)
    assert parse_goal(" loss = 1 % ") == ("loss", 0.01, "loss=1 %")
    assert parse_goal("bytes=1 KiB")[:2] == ("bytes", 1024)
    assert parse_goal("latency=120 ms")[:2] == ("latency", 120_000_000)


# -- groups ------------------------------------------------------------------------------------


def test_of_two_sure_groups_the_earlier_answers() -> None:
    north = step("local", [0.1, 0.1, 0.9, 0.9], "1010", ExitCost(20, 20, 4.0), name="local.north")
    south = step("local", [0.1, 0.9, 0.1, 0.9], "0101", ExitCost(10, 10, 4.0), name="local.south")
    stairs = Staircase([north, south, step("cloud", [0] * 4, "1111", ExitCost(90, 90, 8.0))])
    outcome = stairs.evaluate({"local": 0.5})
    assert outcome.shares == {"local.north": 1 / 4, "local.south": 2 / 4, "cloud": 1 / 4}
    assert outcome.accuracy == 1 / 4  # wrong by south, wrong by north, wrong by south, right by the cloud
    assert outcome.latency_ms == (10 + 20 + 10 + 90) / 4 / 1e6
    late = Staircase([north, south._replace(cost=ExitCost(20, 10, 4.0)), stairs.steps[-1]])
    assert late.evaluate({"local": 0.5}).accuracy == 2 / 4  # of equals the first group, whatever the replies


def test_of_two_sure_groups_the_earlier_decision_answers_though_its_reply_is_later() -> None:
    north = step("local", [0.1], "1", ExitCost(10, 60, 4.0), name="local.north")
    south = step("local", [0.1], "0", ExitCost(20, 30, 4.0), name="local.south")
    for groups in ([north, south], [south, north]):
        outcome = Staircase([*groups, step("cloud", [0], "0", ExitCost(90, 90, 8.0))]).evaluate({"local": 0.5})
        assert outcome.shares["local.north"] == outcome.accuracy == 1
        assert outcome.latency_ms == 60 / 1e6


def test_groups_share_candidates() -> None:
    stairs = Staircase(
        [step("local", [0.1], "1", name="n"), step("local", [0.4], "1", name="s"), step("cloud", [0], "1")]
    )
    assert candidates(stairs)["local"].tolist() == [0, 0.2, 1]


# -- brute force -------------------------------------------------------------------------------

LEVELS = [0.0, 0.1, 0.25, 0.5, 0.9, 1.0]
RULES = st.sampled_from(["entropy", "probability", "margin"])


SHAPES = [("local",), ("local", "local"), ("local", "edge"), ("local", "local", "edge"), ("edge",)]


@st.composite
def staircases(draw) -> Staircase:
    samples = draw(st.integers(1, 6))
    keys = draw(
        st.sampled_from([("local",), ("local", "local"), ("local", "edge"), ("local", "local", "edge"), ("edge",)])
    )
    rules = {key: draw(RULES) for key in keys}
    column = st.lists(st.sampled_from(LEVELS), min_size=samples, max_size=samples)
    flags = st.text("01", min_size=samples, max_size=samples)
    cost = st.builds(ExitCost, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3).map(float))
    steps = [step(key, draw(column), draw(flags), draw(cost), rules[key], f"{key}{i}") for i, key in enumerate(keys)]
    return Staircase([*steps, step("cloud", [0.0] * samples, draw(flags), draw(cost))])


def climbed(stairs: Staircase, thresholds: dict[str, float], sample: int) -> Step:
    """Return where *sample* leaves, one question after the other."""
    for key in dict.fromkeys(s.key for s in stairs.steps[:-1]):
        sure = []
        for s in stairs.steps:
            if s.key == key:
                value, threshold = s.measure[sample], thresholds[key]
                entropy_says = threshold == 1 or value < threshold
                if entropy_says if s.rule == "entropy" else (threshold == 0 or value > threshold):
                    sure.append(s)
        if sure:
            return min(sure, key=lambda s: s.cost.decided_ns)
    return stairs.steps[-1]


def total(stairs: Staircase, thresholds: dict[str, float]) -> tuple[int, float, int]:
    """Return right answers, less bytes and less latency, over all samples."""
    left = [climbed(stairs, thresholds, sample) for sample in range(stairs.samples)]
    right = sum(bool(s.right[sample]) for sample, s in enumerate(left))
    return right, -sum(s.cost.bytes_per_device for s in left), -sum(s.cost.latency_ns for s in left)


# Between, on and beyond all values: what else could part them?
EVERYWHERE = sorted({*LEVELS, *((a + b) / 2 for a, b in pairwise(LEVELS))})


def everything(stairs: Staircase) -> list[dict[str, float]]:
    return [dict(zip(stairs.keys, values, strict=True)) for values in product(EVERYWHERE, repeat=len(stairs.keys))]


@given(staircases())
def test_nothing_is_better_than_what_is_chosen(stairs: Staircase) -> None:
    landscape = stairs.landscape(candidates(stairs))
    chosen = landscape.chosen(choose(landscape, parse_goal("accuracy")))
    assert total(stairs, chosen) == max(total(stairs, thresholds) for thresholds in everything(stairs))


@given(staircases(), st.integers(0, 12))
def test_within_a_budget_nothing_is_better(stairs: Staircase, quarters: int) -> None:
    budget = quarters / 4
    all_totals = [total(stairs, thresholds) for thresholds in everything(stairs)]
    allowed = [t for t in all_totals if -t[1] <= budget * stairs.samples]
    landscape = stairs.landscape(candidates(stairs))
    goal = parse_goal("bytes=1 B")._replace(limit=budget)
    if allowed:
        assert total(stairs, landscape.chosen(choose(landscape, goal))) == max(allowed)
    else:
        with pytest.raises(UserError, match="out of reach"):
            choose(landscape, goal)


@given(staircases(), st.sampled_from([0.0, 0.2, 0.5, 1.0]))
def test_the_most_early_exits_for_a_loss(stairs: Staircase, loss: float) -> None:
    def early(thresholds: dict[str, float]) -> int:
        return sum(climbed(stairs, thresholds, sample) is not stairs.steps[-1] for sample in range(stairs.samples))

    best = max(total(stairs, thresholds)[0] for thresholds in everything(stairs))
    least = best - loss * stairs.samples - 1e-9
    landscape = stairs.landscape(candidates(stairs))
    chosen = landscape.chosen(choose(landscape, parse_goal("loss=1 %")._replace(limit=loss)))
    assert total(stairs, chosen)[0] >= least
    assert early(chosen) == max(early(t) for t in everything(stairs) if total(stairs, t)[0] >= least)


@given(staircases())
def test_the_front_is_what_nothing_beats(stairs: Staircase) -> None:
    totals = {total(stairs, thresholds) for thresholds in everything(stairs)}
    beaten = {a for a in totals for b in totals if a != b and all(y >= x for x, y in zip(a, b, strict=True))}
    landscape = stairs.landscape(candidates(stairs))
    rows = front(landscape)
    assert sorted(total(stairs, landscape.chosen(row)) for row in rows) == sorted(totals - beaten)
    assert landscape.right[rows].tolist() == sorted(landscape.right[rows].tolist(), reverse=True)


@given(staircases(), st.data())
def test_outcomes_are_those_of_samples_one_by_one(stairs: Staircase, data: st.DataObject) -> None:
    thresholds = {key: data.draw(st.sampled_from(EVERYWHERE)) for key in stairs.keys}
    outcome = stairs.evaluate(thresholds)
    right, bytes_, latency_ns = total(stairs, thresholds)
    assert outcome.accuracy == right / stairs.samples
    assert outcome.bytes_per_sample_per_device == pytest.approx(-bytes_ / stairs.samples)
    assert outcome.latency_ms == pytest.approx(-latency_ns / stairs.samples / 1e6)
    left = [climbed(stairs, thresholds, sample).name for sample in range(stairs.samples)]
    assert outcome.shares == {s.name: left.count(s.name) / stairs.samples for s in stairs.steps}


# -- thresholds --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "between"),
    [(0.1, 0.4, 0.2), (0.5, 0.6, 0.55), (0.0, 1.0, 0.5), (0.123, 0.1234, 0.1232), (0.6, 0.6 + 1e-16, None)],
)
def test_thresholds_are_short(low: float, high: float, between: float | None) -> None:
    assert short_between(low, high) == between


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), RULES)
def test_candidates_part_the_values_in_every_way(values: list[float], rule: str) -> None:
    thresholds = parting(np.array(values), 1000)
    parted = {tuple(leaves(rule, values, threshold)) for threshold in thresholds}
    wide = [v for i, v in enumerate(sorted(set(values))) if not i or v - sorted(set(values))[i - 1] > 1e-13]
    assert len(parted) >= len(wide)
    assert {(True,) * len(values), (False,) * len(values)} <= parted


def test_of_many_values_as_many_thresholds_as_asked_for() -> None:
    values = np.random.default_rng(1).random(5000)
    thresholds = parting(values, 100)
    assert len(thresholds) == 100
    shares = np.diff([(values < threshold).mean() for threshold in thresholds])
    assert shares.max() < 0.012


# -- probabilities -----------------------------------------------------------------------------


def drawn(temperature: float, samples: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Return scores whose softmax at *temperature* is the truth, and labels drawn from it."""
    random = np.random.default_rng(7)
    scores = random.normal(0, 2, (samples, 5))
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = (p.cumsum(axis=1) < random.random((samples, 1))).sum(axis=1)
    return scores * temperature, labels


@pytest.mark.parametrize("truth", [0.5, 1.0, 3.0])
def test_the_temperature_of_scores_that_are_too_large(truth: float) -> None:
    scores, labels = drawn(truth)
    found = fit_temperature(scores, labels)
    assert found == pytest.approx(truth, rel=0.03)
    assert fit_temperature(3 * scores, labels) == pytest.approx(3 * found, rel=2e-3)
    assert negative_log_likelihood(scores, labels, found) <= negative_log_likelihood(scores, labels, truth)


@given(st.lists(st.tuples(st.floats(-30, 30), st.floats(-30, 30), st.integers(0, 1)), min_size=1, max_size=20))
def test_a_temperature_is_never_worse_than_none(rows: list[tuple[float, float, int]]) -> None:
    scores, labels = np.array([row[:2] for row in rows]), np.array([row[2] for row in rows])
    found = fit_temperature(scores, labels)
    assert 0.05 <= found <= 20
    assert negative_log_likelihood(scores, labels, found) <= negative_log_likelihood(scores, labels, 1.0)


def test_likelihood_by_hand() -> None:
    scores = np.log([[0.25, 0.75], [0.5, 0.5]])
    expected = -(np.log(0.75) + np.log(0.5)) / 2
    assert negative_log_likelihood(scores, np.array([1, 0]), 1.0) == pytest.approx(expected)
    assert negative_log_likelihood(scores + 700, np.array([1, 0]), 1.0) == pytest.approx(expected)


def test_reliability_by_hand() -> None:
    top, right = np.array([0.4, 0.5, 0.6, 0.9, 1.0]), np.array([True, False, True, True, True])
    table = reliability(top, right, bins=2)
    assert table.samples.tolist() == [2, 3]
    assert table.accuracy.tolist() == [0.5, 1.0]
    assert table.confidence == pytest.approx([0.45, 2.5 / 3])
    assert calibration_error(table) == pytest.approx((2 * 0.05 + 3 * (1 - 2.5 / 3)) / 5)
    sparse = reliability(top, right)
    assert sparse.samples.sum() == 5
    assert np.isnan(sparse.accuracy[0])
    assert calibration_error(sparse) == pytest.approx((0.6 + 0.5 + 0.4 + 0.1) / 5)
