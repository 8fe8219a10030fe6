"""The start of a run, which numbers of requests leave out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ddnnsim.metrics.answers import answers, latencies_ns
from ddnnsim.metrics.latency import NS_PER_S
from ddnnsim.statistics import mser_5

if TYPE_CHECKING:
    from ddnnsim.trace import Trace


@dataclass(frozen=True, slots=True)
class WarmUp:
    """What was left out of a run."""

    requests: int
    """How many were captured before it was over."""
    until_s: float
    enough: bool
    """Whether the run is long enough to tell when it is over; always so where that is given."""


def warm_up(trace: Trace, ends: int | Literal["auto"]) -> tuple[Trace, int, WarmUp]:
    """Return *trace* without the requests captured before its warm-up *ends*, when that is, in ns, and what it was.

    `auto` finds it by MSER-5 on the latencies of answered requests in the order of capture. Tables of other things than
    requests and the parts of their latencies stay whole.
    """
    until_ns, enough = _found(trace) if ends == "auto" else (ends, True)
    first = int(np.searchsorted(np.ma.getdata(trace.requests["captured_ns"]), until_ns))  # rows are in this order
    settled = replace(trace, requests={name: column[first:] for name, column in trace.requests.items()})
    if "parts" in trace.tables:
        settled = settled.with_tables(parts={name: column[first:] for name, column in trace.tables["parts"].items()})
    return settled, until_ns, WarmUp(first, until_ns / NS_PER_S, enough)


def _found(trace: Trace) -> tuple[int, bool]:
    """Return when the warm-up of *trace* ends, in ns, and whether the run is long enough to tell."""
    done, _ = answers(trace)
    found = mser_5(latencies_ns(trace)[done])
    captured_ns = np.ma.getdata(trace.requests["captured_ns"])[done]
    return int(captured_ns[found.values]) if found.values else 0, found.enough
