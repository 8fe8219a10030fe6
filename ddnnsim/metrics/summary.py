"""The numbers of one run, and of its exits, links and nodes."""

from __future__ import annotations

from dataclasses import dataclass

from ddnnsim.metrics.availability import Circumstances
from ddnnsim.metrics.latency import Latency, PartOfLatency
from ddnnsim.metrics.timeliness import Age, Timeliness
from ddnnsim.metrics.warmup import WarmUp


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
    down_s: float


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

    captures: int
    """Views that devices have captured."""
    per_sample_per_device: float | None
    """What a device puts on its first hop for each view that it captures: c of eq. (1), ICDCS 2017, sec. III-E.

    None where nothing was captured.
    """
    raw_per_sample_per_device: int
    """What it would put there if it sent its view as it is."""
    carried: dict[str, int]
    """By kind of message, summed over hops."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of one run: of requests without its warm-up, of links and nodes, and bytes, the whole."""

    warmup: WarmUp | None
    """None where nothing was to be left out."""
    created: int
    fates: dict[str, int]
    """Of the requests; one is answered when its answer is given, even if the reply is still to arrive."""
    reasons: dict[str, int]
    """Of those that are not answered as they should: degraded, lost and unfinished ones."""
    degraded: dict[str, int]
    """By reason."""
    lost: dict[str, int]
    """By reason."""
    availability: float | None
    """Share of all requests that got an answer, degraded or not; where a reply is asked for, got it there."""
    accuracy: float | None
    """Of all answers; where a reply is asked for, of those that have arrived."""
    accuracy_of_requests: float | None
    """Of all requests: to have no answer is to be wrong."""
    circumstances: Circumstances | None
    """None unless the run had faults."""
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

    @property
    def captured(self) -> int:
        """Return how many requests there were in the whole run."""
        return self.created + (0 if self.warmup is None else self.warmup.requests)
