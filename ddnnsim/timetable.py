"""A timetable: when requests come, from a CSV file of times."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, DecimalException
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddnnsim.errors import DataError, Fault

NS_PER_S = 1_000_000_000
MAX_NS = 2**63
MOST_FAULTS = 20
"""How many faults of a file are told: it may be all wrong."""
_NUMBER = re.compile(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?")


class Timetable(NamedTuple):
    """The times of a file, in its order."""

    at_ns: NDArray[np.int64]
    """(rows,), ascending."""
    devices: NDArray[np.int64] | None
    """Whose they are, (rows,), by number; None where the file does not say it."""

    def of(self, device: int) -> NDArray[np.int64]:
        """Return the times of the device of number *device*: all where the file tells no devices."""
        return self.at_ns if self.devices is None else self.at_ns[self.devices == device]


def read_timetable(path: Path, devices: Sequence[str]) -> Timetable:
    """Return the times in the file *path*; *devices* are the names that a column `device` may have.

    Raises DataError with every fault of the file, by its line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; workload.path names a CSV file of times") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as CSV: {getattr(error, 'strerror', None) or error}") from None
    header = [name.strip() for name in lines[0]] if lines else []
    if header not in (["time_s"], ["time_s", "device"], ["device", "time_s"]):
        raise DataError(f"{path}:1: the header is {','.join(header)!r}; write 'time_s', or 'time_s,device'")
    reading = _Reading(header, {name: number for number, name in enumerate(devices)})
    for number, cells in enumerate(lines[1:], start=2):
        if cells:
            reading.row(number, cells)
    if not reading.times_ns and not reading.faults:
        reading.faults.append((2, "no times", "write a line for each"))
    if reading.faults:
        raise DataError("\n".join(_told(path, reading.faults)))
    owners = np.array(reading.owners, np.int64) if "device" in header else None
    return Timetable(np.array(reading.times_ns, np.int64), owners)


class _Reading:
    """What has been read of a file so far."""

    def __init__(self, header: Sequence[str], numbers: dict[str, int]) -> None:
        self.times_ns: list[int] = []
        self.owners: list[int] = []
        self.faults: list[tuple[int, str, str]] = []
        self._width, self._time = len(header), header.index("time_s")
        self._device = header.index("device") if "device" in header else None
        self._numbers = numbers

    def row(self, line: int, cells: Sequence[str]) -> None:
        """Take the row *cells* down, or what is wrong with it."""
        if len(cells) != self._width:
            self.faults.append((line, f"{len(cells)} values, not {self._width}", "write as many as the header has"))
            return
        time_ns = _time_ns(cells[self._time])
        if time_ns is None:
            what = f"{cells[self._time]!r} is not a time"
            self.faults.append((line, what, "write seconds from the start, at least 0, e.g. 1.25"))
        elif self.times_ns and time_ns < self.times_ns[-1]:
            self.faults.append((line, f"{cells[self._time]} s is earlier than what is above it", "sort the times"))
        else:
            self.times_ns.append(time_ns)
        if self._device is not None:
            name = cells[self._device].strip()
            if name not in self._numbers:
                known = ", ".join(list(self._numbers)[:6])
                self.faults.append((line, f"unknown device {name!r}", f"the devices are {known}"))
            self.owners.append(self._numbers.get(name, 0))


def _time_ns(text: str) -> int | None:
    """Return *text*, seconds, in ns, rounded half to even from its exact value; None where it is no such time."""
    if not _NUMBER.fullmatch(text.strip()):  # Decimal knows more: digits of other scripts, and 1_000
        return None
    try:
        time_ns = (Decimal(text.strip()) * NS_PER_S).to_integral_value()
        return int(time_ns) if 0 <= time_ns < MAX_NS else None
    except (DecimalException, ValueError):
        return None


def _told(path: Path, faults: Sequence[tuple[int, str, str]]) -> Iterator[str]:
    """Yield the *faults* of the file *path* as lines."""
    for line, what, instead in faults[:MOST_FAULTS]:
        yield str(Fault(f"{path}:{line}", what, instead))
    if len(faults) > MOST_FAULTS:
        yield f"{path}: and {len(faults) - MOST_FAULTS} more"
