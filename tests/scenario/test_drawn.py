"""Durations that may be drawn: what a file says, exactly, and back."""

from __future__ import annotations

import jsonschema
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ddnnsim.distribution import Distribution
from ddnnsim.durations import distribution_of
from ddnnsim.scenario import format_drawn, parse_drawn
from ddnnsim.scenario.document import parse_document
from ddnnsim.scenario.drawn import DRAWN_SCHEMA
from ddnnsim.scenario.units import QuantityError

MS = 10**6


@pytest.mark.parametrize(
    ("said", "family", "parameters"),
    [
        ("5 ms", "constant", (5 * MS,)),
        ("0 s", "constant", (0,)),
        ("{exponential: 5 ms}", "exponential", (5 * MS,)),
        ("{uniform: [0 ms, 5 ms]}", "uniform", (0, 5 * MS)),
        ("{normal: [5 ms, 1 ms]}", "normal", (5 * MS, MS)),
        ("{lognormal: [5 ms, 1500 us]}", "lognormal", (5 * MS, 1_500_000)),
        ("{gamma: [5 ms, 1 ns]}", "gamma", (5 * MS, 1)),
        ("{weibull: {scale: 5 ms, shape: 1.5}}", "weibull", (5 * MS, 1.5)),
        ("{pareto: {least: 1 ms, shape: 2}}", "pareto", (MS, 2.0)),
        ("{mixture: [[1 ms, 70 %], [9 ms, 0.3]]}", "mixture", (MS, 0.7, 9 * MS, 0.3)),
    ],
)
def test_reads_a_family_and_its_parameters(said, family, parameters):
    value = parse_document(said, "s").data
    drawn = parse_drawn(value)
    assert drawn == (family, parameters)
    assert [type(p) for p in drawn.parameters] == [type(p) for p in parameters]
    jsonschema.validate(value, DRAWN_SCHEMA)
    assert parse_drawn(format_drawn(drawn)) == drawn


def test_a_distribution_is_in_seconds():
    assert distribution_of(parse_drawn("5 ms")) == Distribution("constant", (0.005,))
    weibull = parse_drawn({"weibull": {"scale": "250 us", "shape": 2}})
    assert distribution_of(weibull) == Distribution("weibull", (0.00025, 2.0))
    mixture = parse_drawn({"mixture": [["1 ms", "70 %"], ["9 ms", "30 %"]]})
    assert distribution_of(mixture) == Distribution("mixture", (0.001, 0.7, 0.009, 0.3))


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("5", "5 has no unit, and a duration needs one; write e.g. '5 ms'"),
        ("[5 ms, 6 ms]", "a list is not a duration; write e.g. '20 ms'"),
        ("{}", "a distribution has one family, not 0; write e.g. {exponential: 5 ms}"),
        ("{normal: 1 ms, gamma: 1 ms}", "a distribution has one family, not 2; write e.g. {exponential: 5 ms}"),
        ("{exponentail: 5 ms}", "unknown distribution 'exponentail'; did you mean 'exponential'?"),
        ("{exponential: 0 ms}", "'0 ms' is no mean of exponential draws; write a longer time, e.g. '20 ms'"),
        ("{exponential: 5 MB}", "'5 MB' is not a duration; write e.g. '5 ms'"),
        (
            "{uniform: 5 ms}",
            "'5 ms' is not the least and the greatest of uniform draws; "
            "write e.g. {uniform: [0 ms, 5 ms]}",
        ),
        (
            "{uniform: [5 ms, 1 ms]}",
            "the least of uniform draws, 5 ms, is more than the greatest; "
            "write [1 ms, 5 ms]",
        ),
        (
            "{normal: [5 ms]}",
            "a list is not the mean and the standard deviation of normal draws; "
            "write e.g. {normal: [5 ms, 1 ms]}",
        ),
        ("{gamma: [5 ms, 0 ms]}", "'0 ms' is no deviation of gamma draws; write a longer time, e.g. '20 ms'"),
        ("{lognormal: [0 ms, 1 ms]}", "'0 ms' is no mean of lognormal draws; write a longer time, e.g. '20 ms'"),
        (
            "{weibull: {least: 5 ms, shape: 1}}",
            "a mapping is not the scale and the shape of weibull draws; "
            "write e.g. {weibull: {scale: 5 ms, shape: 1.5}}",
        ),
        (
            "{pareto: {least: 1 ms, shape: 0}}",
            "0 is not the shape of pareto draws; "
            "write a number from 0.1 to 1000, e.g. 1.5",
        ),
        (
            "{pareto: {least: 1 ms, shape: .nan}}",
            "nan is not the shape of pareto draws; "
            "write a number from 0.1 to 1000, e.g. 1.5",
        ),
        ("{mixture: []}", "a list is not a mixture of durations; write e.g. {mixture: [[1 ms, 70 %], [9 ms, 30 %]]}"),
        (
            "{mixture: [1 ms]}",
            "'1 ms' is not the duration and its share of mixture draws; "
            "write e.g. {mixture: [[1 ms, 70 %], [9 ms, 30 %]]}",
        ),
        (
            "{mixture: [[1 ms, 70 %]]}",
            "the shares of a mixture add up to 0.7; "
            "write e.g. {mixture: [[1 ms, 70 %], [9 ms, 30 %]]}",
        ),
    ],
)  # fmt: skip
def test_refuses_what_is_no_distribution(said, line):
    with pytest.raises(QuantityError) as refused:
        parse_drawn(parse_document(said, "s").data)
    assert str(refused.value) == line


DURATIONS_NS = st.integers(1, 10**12).map("{} ns".format)
PAIRS = st.tuples(DURATIONS_NS, DURATIONS_NS).map(list)
SHAPES = st.floats(0.1, 1000)
SAID = st.one_of(
    DURATIONS_NS,
    st.fixed_dictionaries({"exponential": DURATIONS_NS}),
    st.sampled_from(["normal", "lognormal", "gamma"]).flatmap(lambda f: st.fixed_dictionaries({f: PAIRS})),
    st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)).map(
        lambda pair: {"uniform": [f"{bound} ns" for bound in sorted(pair)]}
    ),
    st.builds(lambda d, s: {"weibull": {"scale": d, "shape": s}}, DURATIONS_NS, SHAPES),
    st.builds(lambda d, s: {"pareto": {"least": d, "shape": s}}, DURATIONS_NS, SHAPES),
    st.builds(lambda d, e, s: {"mixture": [[d, s], [e, 1 - s]]}, DURATIONS_NS, DURATIONS_NS, st.floats(0, 1)),
)


@given(SAID)
def test_writing_is_the_exact_inverse_of_reading(said):
    drawn = parse_drawn(said)
    written = yaml.safe_dump({"jitter": format_drawn(drawn)})
    assert parse_drawn(parse_document(written, "s").data["jitter"]) == drawn
    jsonschema.validate(format_drawn(drawn), DRAWN_SCHEMA)
    assert distribution_of(drawn).mean_s >= 0


WORDS = st.sampled_from(["exponential", "uniform", "normal", "weibull", "mixture", "scale", "shape"])
SCALARS = st.none() | st.text() | st.integers() | st.floats()


@given(st.recursive(SCALARS, lambda v: st.lists(v) | st.dictionaries(WORDS, v), max_leaves=6))
def test_reading_refuses_in_one_way_only(value):
    try:
        drawn = parse_drawn(value)
    except QuantityError:
        return
    assert parse_drawn(format_drawn(drawn)) == drawn


def test_no_draw_is_longer_than_a_run_can_be():
    heavy = distribution_of(parse_drawn({"pareto": {"least": "1 ms", "shape": 0.1}}))
    draws = heavy.draw_ns(np.random.default_rng(1), 1000)
    assert draws.min() >= MS
    assert draws.max() == 2**62
