"""Bandwidth traces: both formats, worked out by hand, and what is refused with its line."""

from __future__ import annotations

import pytest
from scenario.texts import TEXTS

from ddnnsim.deployment import Course
from ddnnsim.errors import DataError
from ddnnsim.scenario import load_scenario
from ddnnsim.scenario.document import parse_document
from ddnnsim.topology import build, read_trace

MS = 10**6
ONE = 12_000_000
"""bit/s where one packet of 1500 bytes crosses in a ms."""


def course(tmp_path, text, cyclic=False):
    path = tmp_path / "t"
    path.write_text(text)
    return read_trace(path, cyclic)


def test_one_packet_each_ms_is_12_mbits(tmp_path):
    """The example of mahimahi's own README."""
    assert course(tmp_path, "1\n", cyclic=True) == Course((0,), (ONE,), MS)
    assert course(tmp_path, "1\n2\n3\n") == Course((0,), (ONE,), None)


@pytest.mark.parametrize(
    ("lines", "at_ms", "packets", "end_ms"),
    [
        ([1, 1, 3], (0, 1, 2), (2, 0, 1), 3),  # two in the first ms, none in the second, one in the third
        ([4], (0, 3), (0, 1), 4),  # a pause first
        ([0, 1, 2], (0, 1), (2, 1), 2),  # what crosses at 0 counts to the first ms
        ([0, 5, 5, 5], (0, 1, 4), (1, 0, 3), 5),
        ([2, 3, 7], (0, 1, 3, 6), (0, 1, 0, 1), 7),
    ],
)
def test_a_line_of_mahimahi_is_a_packet_in_the_ms_before_it(tmp_path, lines, at_ms, packets, end_ms):
    text = "".join(f"{line}\n" for line in lines)
    at_ns, rates = tuple(ms * MS for ms in at_ms), tuple(ONE * number for number in packets)
    assert course(tmp_path, text, cyclic=True) == Course(at_ns, rates, end_ms * MS)
    assert course(tmp_path, text) == Course(at_ns, rates, None)
    ends = (*at_ms[1:], end_ms)
    sent_bits = sum(rate * (end - start) for rate, start, end in zip(rates, at_ms, ends, strict=True)) / 1000
    assert sent_bits == len(lines) * 8 * 1500


def test_a_row_of_a_table_is_a_rate_from_then_on(tmp_path):
    text = "time_s,rate_bps\n0,1000000\n0.5,0\n1.25, 2.5e6\n2,2500000\n3,7\n\n"
    assert course(tmp_path, text) == Course((0, 500 * MS, 1250 * MS, 3000 * MS), (10**6, 0, 2_500_000, 7), None)


def test_the_last_row_of_a_cycle_is_its_end_alone(tmp_path):
    text = "time_s,rate_bps\n0,1000000\n0.5,0\n1.25,99\n"
    assert course(tmp_path, text, cyclic=True) == Course((0, 500 * MS), (10**6, 0), 1250 * MS)


def test_tables_are_rounded_to_whole_ns_and_bits(tmp_path):
    text = "\ufefftime_s, rate_bps\n0,1.4\n1e-9,2.6\n0.0000000026,4\n"
    assert course(tmp_path, text) == Course((0, 1, 3), (1, 3, 4), None)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ": an empty trace; write a time in ms on each line, or 'time_s,rate_bps' and its rows"),
        ("1\nx\n", ":2: 'x' is no time; write whole ms, or 'time_s,rate_bps' on the first line"),
        ("1.5\n", ":1: '1.5' is no time; write whole ms, or 'time_s,rate_bps' on the first line"),
        ("time,rate\n0,1\n", ":1: 'time,rate' is no time; write whole ms, or 'time_s,rate_bps' on the first line"),
        ("3\n2\n", ":2: 2 ms after 3 ms; times ascend"),
        ("0\n0\n", ":2: a trace that ends at 0; write later times"),
        ("time_s,rate_bps\n", ": the first row is not at 0; write e.g. '0,1000000'"),
        ("time_s,rate_bps\n1,5\n", ":2: the first row is not at 0; write e.g. '0,1000000'"),
        ("time_s,rate_bps\n0,5,6\n", ":2: '0,5,6' is no row of time_s,rate_bps; write e.g. '0.5,1000000'"),
        ("time_s,rate_bps\n0,-5\n", ":2: '0,-5' is no row of time_s,rate_bps; write e.g. '0.5,1000000'"),
        ("time_s,rate_bps\n0,nan\n", ":2: '0,nan' is no row of time_s,rate_bps; write e.g. '0.5,1000000'"),
        ("time_s,rate_bps\n0,5\n0,6\n", ":3: 0 s comes not after the row before; times ascend"),
        ("time_s,rate_bps\n0,1e50\n", ":2: '0,1e50' is beyond 9223372036854775807 ns or bit/s"),
        ("time_s,rate_bps\n0,0\n1,0\n", ": no rate above 0: the link would never send anything"),
    ],
)
def test_says_what_is_no_trace(tmp_path, text, line):
    with pytest.raises(DataError) as refused:
        course(tmp_path, text)
    assert str(refused.value) == f"{tmp_path / 't'}{line}"


@pytest.mark.parametrize("text", ["1\nx\n0\n3\n\n7\n", "time_s,rate_bps\n0,5\n-1,2\n2,3\n1,1\n3,x\n"])
def test_all_lines_that_are_wrong_are_told(tmp_path, text):
    with pytest.raises(DataError) as refused:
        course(tmp_path, text)
    lines = {"1": ["2", "3", "5"], "t": ["3", "5", "6"]}[text[0]]
    assert [line.split(":")[1] for line in str(refused.value).splitlines()] == lines
    with pytest.raises(DataError) as refused:
        course(tmp_path, "1\n" + "x\n" * 25)
    assert str(refused.value).splitlines()[20:] == ["and 5 more"]


def test_a_trace_of_many_links_is_read_once(tmp_path, monkeypatch):
    (tmp_path / "t").write_text("1\n2\n")
    read = []

    def counted(path, cyclic):
        read.append(cyclic)
        return read_trace(path, cyclic)

    monkeypatch.setattr("ddnnsim.topology.graph.read_trace", counted)
    data = parse_document(TEXTS["c"], "c").data
    del data["topology"]["links"]["radio"]["rate"]
    data["topology"]["links"]["radio"]["trace"] = {
        "up": {"file": str(tmp_path / "t")},
        "down": {"file": str(tmp_path / "t"), "cyclic": True},
    }
    build(load_scenario(data).topology)
    assert read == [False, True], "for two cameras"


def test_a_cycle_needs_an_end_and_a_rate(tmp_path):
    with pytest.raises(DataError, match=":2: a cycle without an end; write a last row"):
        course(tmp_path, "time_s,rate_bps\n0,5\n", cyclic=True)
    with pytest.raises(DataError, match="no rate above 0"):
        course(tmp_path, "time_s,rate_bps\n0,0\n1,5\n", cyclic=True)


def test_says_which_trace_is_missing(tmp_path):
    with pytest.raises(DataError, match=r"gone\.csv: no such file; the trace of a link names it"):
        read_trace(tmp_path / "gone.csv", False)
    with pytest.raises(DataError, match="cannot be read"):
        read_trace(tmp_path, False)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="it is not text"):
        read_trace(tmp_path / "bytes", False)
