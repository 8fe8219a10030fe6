from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddnnsim.scenario import units

WHOLE = [
    units.RATE, units.PAUSING_RATE, units.DURATION, units.SIZE, units.POSITIVE_SIZE, units.COMPUTE,
    units.BINARY_COMPUTE, units.OPERATIONS, units.BINARY_OPERATIONS, units.POWER, units.ENERGY, units.BYTE_ENERGY,
]  # fmt: skip


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (units.RATE.read, "10 Mbit/s", 10_000_000),
        (units.RATE.read, "0.25Mbit/s", 250_000),
        (units.RATE.read, " 1e3 kbit/s ", 1_000_000),
        (units.DURATION.read, "20 ms", 20_000_000),
        (units.DURATION.read, "0.1 s", 100_000_000),
        (units.DURATION.read, "1 µs", 1000),  # micro sign
        (units.DURATION.read, "1 μs", 1000),  # Greek mu
        (units.DURATION.read, "0.1234567890 s", 123_456_789),
        (units.DURATION.read, "1.5 min", 90 * 10**9),
        (units.DURATION.read, "0 h", 0),
        (units.SIZE.read, "64 KiB", 65536),
        (units.SIZE.read, "64 kB", 64000),
        (units.COMPUTE.read, "40 MFLOP/s", 40_000_000),
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
        (units.RATE.read, "10 MB/s", "'10 MB/s' is not a data rate; write e.g. '10 Mbit/s'"),
        (units.RATE.read, "10 mbit/s", "'10 mbit/s' is not a data rate; write e.g. '10 Mbit/s'"),
        (units.RATE.read, 250, "250 has no unit, and a data rate needs one; write e.g. '250 Mbit/s'"),
        (units.RATE.read, "250", "'250' has no unit, and a data rate needs one; write e.g. '250 Mbit/s'"),
        (units.RATE.read, "0 bit/s", "'0 bit/s' is less than 1 bit/s; write e.g. '10 Mbit/s'"),
        (units.RATE.read, "1.5 bit/s", "'1.5 bit/s' is finer than 1 bit/s; write a whole number of bit/s"),
        (units.RATE.read, True, "true is not a data rate; write e.g. '10 Mbit/s'"),
        (units.RATE.read, None, "nothing is not a data rate; write e.g. '10 Mbit/s'"),
        (units.RATE.read, "fast", "'fast' is not a data rate; write e.g. '10 Mbit/s'"),
        (units.RATE.read, float("nan"), "nan is not a data rate; write e.g. '10 Mbit/s'"),
        (units.SIZE.read, "10 kbit", "'10 kbit' is not a size; write e.g. '10 kB'"),
        (units.SIZE.read, "10 Mb", "'10 Mb' is not a size; write e.g. '10 MB'"),
        (units.DURATION.read, "0.5 ns", "'0.5 ns' is finer than 1 ns; write a whole number of ns"),
        (units.DURATION.read, "-5 ms", "'-5 ms' is negative; write e.g. '20 ms'"),
        (units.DURATION.read, "1,5 s", "'1,5 s' is not a duration; write e.g. '20 ms'"),
        (
            units.DURATION.read, "1e999999999 s",
            "'1e999999999 s' is out of all proportion; write at most 30 digits",
        ),
        (
            units.DURATION.read, "9999999 h",
            "'9999999 h' is too large; write at most 9223372036854775807 ns",
        ),
        (units.COMPUTE.read, "5 MOP/s", "'5 MOP/s' is not a compute speed; write e.g. '5 MFLOP/s'"),
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
        (units.RATE.text, 250_000, "250 kbit/s"),
        (units.RATE.text, 1, "1 bit/s"),
        (units.RATE.text, 1_500_000, "1.5 Mbit/s"),
        (units.RATE.text, 1_234_567, "1234.567 kbit/s"),
        (units.DURATION.text, 0, "0 ms"),
        (units.DURATION.text, 1_500_000, "1.5 ms"),
        (units.DURATION.text, 90 * 10**9, "90 s"),
        (units.DURATION.text, 120 * 10**9, "2 min"),
        (units.SIZE.text, 0, "0 B"),
        (units.SIZE.text, 65536, "64 KiB"),
        (units.SIZE.text, 64000, "64 kB"),
        (units.format_frequency, Fraction(1, 60), "1 /min"),
        (units.format_frequency, Fraction(1, 2), "0.5 /s"),
    ],
)
def test_writes_the_largest_unit_that_stays_short(write, value, text):
    assert write(value) == text


@pytest.mark.parametrize("kind", WHOLE, ids=lambda kind: kind.noun)
@given(data=st.data())
def test_writing_is_the_exact_inverse_of_reading(kind, data):
    value = data.draw(st.integers(kind.least, kind.most) | st.integers(kind.least, 10**7))
    assert kind.read(kind.text(value)) == value


@given(st.decimals("0.000001", "1000000", places=6), st.sampled_from(sorted(units.FREQUENCY.units)))
def test_writing_a_frequency_is_the_exact_inverse_of_reading(number, unit):
    frequency = units.parse_frequency(f"{number} {unit}")
    assert units.parse_frequency(units.format_frequency(frequency)) == frequency


def test_a_frequency_without_an_exact_decimal_is_not_rounded():
    with pytest.raises(ValueError, match="no decimal is exactly 1000/7 /s"):
        units.format_frequency(Fraction(1000, 7))


@given(st.text() | st.integers() | st.floats() | st.none() | st.from_regex(units.QUANTITY))
def test_reading_refuses_in_one_way_only(value):
    for parse in (
        units.RATE.read, units.DURATION.read, units.SIZE.read,
        units.COMPUTE.read, units.parse_frequency, units.parse_share,
    ):  # fmt: skip
        try:
            assert parse(value) >= 0
        except units.QuantityError as refused:
            assert refused.what  # noqa: PT017
            assert refused.instead  # noqa: PT017
