"""A probe: one request alone in the system, made to leave at each exit, to see what that costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ddnnsim.calibration import ExitCost
from ddnnsim.deployment import Workload
from ddnnsim.distribution import NS_PER_S, Distribution
from ddnnsim.errors import UserError
from ddnnsim.metrics import answers, latencies_ns
from ddnnsim.oracle import DecisionTable, TableOracle
from ddnnsim.recovery import Recovery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ddnnsim.deployment import Deployment, Exit, Link, Section
    from ddnnsim.trace import Trace

ALWAYS, NEVER = 1.0, 0.0
"""Thresholds of normalised entropy."""


def exit_costs(deployment: Deployment) -> tuple[ExitCost, ...]:
    """Return by exit what it costs to leave there, in *deployment* without other requests, as `exit_traces` tell."""
    devices = sum(section.view is not None for section in deployment.sections)
    return tuple(
        ExitCost(
            decided_ns=int(trace.requests["answered_ns"][0] - trace.requests["captured_ns"][0]),
            latency_ns=int(latencies_ns(trace)[0]),
            bytes_per_device=int(trace.nodes["origin_bytes"].sum()) / devices,
        )
        for trace in exit_traces(deployment)
    )


def exit_traces(deployment: Deployment, record: Literal["requests", "messages"] = "requests") -> Iterator[Trace]:
    """Yield by exit what happens, as the engine has it, when one request alone in *deployment* leaves there.

    All views are captured at 0. What is drawn takes as long as on average, nothing is lost, and nobody waits for less
    than all. Raises UserError where an exit never answers.
    """
    alone = lone_request(deployment)
    for number in range(len(alone.exits)):
        yield _trace(leaving(alone, number), number, record)


def lone_request(deployment: Deployment) -> Deployment:
    """Return *deployment* with one request at 0, without faults and without chance."""
    one = Workload(np.zeros(1, np.int64), np.zeros(1, np.int64))
    sections, links = tuple(map(_usual, deployment.sections)), tuple(map(_sure, deployment.links))
    return replace(
        deployment, workload=one, until_ns=None, sections=sections, links=links, faults=(), recovery=Recovery(),
        window_ns=None,
    )  # fmt: skip


def leaving(deployment: Deployment, number: int) -> Deployment:
    """Return *deployment* with exits that make every request leave at the exit *number*."""
    exits = tuple(_forced(exit_, other == number) for other, exit_ in enumerate(deployment.exits))
    return replace(deployment, exits=exits)


def undecided(deployment: Deployment) -> TableOracle:
    """Return an oracle for the exits of *deployment* that is neither sure nor unsure of its one sample."""
    nothing = DecisionTable(np.zeros(1, np.int64), np.full(1, 0.5), np.full(1, 0.5), np.full(1, 0.5))
    return TableOracle([nothing] * len(deployment.exits))


def _usual(section: Section) -> Section:
    """Return *section*, whose jobs all take their mean."""
    if section.service is None:
        return section
    return replace(section, service=None, service_ns=round(section.service.mean_s * NS_PER_S))


def _sure(link: Link) -> Link:
    """Return *link*, which loses nothing; its jitter is always the mean."""
    if link.jitter is None:
        return replace(link, loss=None)
    mean_s = link.jitter.mean_s
    return replace(link, loss=None, jitter=Distribution("constant", (mean_s,)))


def _trace(deployment: Deployment, number: int, record: Literal["requests", "messages"]) -> Trace:
    """Return what happens to the one request of *deployment*, made to leave at the exit *number*."""
    from ddnnsim.sim import simulate

    trace = simulate(deployment, undecided(deployment), record=record).labelled(np.zeros(1, np.int64))
    done, _ = answers(trace)
    if not done[0] or trace.requests["exit"][0] != number:
        name = deployment.exits[number].name
        raise UserError(f"a request alone in the system is never answered by the exit {name!r}")
    return trace


def _forced(exit_: Exit, leaves: bool) -> Exit:
    """Return *exit_*, made to answer if all that it asks is whether the request *leaves*; the last always does."""
    patient = replace(exit_, deadline=None, policy=None)
    if exit_.threshold is None:
        return patient
    return replace(patient, rule="entropy", threshold=ALWAYS if leaves else NEVER)
