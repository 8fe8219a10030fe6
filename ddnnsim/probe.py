"""A probe: one request alone in the system, made to leave at each exit, to see what that costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ddnnsim.calibration import ExitCost
from ddnnsim.deployment import Workload
from ddnnsim.distribution import NS_PER_S, Distribution
from ddnnsim.errors import UserError
from ddnnsim.excerpt import Excerpts
from ddnnsim.metrics import answers, latencies_ns
from ddnnsim.oracle import DecisionTable, TableOracle
from ddnnsim.recovery import Recovery

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from ddnnsim.deployment import Deployment, Exit, Link, Section
    from ddnnsim.trace import Trace

Capture = Literal["joint", "each", "window"]
"""What a request is, as `workload.capture` says it."""
ALWAYS, NEVER = 1.0, 0.0
"""Thresholds of normalised entropy."""


class Probe(NamedTuple):
    """What happens to one request alone that leaves at an exit."""

    trace: Trace
    device: str | None
    """Whose view alone it has; None: it has those of all."""

    @property
    def latency_ns(self) -> int:
        """Return how long the request takes."""
        return int(latencies_ns(self.trace)[0])

    @property
    def bytes_per_device(self) -> float:
        """Return what a device puts on its first hop for each view that it captures."""
        return int(self.trace.nodes["origin_bytes"].sum()) / int(self.trace.nodes["captures"].sum())


def exit_costs(deployment: Deployment, capture: Capture) -> tuple[ExitCost, ...]:
    """Return by exit what it costs to leave there, in *deployment* without other requests, as `probes` tell."""
    return tuple(
        ExitCost(
            decided_ns=int(probe.trace.requests["answered_ns"][0] - probe.trace.requests["captured_ns"][0]),
            latency_ns=probe.latency_ns,
            bytes_per_device=probe.bytes_per_device,
        )
        for probe in probes(deployment, capture)
    )


def probes(
    deployment: Deployment, capture: Capture, record: Literal["requests", "messages"] = "requests"
) -> Iterator[Probe]:
    """Yield by exit what happens, as the engine has it, when one request alone in *deployment* leaves there.

    All its views are captured at 0; by `each` *capture* it has one view, that of the device with which it takes least,
    of equals the first. What is drawn takes as long as on average, nothing is lost, and nobody waits for less than
    all. Raises UserError where an exit never answers.
    """
    alone = lone_request(deployment)
    found = _of_one_device(alone, record) if capture == "each" else _of_all(alone, record)
    for exit_, probe in zip(alone.exits, found, strict=True):
        if probe is None:
            raise UserError(f"a request alone in the system is never answered by the exit {exit_.name!r}")
        yield probe


def lone_request(deployment: Deployment) -> Deployment:
    """Return *deployment* with one request at 0, without faults and without chance."""
    one = Workload(np.zeros(1, np.int64), np.zeros(1, np.int64))
    return replace(
        deployment,
        workload=one,
        until_ns=None,
        machines=tuple(replace(machine, power=None) for machine in deployment.machines),
        sections=tuple(map(_usual, deployment.sections)),
        exits=tuple(replace(exit_, deadline=None, policy=None) for exit_ in deployment.exits),
        links=tuple(map(_sure, deployment.links)),
        faults=(),
        recovery=Recovery(),
        window_ns=None,
    )


def leaving(deployment: Deployment, number: int) -> Deployment:
    """Return *deployment* with exits that make every request leave at the exit *number*."""
    exits = tuple(_forced(exit_, other == number) for other, exit_ in enumerate(deployment.exits))
    return replace(deployment, exits=exits)


def undecided(deployment: Deployment) -> TableOracle:
    """Return an oracle for the exits of *deployment* that is neither sure nor unsure of its one sample."""
    nothing = DecisionTable(np.zeros(1, np.int64), np.full(1, 0.5), np.full(1, 0.5), np.full(1, 0.5))
    return TableOracle([nothing] * len(deployment.exits))


def _usual(section: Section) -> Section:
    """Return *section*, whose jobs all take their mean; of its views there is the first sample's."""
    raw_bytes = None if section.raw_bytes is None else section.raw_bytes[:1]
    if section.service is None:
        return replace(section, raw_bytes=raw_bytes)
    return replace(section, raw_bytes=raw_bytes, service=None, service_ns=round(section.service.mean_s * NS_PER_S))


def _sure(link: Link) -> Link:
    """Return *link*, which loses nothing; its jitter is always the mean."""
    if link.jitter is None:
        return replace(link, loss=None)
    mean_s = link.jitter.mean_s
    return replace(link, loss=None, jitter=Distribution("constant", (mean_s,)))


def _trace(deployment: Deployment, number: int, record: Literal["requests", "messages"]) -> Trace | None:
    """Return what happens to the one request of *deployment*, made to leave at *number*; None: it never does."""
    from ddnnsim.sim import simulate

    trace = simulate(deployment, undecided(deployment), record=record).labelled(np.zeros(1, np.int64))
    done, _ = answers(trace)
    return trace if done[0] and trace.requests["exit"][0] == number else None


def _of_all(alone: Deployment, record: Literal["requests", "messages"]) -> Iterator[Probe | None]:
    """Yield by exit of *alone* what happens to a request with all views; None: it never leaves there."""
    for number in range(len(alone.exits)):
        trace = _trace(leaving(alone, number), number, record)
        yield None if trace is None else Probe(trace, None)


def _of_one_device(alone: Deployment, record: Literal["requests", "messages"]) -> Iterator[Probe | None]:
    """Yield by exit of *alone* what happens to a request with the view of the best device alone.

    Only what it has to do with is simulated, and that once for all devices for which it is alike.
    """
    excerpts = Excerpts(alone)
    known: dict[Hashable, list[Trace | None]] = {}
    best: dict[int, Probe] = {}
    for sensing in (number for number, section in enumerate(alone.sections) if section.view is not None):
        part = excerpts.of(sensing)
        kind = part.kind()
        if kind not in known:
            known[kind] = [_trace(leaving(part.deployment, at), at, record) for at in range(len(part.exits))]
        for number, trace in zip(part.exits, known[kind], strict=True):
            probe = None if trace is None else Probe(trace, alone.sections[sensing].name)
            if probe is not None and (number not in best or probe.latency_ns < best[number].latency_ns):
                best[number] = probe
    yield from map(best.get, range(len(alone.exits)))


def _forced(exit_: Exit, leaves: bool) -> Exit:
    """Return *exit_*, made to answer if all that it asks is whether the request *leaves*; the last always does."""
    if exit_.threshold is None:
        return exit_
    return replace(exit_, rule="entropy", threshold=ALWAYS if leaves else NEVER)
