"""The narrow waist: what an engine needs to know, in integers, ids and arrays.

Everything above knows scenario files, graphs and networks; an engine below knows a `Deployment`
and an oracle. Ids are positions in the tuples. Nothing here is optional for want of a value:
`None` says that there is no such thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

REPLY_BYTES = 4


@dataclass(frozen=True, slots=True)
class Machine:
    """A node: a place that forwards messages and, with sections or exits on it, does their jobs in FIFO order."""

    name: str
    tier: str
    servers: int
    """Jobs done at once."""


@dataclass(frozen=True, slots=True)
class Link:
    """One direction of a link: FIFO serialisation at `rate_bps`, then `delay_ns` of propagation."""

    name: str
    source: int
    target: int
    rate_bps: int
    delay_ns: int


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
    summary_bytes: int
    features_bytes: int
    raw_bytes: tuple[int, ...] | None = None
    """By sample, the size of the view that it sends up at capture, as it is and without a job; None: it computes."""


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


@dataclass(frozen=True, slots=True)
class Workload:
    """When which sample is captured: parallel arrays, (requests,), in order of time."""

    captured_ns: NDArray[np.int64]
    samples: NDArray[np.int64]


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
    workload: Workload
    reply_to: int | None
    """The machine that is told the answer, in `REPLY_BYTES`."""
    until_ns: int | None
    """The run ends before this instant; None: when nothing is left to happen."""
