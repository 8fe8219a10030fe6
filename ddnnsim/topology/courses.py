"""How the rate and the delay of a direction of a link go on: by its steps, or its trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ddnnsim.deployment import Course
from ddnnsim.errors import DataError
from ddnnsim.topology.traces import read_trace

if TYPE_CHECKING:
    from ddnnsim.scenario import DirectedLink, Topology


def trace_files(topology: Topology) -> list[Path]:
    """Return the files that links of *topology* name. Raises DataError where one is missing."""
    specs = (link.trace for link in topology.links.values() if link.trace is not None)
    files = [Path(file) for file in dict.fromkeys(name for both in specs for name in (both.up.file, both.down.file))]
    for path in files:
        if not path.is_file():
            raise DataError(f"{path}: no such file; the trace of a link names it")
    return files


def rates_of(link: DirectedLink, read: Callable[[Path, bool], Course] = read_trace) -> Course:
    """Return the rates of *link*, in bit/s, where it has a trace by *read*, which raises DataError for what is none."""
    if link.spec.trace is not None:
        trace = link.spec.trace.of(link.direction)
        return read(Path(trace.file), trace.cyclic)
    assert link.rate_bps is not None, link.name
    steps = link.spec.steps or ()
    changes = [(step.at_ns, step.rates.of(link.direction)) for step in steps if step.rates is not None]
    return _stepped(link.rate_bps, changes, link.spec.repeat_ns)


def delays_of(link: DirectedLink) -> Course:
    """Return the delays of *link*, in ns."""
    steps = link.spec.steps or ()
    changes = [(step.at_ns, step.delays.of(link.direction)) for step in steps if step.delays is not None]
    return _stepped(link.delay_ns, changes, link.spec.repeat_ns)


def _stepped(first: int, changes: Sequence[tuple[int, int]], period_ns: int | None) -> Course:
    return Course((0, *(at for at, _ in changes)), (first, *(value for _, value in changes)), period_ns)
