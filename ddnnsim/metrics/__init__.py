"""From what happened to numbers: latency, accuracy, exits, bytes and use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.metrics.summary import (
    Bytes,
    ExitSummary,
    Latency,
    LinkSummary,
    NodeSummary,
    PartOfLatency,
    Summary,
)
from ddnnsim.metrics.timeliness import age, timeliness
from ddnnsim.trace import FATES

if TYPE_CHECKING:
    from ddnnsim.trace import Trace

__all__ = [
    "Bytes",
    "ExitSummary",
    "Latency",
    "LinkSummary",
    "NodeSummary",
    "PartOfLatency",
    "Summary",
    "answers",
    "latencies_ns",
    "summarize",
]

NS_PER_S = 1e9


def summarize(
    trace: Trace, raw_bytes: int, accuracy_all: Mapping[str, float], deadline_ns: int | None = None
) -> Summary:
    """Return the numbers of a labelled *trace*.

    *raw_bytes* is the size of a view as it is; *accuracy_all* is by exit the share of all samples
    of the split that it gets right. Latency has parts where *trace* has the table `parts`.
    """
    fate = trace.requests["fate"]
    reason = np.ma.compressed(trace.requests["reason"])
    done, right = answers(trace)
    latency_ns = latencies_ns(trace)
    captured_ns: NDArray[np.int64] = np.ma.getdata(trace.requests["captured_ns"])
    exit_ids = np.ma.getdata(trace.requests["exit"])
    return Summary(
        created=len(fate),
        fates={name: int(np.sum(fate == code)) for code, name in enumerate(FATES)},
        reasons={name: int(np.sum(reason == code)) for code, name in enumerate(trace.names["reason"])},
        accuracy=_mean(right[done]),
        latency=_latency(latency_ns[done]),
        parts=_parts(trace, done),
        timeliness=None if deadline_ns is None else timeliness(done, right, latency_ns, deadline_ns, trace.end_ns),
        age=age(captured_ns[done], (captured_ns + latency_ns)[done], trace.end_ns),
        exits={
            name: _exit(trace, done & (exit_ids == code), done, right, latency_ns, accuracy_all[name])
            for code, name in enumerate(trace.names["exit"])
        },
        bytes=_bytes(trace, raw_bytes),
        links=_links(trace),
        nodes=_nodes(trace),
        simulated_s=trace.end_ns / NS_PER_S,
    )


def answers(trace: Trace) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for each request whether it is answered (and replied to, where asked for), and whether rightly so."""
    requests = trace.requests
    done = ~np.ma.getmaskarray(requests["replied_ns" if trace.replies else "answered_ns"])
    right = np.ma.getdata(requests["prediction"]) == requests["label"]
    return done, done & right


def latencies_ns(trace: Trace) -> NDArray[np.int64]:
    """Return for each request the time from capture to the answer, or to the reply where asked for.

    What stands for a request without one means nothing.
    """
    end = trace.requests["replied_ns" if trace.replies else "answered_ns"]
    latency_ns: NDArray[np.int64] = np.ma.getdata(end) - trace.requests["captured_ns"]
    return latency_ns


def _exit(
    trace: Trace,
    here: NDArray[np.bool_],
    done: NDArray[np.bool_],
    right: NDArray[np.bool_],
    latency_ns: NDArray[np.int64],
    accuracy_all: float,
) -> ExitSummary:
    return ExitSummary(
        answers=int(here.sum()),
        share=_mean(here[done]),
        accuracy=_mean(right[here]),
        accuracy_all=accuracy_all,
        latency=_latency(latency_ns[here]),
        parts=_parts(trace, here),
    )


def _parts(trace: Trace, of: NDArray[np.bool_]) -> dict[str, PartOfLatency] | None:
    """Return the parts of the mean latency of the requests *of*, where *trace* has them."""
    if "parts" not in trace.tables:
        return None
    table = trace.tables["parts"]
    # Sums of times that fit into 64 bits need not.
    sums_ns = {name: sum(np.ma.getdata(table[name])[of].tolist()) for name in table if name.endswith("_ns")}
    count, whole_ns = int(of.sum()), sum(sums_ns.values())
    return {
        name.removesuffix("_ns"): PartOfLatency(_ratio(sum_ns, count * NS_PER_S), _ratio(sum_ns, whole_ns))
        for name, sum_ns in sums_ns.items()
    }


def _latency(values_ns: NDArray[np.int64]) -> Latency:
    """Return mean and percentiles; a percentile is the least value that so many do not exceed."""
    if not len(values_ns):
        return Latency(None, None, None, None)
    percentiles = np.quantile(values_ns, [0.5, 0.95, 0.99], method="inverted_cdf") / NS_PER_S
    return Latency(float(np.mean(values_ns)) / NS_PER_S, *percentiles.tolist())


def _bytes(trace: Trace, raw_bytes: int) -> Bytes:
    origin_bytes, captures = (int(trace.nodes[name].sum()) for name in ("origin_bytes", "captures"))
    return Bytes(
        captures=captures,
        per_sample_per_device=_ratio(origin_bytes, captures),
        raw_per_sample_per_device=raw_bytes,
        carried={kind: int(trace.links[f"{kind}_bytes"].sum()) for kind in trace.names["kind"]},
    )


def _links(trace: Trace) -> dict[str, LinkSummary]:
    links = trace.links
    carried = np.sum([links[f"{kind}_bytes"] for kind in trace.names["kind"]], axis=0)
    counts = ("messages", "header_bytes", "resent_bytes", "lost", "dropped", "dropped_bytes", "queue_max")
    return {
        name: LinkSummary(
            carried_bytes=int(carried[i]),
            utilisation=_ratio(int(links["busy_ns"][i]), trace.end_ns),
            **{count: int(links[count][i]) for count in counts},
        )
        for i, name in enumerate(trace.names["link"])
    }


def _nodes(trace: Trace) -> dict[str, NodeSummary]:
    nodes = trace.nodes
    memory, energy = (np.ma.asarray(nodes[name]).tolist() for name in ("memory_max_bytes", "energy_j"))
    return {
        name: NodeSummary(
            tier=trace.names["tier"][int(nodes["tier"][i])],
            **{count: int(nodes[count][i]) for count in ("jobs", "refused", "lost", "queue_max")},
            utilisation=_ratio(int(nodes["busy_ns"][i]), trace.end_ns * int(nodes["servers"][i])),
            down_s=int(nodes["down_ns"][i]) / NS_PER_S,
            memory_max_bytes=memory[i],
            energy_j=energy[i],
        )
        for i, name in enumerate(trace.names["node"])
    }


def _mean(flags: NDArray[np.bool_]) -> float | None:
    return float(flags.mean()) if len(flags) else None


def _ratio(part: int, whole: float) -> float | None:
    return part / whole if whole else None
