"""A probe: one request alone in the system, made to leave at each exit, to see what that costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.calibration import ExitCost
from ddnnsim.deployment import Workload
from ddnnsim.distribution import NS_PER_S, Distribution
from ddnnsim.errors import UserError
from ddnnsim.metrics import answers, latencies_ns
from ddnnsim.oracle import DecisionTable, TableOracle
from ddnnsim.recovery import Recovery

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment, Exit, Link, Section

ALWAYS, NEVER = 1.0, 0.0
"""Thresholds of normalised entropy."""


def exit_costs(deployment: Deployment) -> tuple[ExitCost, ...]:
    """Return by exit what it costs to leave there, as the engine has it, in *deployment* without other requests.

    What is drawn takes as long as on average, nothing is lost, and nobody waits for less than all.
    """
    one = Workload(np.zeros(1, np.int64), np.zeros(1, np.int64))
    sections, links = tuple(map(_usual, deployment.sections)), tuple(map(_sure, deployment.links))
    alone = replace(
        deployment, workload=one, until_ns=None, sections=sections, links=links, faults=(), recovery=Recovery(),
        window_ns=None,
    )  # fmt: skip
    return tuple(_cost(alone, number) for number in range(len(deployment.exits)))


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


def _cost(alone: Deployment, number: int) -> ExitCost:
    """Return what it costs the one request of *alone* to leave at the exit *number*."""
    from ddnnsim.sim import simulate

    forced = tuple(_forced(exit_, other == number) for other, exit_ in enumerate(alone.exits))
    nothing = DecisionTable(np.zeros(1, np.int64), np.full(1, 0.5), np.full(1, 0.5), np.full(1, 0.5))
    trace = simulate(replace(alone, exits=forced), TableOracle([nothing] * len(forced)))
    trace = trace.labelled(np.zeros(1, np.int64))
    done, _ = answers(trace)
    if not done[0] or trace.requests["exit"][0] != number:
        raise UserError(f"a request alone in the system is never answered by the exit {forced[number].name!r}")
    devices = sum(section.view is not None for section in alone.sections)
    return ExitCost(
        decided_ns=int(trace.requests["answered_ns"][0] - trace.requests["captured_ns"][0]),
        latency_ns=int(latencies_ns(trace)[0]),
        bytes_per_device=int(trace.nodes["origin_bytes"].sum()) / devices,
    )


def _forced(exit_: Exit, leaves: bool) -> Exit:
    """Return *exit_*, made to answer if all that it asks is whether the request *leaves*; the last always does."""
    patient = replace(exit_, deadline=None, policy=None)
    if exit_.threshold is None:
        return patient
    return replace(patient, rule="entropy", threshold=ALWAYS if leaves else NEVER)
