"""From what happened to numbers: latency, accuracy, exits, bytes and use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ddnnsim.metrics.answers import answers, latencies_ns
from ddnnsim.metrics.availability import circumstances, service
from ddnnsim.metrics.latency import NS_PER_S, Latency, PartOfLatency, latency
from ddnnsim.metrics.series import series
from ddnnsim.metrics.summary import Bytes, ExitSummary, LinkSummary, NodeSummary, Summary
from ddnnsim.metrics.timeliness import age, timeliness
from ddnnsim.metrics.warmup import WarmUp, warm_up
from ddnnsim.trace import DEGRADED, FATES, LOST

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
    "WarmUp",
    "answers",
    "latencies_ns",
    "series",
    "summarize",
]


def summarize(
    trace: Trace,
    raw_bytes: int,
    accuracy_all: Mapping[str, float],
    deadline_ns: int | None = None,
    warmup: int | Literal["auto"] | None = None,
) -> Summary:
    """Return the numbers of a labelled *trace*.

    *raw_bytes* is the size of a view as it is; *accuracy_all* is by exit the share of all samples
    of the split that it gets right. Latency has parts where *trace* has the table `parts`. All that is said of
    requests is said of those captured when the *warmup*, which ends at a time in ns, is over.
    """
    settled, began_ns, left_out = (trace, 0, None) if warmup is None else warm_up(trace, warmup)
    fate = np.asarray(settled.requests["fate"])
    reason = np.ma.asarray(settled.requests["reason"])
    overall = service(settled)
    done, right = answers(settled)
    latency_ns = latencies_ns(settled)
    captured_ns: NDArray[np.int64] = np.ma.getdata(settled.requests["captured_ns"])
    exit_ids = np.ma.getdata(settled.requests["exit"])
    length_ns = max(trace.end_ns - began_ns, 0)
    return Summary(
        warmup=left_out,
        created=len(fate),
        fates={name: int(np.sum(fate == code)) for code, name in enumerate(FATES)},
        reasons=_reasons(trace, np.ma.compressed(reason)),
        degraded=_reasons(trace, np.ma.compressed(reason[fate == DEGRADED])),
        lost=_reasons(trace, np.ma.compressed(reason[fate == LOST])),
        availability=overall.availability,
        accuracy=overall.accuracy,
        accuracy_of_requests=overall.accuracy_of_requests,
        circumstances=circumstances(settled),
        latency=overall.latency,
        parts=_parts(settled, done),
        timeliness=None if deadline_ns is None else timeliness(done, right, latency_ns, deadline_ns, length_ns),
        age=age(captured_ns[done], (captured_ns + latency_ns)[done], trace.end_ns),
        exits={
            name: _exit(settled, done & (exit_ids == code), done, right, latency_ns, accuracy_all[name])
            for code, name in enumerate(trace.names["exit"])
        },
        bytes=_bytes(trace, raw_bytes),
        links=_links(trace),
        nodes=_nodes(trace),
        simulated_s=trace.end_ns / NS_PER_S,
    )


def _reasons(trace: Trace, codes: NDArray[np.int8]) -> dict[str, int]:
    """Return how many of *codes* each reason has."""
    return {name: int(np.sum(codes == code)) for code, name in enumerate(trace.names["reason"])}


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
        latency=latency(latency_ns[here]),
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
            down_s=int(links["down_ns"][i]) / NS_PER_S,
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
