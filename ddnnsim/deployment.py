"""The narrow waist: what an engine needs to know, in integers, ids and arrays.

Everything above knows scenario files, graphs and networks; an engine below knows a `Deployment`
and an oracle. Ids are positions in the tuples. Nothing here is optional for want of a value:
`None` says that there is no such thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ddnnsim.distribution import Distribution
from ddnnsim.faults import Fault
from ddnnsim.recovery import Deadline, PolicyPlan, Recovery, StandIn
from ddnnsim.routing import Edge

REPLY_BYTES = 4
VERDICT_BYTES = 0


@dataclass(frozen=True, slots=True)
class Batching:
    """How the jobs of one section are done together."""

    limit: int
    """The most jobs in a batch."""
    wait_ns: int
    """How long the first job that waits gives others the time to come."""
    costs: tuple[tuple[int, int], ...]
    """By size less 1, what a batch takes as a fraction (numerator, denominator) of the sum of its jobs' services."""


@dataclass(frozen=True, slots=True)
class Power:
    """What a machine draws. A microwatt is a femtojoule a nanosecond, so energy is a whole number of fJ."""

    idle_uw: int
    """Always."""
    compute_uw: int
    """On top of it, for each server that is busy."""
    send_fj_per_byte: int
    receive_fj_per_byte: int
    battery_fj: int | None
    """What there is at the start; None: it never runs out."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Room for the sections on a machine and for the features that they hold until the decision."""

    size_bytes: int
    sections_bytes: int
    """Parameters of the sections on it."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A node: a place that forwards messages and, with sections or exits on it, does their jobs in FIFO order."""

    name: str
    tier: str
    servers: int
    """Jobs done at once."""
    queue_limit: int | None = None
    """The most jobs that wait; None: any number."""
    batching: Batching | None = None
    """Of the jobs of sections; a decision is a job by itself."""
    memory: Memory | None = None
    """None: room for everything."""
    power: Power | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A value that changes at given instants, and perhaps starts again."""

    at_ns: tuple[int, ...]
    """When each value begins, ascending; the first at 0."""
    values: tuple[int, ...]
    period_ns: int | None = None
    """After so long all starts again; None: the last value stays."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a link loses: independently, or in bursts by the model of Gilbert and Elliott.

    A link is in its good or its bad state; before each message but the first it changes with the probabilities
    `to_bad` and `to_good`. Independent loss has no bad state: `to_bad` is 0.
    """

    good: float
    """Probability that a transmission in the good state is lost."""
    bad: float = 0.0
    to_bad: float = 0.0
    to_good: float = 1.0


@dataclass(frozen=True, slots=True)
class Channel:
    """What transmissions occupy: one at a time, or all that are under way at once in fair shares.

    Links of one channel are a shared, half-duplex medium.
    """

    sharing: Literal["fifo", "fair"] = "fifo"
    limit_messages: int | None = None
    """The most that wait."""
    limit_bytes: int | None = None
    """The most bytes that wait, headers included."""


@dataclass(frozen=True, slots=True)
class Link:
    """One direction of a link: serialisation at `rate_bps`, then `delay_ns` of propagation."""

    name: str
    source: int
    target: int
    rate_bps: int
    delay_ns: int
    channel: int | None = None
    """None: a FIFO channel of its own, without a limit."""
    rates: Course | None = None
    """In the place of `rate_bps`, which is then the first of them; a rate may be 0 for a while."""
    delays: Course | None = None
    """In the place of `delay_ns`, which is then the first of them."""
    jitter: Distribution | None = None
    """What a message may be late beyond the delay; order is kept."""
    loss: Loss | None = None
    attempts: int = 1
    """The most transmissions of one message (or packet), one after another."""
    mtu_bytes: int | None = None
    """The most payload in a packet; None: any."""
    header_bytes: int = 0
    """Of each packet."""
    overhead_ns: int = 0
    """How long each packet occupies the channel beyond its bits, in every attempt; not under fair sharing."""

    @property
    def edge(self) -> Edge:
        """Return it as far as routes are concerned: as it is at t = 0."""
        # A link that never sends at all is as slow as can be.
        rate_bps = self.rate_bps if self.rates is None else next(filter(None, self.rates.values), 1)
        delay_ns = self.delay_ns if self.delays is None else self.delays.values[0]
        shape = self.mtu_bytes, self.header_bytes, self.overhead_ns
        return Edge(self.source, self.target, rate_bps, delay_ns, *shape)


@dataclass(frozen=True, slots=True)
class Section:
    """The layers of the network that one machine runs, or a sensor that sends what it sees as it is."""

    name: str
    level: int
    machine: int
    exit: int | None
    """The exit to which the summary (the scores) goes; None where no exit reads its scores: then its features
    go up as soon as they are there."""
    parent: int | None
    """The section to which the features go; None on the top level."""
    view: int | None
    """The view that this section senses; None above the device level."""
    service_ns: int
    """Of its job, where it is not drawn."""
    summary_bytes: int
    features_bytes: int
    raw_bytes: tuple[int, ...] | None = None
    """By sample, the size of the view that it sends up at capture, as it is and without a job; None: it computes."""
    service: Distribution | None = None
    """From which the service of each job is drawn; None: it is always `service_ns`."""
    stand_ins: tuple[StandIn, ...] = ()
    """Where it is when its machine is down, the first choice first."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A classifier over sections of one level."""

    name: str
    level: int
    machine: int
    sections: tuple[int, ...]
    """The sections whose summaries it expects; also those that are told to escalate."""
    rule: Literal["entropy", "probability", "margin"]
    """It leaves when normalised entropy is below the threshold, or highest probability or margin above."""
    threshold: float | None
    """None: the last exit, which always answers."""
    service_ns: int | None
    """Time of its decision job; None: part of the job of its only section, which is on the same machine."""
    control_bytes: int
    """Size of the order to escalate."""
    coordinator: int | None = None
    """The exit at whose machine the verdicts of all exits of this level meet: there the order to escalate is given
    when all say no. None: it orders its own sections."""
    deadline: Deadline | None = None
    """None: it waits for all."""
    stand_ins: tuple[StandIn, ...] = ()
    """Where it is when its machine is down, the first choice first."""
    policy: PolicyPlan | None = None
    """None: the rule and the threshold decide."""


@dataclass(frozen=True, slots=True)
class Captures:
    """Which section senses its view for which request, and when: parallel arrays, (captures,).

    In the order of (time, request, section).
    """

    at_ns: NDArray[np.int64]
    requests: NDArray[np.int64]
    sections: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Workload:
    """When which sample is captured: parallel arrays, (requests,), in order of time."""

    captured_ns: NDArray[np.int64]
    """The first capture of each request."""
    samples: NDArray[np.int64]
    captures: Captures | None = None
    """None: every section that senses captures its view of every request, at `captured_ns`."""


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """Clients that think, ask, wait for the answer, and think again; every section captures at once."""

    clients: int
    think: Distribution
    samples: NDArray[np.int64]
    """By request, in the order of capture: (requests,)."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Sections and exits placed on machines, joined by links, under a workload."""

    machines: tuple[Machine, ...]
    links: tuple[Link, ...]
    sections: tuple[Section, ...]
    """Level by level, bottom up."""
    exits: tuple[Exit, ...]
    """Bottom up."""
    routes: Mapping[tuple[int, int], tuple[int, ...]]
    """From machine to machine, the links on the way; only for pairs that exchange messages."""
    workload: Workload | ClosedLoop
    reply_to: int | None
    """The machine that is told the answer, in `REPLY_BYTES`."""
    until_ns: int | None
    """The run ends before this instant; None: when nothing is left to happen."""
    channels: tuple[Channel, ...] = ()
    """Those that are shared, fair or limited."""
    forwarding: Literal["message", "packet"] = "message"
    """What is stored and forwarded at every hop: whole messages, or packets of the route's least MTU."""
    routes_by_size: Mapping[tuple[int, int, int], tuple[int, ...]] = field(default_factory=dict)
    """From machine to machine for messages of so many bytes, where that is another way than in `routes`."""
    seed: int = 0
    """Of all that is drawn while running."""
    faults: tuple[Fault, ...] = ()
    recovery: Recovery = field(default_factory=Recovery)
    blanks: bool = False
    """Whether absent views are blank ones, so that every gather that closes has something to work on."""
    routing: Literal["delay", "hops", "transfer"] = "delay"
    """What new routes have least of."""
    deadline_ns: int | None = None
    """Of the workload: of no account for what happens, unless a policy looks at it."""
    window_ns: int | None = None
    """How often queues are looked at for the record; None: never."""

    def route(self, source: int, target: int, size_bytes: int) -> tuple[int, ...]:
        """Return the links that a message of *size_bytes* takes from machine *source* to machine *target*."""
        if source == target:
            return ()
        return self.routes_by_size.get((source, target, size_bytes)) or self.routes[source, target]
