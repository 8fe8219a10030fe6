"""Bandwidth traces: files that tell the rate of a link over time.

| file | what a line is |
|---|---|
| mahimahi | a time in ms, at which one packet of 1500 bytes has crossed the link: as if sent in the ms before it |
| CSV | under the header `time_s,rate_bps`, a time and the rate from then on; the last of a cyclic one ends it |

Mahimahi's format is that of mm-link(1) and of the README of its traces, from K. Winstein, A. Sivaraman and
H. Balakrishnan, Stochastic forecasts achieve high throughput and low delay over cellular networks, NSDI 2013. (Its code
counts 1504 bytes, four of which are a header of the tunnel device, not of the link.)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from ddnnsim.deployment import Course
from ddnnsim.errors import DataError

HEADER = "time_s,rate_bps"
PACKET_BITS = 8 * 1500
MOST_FAULTS = 20
"""How many faults of a file are told: it may be no trace at all."""
MS_PER_S, NS_PER_MS, NS_PER_S = 1000, 10**6, 10**9
_LARGEST = 2**63 - 1
_WHOLE = re.compile(r"[0-9]{1,15}")
_NUMBER = re.compile(r"[0-9]{1,19}(\.[0-9]*)?([eE][-+]?[0-9]{1,2})?")


def read_trace(path: Path, cyclic: bool) -> Course:
    """Return the rates of the file at *path* in bit/s; of a *cyclic* one the end is the start of the next cycle.

    Raises DataError where there is no such file, or one that is no trace, with every line that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; the trace of a link names it") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise DataError(f"{path}: cannot be read: {reason}") from None
    lines = [(f"{path}:{number}", line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    while lines and not lines[-1][1]:
        lines.pop()
    if not lines:
        raise DataError(f"{path}: an empty trace; write a time in ms on each line, or '{HEADER}' and its rows")
    if lines[0][1].replace(" ", "") == HEADER:
        course = _table(path, lines[1:], cyclic)
    else:
        course = _opportunities(lines, cyclic)
    if not any(course.values):
        raise DataError(f"{path}: no rate above 0: the link would never send anything")
    return course


def _opportunities(lines: Sequence[tuple[str, str]], cyclic: bool) -> Course:
    """Return the rates of a mahimahi trace: of each ms, from the first; it ends with its last line.

    What crosses at 0 counts to the first ms.
    """
    times_ms: list[int] = []
    faults: list[str] = []
    for where, line in lines:
        if not _WHOLE.fullmatch(line):
            faults.append(f"{where}: {line[:40]!r} is no time; write whole ms, or '{HEADER}' on the first line")
        elif times_ms and int(line) < times_ms[-1]:
            faults.append(f"{where}: {line} ms after {times_ms[-1]} ms; times ascend")
        else:
            times_ms.append(int(line))
    _check(faults if times_ms else faults[:1])  # a file without any time is of another kind: its first line says so
    end_ms = times_ms[-1]
    if end_ms == 0:
        raise DataError(f"{lines[-1][0]}: a trace that ends at 0; write later times")
    packets = Counter(max(time_ms, 1) - 1 for time_ms in times_ms)
    at_ms: list[int] = []
    for ms in sorted(packets):  # each of them begins, and the pause after it
        at_ms += [ms, ms + 1] if not at_ms or at_ms[-1] != ms else [ms + 1]
    starts = [0, *at_ms] if at_ms[0] else at_ms
    pairs = [(ms * NS_PER_MS, packets[ms] * PACKET_BITS * MS_PER_S) for ms in starts if ms < end_ms]
    return _course(pairs, end_ms * NS_PER_MS if cyclic else None)


def _table(path: Path, lines: Sequence[tuple[str, str]], cyclic: bool) -> Course:
    """Return the rates of a CSV trace, rounded to whole ns and bit/s; a *cyclic* one ends with its last row."""
    faults: list[str] = []
    rows = list(_rows(lines, faults))
    _check(faults)
    if not rows or rows[0][0] != 0:
        raise DataError(f"{lines[0][0] if rows else path}: the first row is not at 0; write e.g. '0,1000000'")
    if not cyclic:
        return _course(rows, None)
    if len(rows) < 2:
        raise DataError(f"{lines[0][0]}: a cycle without an end; write a last row at the time at which it starts again")
    return _course(rows[:-1], rows[-1][0])


def _rows(lines: Sequence[tuple[str, str]], faults: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the instant and the rate of each row, and add to *faults* what is wrong with others."""
    last_ns = -1
    for where, line in lines:
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) != 2 or not all(map(_NUMBER.fullmatch, cells)):
            faults.append(f"{where}: {line[:40]!r} is no row of {HEADER}; write e.g. '0.5,1000000'")
            continue
        at_ns, rate_bps = round(Decimal(cells[0]) * NS_PER_S), round(Decimal(cells[1]))
        if max(at_ns, rate_bps) > _LARGEST:
            faults.append(f"{where}: {line[:40]!r} is beyond {_LARGEST} ns or bit/s")
        elif at_ns <= last_ns:
            faults.append(f"{where}: {cells[0]} s comes not after the row before; times ascend")
        else:
            last_ns = at_ns
            yield at_ns, rate_bps


def _check(faults: Sequence[str]) -> None:
    """Raise DataError where there are *faults*."""
    if faults:
        more = [f"and {len(faults) - MOST_FAULTS} more"] if len(faults) > MOST_FAULTS else []
        raise DataError("\n".join([*faults[:MOST_FAULTS], *more]))


def _course(pairs: Sequence[tuple[int, int]], period_ns: int | None) -> Course:
    """Return the course of (instant, value) *pairs* without those that change nothing."""
    kept = [pair for number, pair in enumerate(pairs) if number == 0 or pair[1] != pairs[number - 1][1]]
    return Course(tuple(at for at, _ in kept), tuple(value for _, value in kept), period_ns)
