"""Ranges of values: both ends exact, equal steps or equal ratios between them, in units that a file could have."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ddnnsim.scenario.amounts import amount, comparable, in_si
from ddnnsim.scenario.ranges import Range
from ddnnsim.scenario.units import RATE


def values(first: object, last: object, steps: int, scale: str = "linear") -> list[object]:
    return Range.model_validate({"from": first, "to": last, "steps": steps, "scale": scale}).values()


def refused(first: object, last: object, steps: int, scale: str = "linear") -> str:
    with pytest.raises(ValidationError) as error:
        values(first, last, steps, scale)
    return str(error.value.errors()[0]["ctx"]["error"])


@pytest.mark.parametrize(
    ("ends", "steps", "scale", "expected"),
    [
        ((0.5, 0.9), 3, "linear", [0.5, 0.7, 0.9]),
        ((0, 1.0), 4, "linear", [0, 0.333333333333, 0.666666666667, 1.0]),
        ((1, 9), 5, "linear", [1, 3, 5, 7, 9]),
        ((9, 1), 3, "linear", [9, 5, 1]),
        ((-1.0, 1.0), 3, "linear", [-1.0, 0.0, 1.0]),
        ((1, 1000), 4, "log", [1, 10, 100, 1000]),
        ((1, 4), 4, "log", [1, 1.58740105197, 2.51984209979, 4]),  # the cube root of 4, and its square
        (("1 Mbit/s", "100 Mbit/s"), 5, "log",
         ["1 Mbit/s", "3162.278 kbit/s", "10 Mbit/s", "31622.777 kbit/s", "100 Mbit/s"]),
        (("1000 kbit/s", "2 Mbit/s"), 3, "linear", ["1000 kbit/s", "1.5 Mbit/s", "2 Mbit/s"]),
        (("1 ns", "2 ns"), 4, "linear", ["1 ns", "1 ns", "2 ns", "2 ns"]),  # rounded; equal ones are refused elsewhere
        (("10 ms", "1 s"), 3, "log", ["10 ms", "100 ms", "1 s"]),
        (("1 /min", "1 /s"), 2, "linear", ["1 /min", "1 /s"]),
        (("1 /s", "2 /s"), 4, "linear", ["1 /s", "1.33333333333 /s", "1.66666666667 /s", "2 /s"]),
        (("1 /s", "100 /s"), 3, "log", ["1 /s", "10 /s", "100 /s"]),
        (("10 %", "50 %"), 3, "linear", ["10 %", "30 %", "50 %"]),
        (("0 B", "1 KiB"), 3, "linear", ["0 B", "512 B", "1 KiB"]),
        (("1 mJ", "1 J"), 4, "log", ["1 mJ", "10 mJ", "100 mJ", "1 J"]),
    ],
)  # fmt: skip
def test_values_worked_out_by_hand(ends, steps, scale, expected) -> None:
    found = values(*ends, steps, scale)
    assert found == expected
    assert list(map(type, found)) == list(map(type, expected))


def test_what_is_no_range_is_refused() -> None:
    assert refused("1 Mbit/s", "1 s", 3).startswith("a range from a data rate to a duration; ")
    assert refused(1, "50 %", 3).startswith("a range from a number to a percentage; ")
    assert refused(0, 10, 3, "log").startswith("equal ratios need ends above zero; ")
    assert refused("0 ms", "10 ms", 3, "log").startswith("equal ratios need ends above zero; ")
    assert (
        refused(1, 10, 5)
        == "5 steps from 1 to 10 are not all whole numbers; write other steps, or 'from: 1.0' for fractions"
    )
    assert refused("fast", 1, 3).startswith("'fast' is no end of a range; ")
    assert refused(True, 1, 3).startswith("true is no end of a range; ")
    assert refused(float("nan"), 1, 3).startswith("nan is no end of a range; ")
    assert refused("1.5 ns", "2 ns", 3).startswith("'1.5 ns' is finer than 1 ns; ")
    assert refused("-1 ms", "2 ms", 3).startswith("'-1 ms' is negative; ")


@given(st.integers(1, 10**15), st.integers(1, 10**15), st.integers(2, 40), st.sampled_from(["linear", "log"]))
def test_rates_are_the_nearest_to_equal_steps_or_ratios(first: int, last: int, steps: int, scale: str) -> None:
    found = [RATE.read(value) for value in values(RATE.text(first), RATE.text(last), steps, scale)]
    assert (found[0], found[-1], len(found)) == (first, last, steps)
    for step, rate in enumerate(found):
        if scale == "linear":
            assert abs(rate - (first + Fraction(last - first) * step / (steps - 1))) <= Fraction(1, 2)
        else:  # rate - 1/2 <= first * (last / first) ** (step / n) <= rate + 1/2, to the power of n
            n = steps - 1
            exact = Fraction(first) ** (n - step) * Fraction(last) ** step
            assert (Fraction(rate) - Fraction(1, 2)) ** n <= exact <= (Fraction(rate) + Fraction(1, 2)) ** n


def test_what_values_amount_to() -> None:
    assert [in_si(value) for value in ("10 Mbit/s", "20 ms", "1 KiB", "5 /min", "2 W", "1 kJ", "0.2 uJ/B", "80 %")] == [
        1e7, 0.02, 1024.0, 5 / 60, 2.0, 1000.0, 2e-7, 0.8,
    ]  # fmt: skip
    assert [in_si(value) for value in (3, 0.5, "shared", "5 parrots", True, None)] == [
        3, 0.5, "shared", "5 parrots", True, None,
    ]  # fmt: skip
    assert amount("1" * 200 + " ms") is None
    alike = [
        ("1 Mbit/s", "1000 kbit/s"),
        (1, 1.0),
        ("50 %", 0.5),
        ("1 s", "1000 ms"),
        ({"a": ["1 s"]}, {"a": ["1000 ms"]}),
    ]
    assert all(comparable(one) == comparable(other) for one, other in alike)
    unlike = [(1, True), ("1", 1), ("1 s", 1), ("1 B", "1 /s"), (None, "~"), ([1, 2], [2, 1]), ({}, [])]
    assert all(comparable(one) != comparable(other) for one, other in unlike)
