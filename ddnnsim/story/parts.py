"""Latency in parts: queueing, service, serialisation, propagation, waiting for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.story.path import Part, legs
from ddnnsim.story.records import Records

if TYPE_CHECKING:
    from ddnnsim.trace import Column, Trace

PARTS = tuple(part.name.lower() for part in Part)
"""The names of the parts."""


def parts(trace: Trace) -> dict[str, Column]:
    """Return a row for each request of *trace*, which has every message on record: the parts of its latency in ns.

    They add up to it; masked where there is none.
    """
    requests = trace.requests
    missing = np.ma.getmaskarray(requests["replied_ns" if trace.replies else "answered_ns"])
    ways = legs(Records(trace))
    sums = np.zeros((len(PARTS), len(missing)), np.int64)
    np.add.at(sums, (ways.part, ways.request), ways.end_ns - ways.begin_ns)
    columns = {f"{name}_ns": np.ma.array(of_part, mask=missing) for name, of_part in zip(PARTS, sums, strict=True)}
    return {"request": np.arange(len(missing)), **columns}
