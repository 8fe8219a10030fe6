"""From what happened to numbers: latency, accuracy, exits, bytes and use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.metrics.timeliness import Age, Timeliness, age, timeliness
from ddnnsim.trace import FATES

if TYPE_CHECKING:
    from ddnnsim.trace import Trace

NS_PER_S = 1e9


@dataclass(frozen=True, slots=True)
class Latency:
    """From capture to the answer, or to the reply where one is asked for; None where nothing was answered."""

    mean_s: float | None
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None


@dataclass(frozen=True, slots=True)
class PartOfLatency:
    """One part of the latency of answers; None where nothing was answered."""

    mean_s: float | None
    share: float | None
    """Of all that they took; None where they took no time."""


@dataclass(frozen=True, slots=True)
class ExitSummary:
    """What one exit did."""

    answers: int
    """Those alone that have arrived where a reply is asked for; so below."""
    share: float | None
    """Of all answers."""
    accuracy: float | None
    """Of the answers that it gave."""
    accuracy_all: float
    """Of all samples, were they all made to leave here: the paper's "local" and "cloud accuracy"."""
    latency: Latency
    parts: dict[str, PartOfLatency] | None
    """Of the mean latency; None unless messages are on record."""


@dataclass(frozen=True, slots=True)
class LinkSummary:
    """What one direction of a link carried."""

    messages: int
    carried_bytes: int
    """Payload, each message once."""
    header_bytes: int
    resent_bytes: int
    lost: int
    """Messages lost on it."""
    dropped: int
    """Messages that its queue had no place for; not among `messages`."""
    dropped_bytes: int
    utilisation: float | None
    queue_max: int


@dataclass(frozen=True, slots=True)
class NodeSummary:
    """What one node did."""

    tier: str
    jobs: int
    refused: int
    """Jobs that its queue had no place for, or that reached it dead."""
    lost: int
    """Jobs lost with it, and messages that reached it dead."""
    utilisation: float | None
    """Busy time of its servers over their time; None for a run of no length."""
    queue_max: int
    down_s: float
    memory_max_bytes: int | None
    """The most that was held at once; None where the node has no limit."""
    energy_j: float | None
    """None where its power is not given."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """What was sent, in payload bytes."""

    per_sample_per_device: float | None
    """What a device puts on its first hop: c of eq. (1), ICDCS 2017, sec. III-E."""
    raw_per_sample_per_device: int
    """What it would put there if it sent its view as it is."""
    carried: dict[str, int]
    """By kind of message, summed over hops."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of one run."""

    created: int
    fates: dict[str, int]
    """Of the requests; one is answered when its answer is given, even if the reply is still to arrive."""
    reasons: dict[str, int]
    accuracy: float | None
    """Of all answers; where a reply is asked for, of those that have arrived."""
    latency: Latency
    parts: dict[str, PartOfLatency] | None
    """Of the mean latency: they add up to it; None unless messages are on record."""
    timeliness: Timeliness | None
    """None unless the workload has a deadline."""
    age: Age
    exits: dict[str, ExitSummary]
    bytes: Bytes
    links: dict[str, LinkSummary]
    nodes: dict[str, NodeSummary]
    simulated_s: float


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
    origin_bytes = trace.nodes["origin_bytes"]
    devices = int(np.sum(trace.nodes["tier"] == trace.names["tier"].index("device")))
    views = devices * len(trace.requests["fate"])
    return Bytes(
        per_sample_per_device=int(origin_bytes.sum()) / views if views else None,
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
