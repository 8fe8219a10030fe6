from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddnnsim.scenario import units

WHOLE = [
    (units.RATE, units.parse_rate, units.format_rate),
    (units.DURATION, units.parse_duration, units.format_duration),
    (units.SIZE, units.parse_size, units.format_size),
    (units.COMPUTE, units.parse_compute, units.format_compute),
]


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (units.parse_rate, "10 Mbit/s", 10_000_000),
        (units.parse_rate, "0.25Mbit/s", 250_000),
        (units.parse_rate, " 1e3 kbit/s ", 1_000_000),
        (units.parse_duration, "20 ms", 20_000_000),
        (units.parse_duration, "0.1 s", 100_000_000),
        (units.parse_duration, "1 µs", 1000),  # micro sign
        (units.parse_duration, "1 μs", 1000),  # Greek mu
        (units.parse_duration, "0.1234567890 s", 123_456_789),
        (units.parse_duration, "1.5 min", 90 * 10**9),
        (units.parse_duration, "0 h", 0),
        (units.parse_size, "64 KiB", 65536),
        (units.parse_size, "64 kB", 64000),
        (units.parse_compute, "40 MFLOP/s", 40_000_000),
        (units.parse_frequency, "5 /s", Fraction(5)),
        (units.parse_frequency, "1 /min", Fraction(1, 60)),
        (units.parse_frequency, "0.1/h", Fraction(1, 36000)),
        (units.parse_frequency, "2 kHz", Fraction(2000)),
        (units.parse_share, 0.8, 0.8),
        (units.parse_share, 1, 1.0),
        (units.parse_share, "80 %", 0.8),
        (units.parse_share, "33.3%", 0.333),
    ],
)
def test_reads_a_quantity_exactly(parse, text, value):
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "value", "line"),
    [
        (units.parse_rate, "10 MB/s", "'10 MB/s' is not a data rate; write e.g. '10 Mbit/s'"),
        (units.parse_rate, "10 mbit/s", "'10 mbit/s' is not a data rate; write e.g. '10 Mbit/s'"),
        (units.parse_rate, 250, "250 has no unit, and a data rate needs one; write e.g. '250 Mbit/s'"),
        (units.parse_rate, "250", "'250' has no unit, and a data rate needs one; write e.g. '250 Mbit/s'"),
        (units.parse_rate, "0 bit/s", "'0 bit/s' is less than 1 bit/s; write e.g. '10 Mbit/s'"),
        (units.parse_rate, "1.5 bit/s", "'1.5 bit/s' is finer than 1 bit/s; write a whole number of bit/s"),
        (units.parse_rate, True, "true is not a data rate; write e.g. '10 Mbit/s'"),
        (units.parse_rate, None, "nothing is not a data rate; write e.g. '10 Mbit/s'"),
        (units.parse_rate, "fast", "'fast' is not a data rate; write e.g. '10 Mbit/s'"),
        (units.parse_rate, float("nan"), "nan is not a data rate; write e.g. '10 Mbit/s'"),
        (units.parse_size, "10 kbit", "'10 kbit' is not a size; write e.g. '10 kB'"),
        (units.parse_size, "10 Mb", "'10 Mb' is not a size; write e.g. '10 MB'"),
        (units.parse_duration, "0.5 ns", "'0.5 ns' is finer than 1 ns; write a whole number of ns"),
        (units.parse_duration, "-5 ms", "'-5 ms' is negative; write e.g. '20 ms'"),
        (units.parse_duration, "1,5 s", "'1,5 s' is not a duration; write e.g. '20 ms'"),
        (
            units.parse_duration, "1e999999999 s",
            "'1e999999999 s' is out of all proportion; write at most 30 digits",
        ),
        (
            units.parse_duration, "9999999 h",
            "'9999999 h' is too large; write at most 9223372036854775807 ns",
        ),
        (units.parse_compute, "5 MOP/s", "'5 MOP/s' is not a compute speed; write e.g. '5 MFLOP/s'"),
        (units.parse_frequency, "0 /s", "'0 /s' is not above zero; write e.g. '5 /s'"),
        (units.parse_frequency, 5, "5 has no unit, and a frequency needs one; write e.g. '5 /s'"),
        (units.parse_share, 80, "80 lies outside 0 to 1; did you mean '80 %'?"),
        (units.parse_share, -0.1, "-0.1 lies outside 0 to 1; write e.g. 0.8 or '80 %'"),
        (units.parse_share, "0.8", "'0.8' is not a share of one; write e.g. 0.8 or '80 %'"),
        (units.parse_share, "101 %", "'101 %' lies outside 0 to 1; write e.g. 0.8 or '80 %'"),
        (units.parse_share, float("nan"), "nan lies outside 0 to 1; write e.g. 0.8 or '80 %'"),
        (units.parse_share, 10**30, f"{10**30} lies outside 0 to 1; write e.g. 0.8 or '80 %'"),
        (units.parse_share, False, "false is not a share of one; write e.g. 0.8 or '80 %'"),
    ],
)  # fmt: skip
def test_refuses_what_is_no_quantity(parse, value, line):
    with pytest.raises(units.QuantityError) as refused:
        parse(value)
    assert str(refused.value) == line


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (units.format_rate, 250_000, "250 kbit/s"),
        (units.format_rate, 1, "1 bit/s"),
        (units.format_rate, 1_500_000, "1.5 Mbit/s"),
        (units.format_rate, 1_234_567, "1234.567 kbit/s"),
        (units.format_duration, 0, "0 ms"),
        (units.format_duration, 1_500_000, "1.5 ms"),
        (units.format_duration, 90 * 10**9, "90 s"),
        (units.format_duration, 120 * 10**9, "2 min"),
        (units.format_size, 0, "0 B"),
        (units.format_size, 65536, "64 KiB"),
        (units.format_size, 64000, "64 kB"),
        (units.format_frequency, Fraction(1, 60), "1 /min"),
        (units.format_frequency, Fraction(1, 2), "0.5 /s"),
    ],
)
def test_writes_the_largest_unit_that_stays_short(write, value, text):
    assert write(value) == text


@pytest.mark.parametrize(("kind", "parse", "write"), WHOLE, ids=lambda value: getattr(value, "noun", ""))
@given(data=st.data())
def test_writing_is_the_exact_inverse_of_reading(kind, parse, write, data):
    value = data.draw(st.integers(kind.least, 2**63 - 1) | st.integers(kind.least, 10**7))
    assert parse(write(value)) == value


@given(st.decimals("0.000001", "1000000", places=6), st.sampled_from(sorted(units.FREQUENCY.units)))
def test_writing_a_frequency_is_the_exact_inverse_of_reading(number, unit):
    frequency = units.parse_frequency(f"{number} {unit}")
    assert units.parse_frequency(units.format_frequency(frequency)) == frequency


def test_a_frequency_without_an_exact_decimal_is_not_rounded():
    with pytest.raises(ValueError, match="no decimal is exactly 1000/7 /s"):
        units.format_frequency(Fraction(1000, 7))


@given(st.text() | st.integers() | st.floats() | st.none() | st.from_regex(units._QUANTITY))
def test_reading_refuses_in_one_way_only(value):
    for parse in (
        units.parse_rate, units.parse_duration, units.parse_size,
        units.parse_compute, units.parse_frequency, units.parse_share,
    ):  # fmt: skip
        try:
            assert parse(value) >= 0
        except units.QuantityError as refused:
            assert refused.what  # noqa: PT017
            assert refused.instead  # noqa: PT017
