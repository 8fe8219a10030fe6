"""When jobs were lost that were lost with their node: no table says it of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ddnnsim.trace import Trace

Times = NDArray[np.int64]


def lost_ns(trace: Trace, node: Times, queued_ns: Times) -> Times:
    """Return when jobs queued at *queued_ns* were lost with their *node*: parallel arrays, (jobs,).

    At its first crash since then; where it had none, when its battery was empty. That is a guess for a node which
    can stop for a while without losing its work, too: no table tells which of its stops lost it.
    """
    names = list(trace.names["node"])
    died_ns = trace.end_ns - np.ma.getdata(trace.nodes["down_ns"]).astype(np.int64)[node]
    if "faults" not in trace.tables:
        return died_ns
    spells = trace.tables["faults"]
    of_node: dict[int, list[int]] = {}
    for kind, target, from_ns in zip(*(spells[name].tolist() for name in ("kind", "target", "from_ns")), strict=True):
        if kind == "crash":
            of_node.setdefault(names.index(target), []).append(from_ns)
    lost = died_ns.copy()
    for place, (number, queued) in enumerate(zip(node.tolist(), queued_ns.tolist(), strict=True)):
        since = [from_ns for from_ns in of_node.get(number, ()) if from_ns >= queued]
        lost[place] = min(since, default=trace.end_ns if number in of_node else died_ns[place])
    return lost
