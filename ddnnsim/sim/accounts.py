"""What links and nodes have done, as columns, and the names that codes in columns stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.deployment import Workload
from ddnnsim.sim import rules
from ddnnsim.sim.power import FJ_PER_J
from ddnnsim.trace import FATES, OUTCOMES, REASONS, VERDICTS

RULES = ("entropy", "probability", "margin")
"""By what an exit leaves."""

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.sim.link import Link
    from ddnnsim.sim.node import Node
    from ddnnsim.trace import Column


def link_columns(deployment: Deployment, links: Sequence[Link], end_ns: int) -> dict[str, Column]:
    """Return a row for each direction of each link at *end_ns*."""
    sent = np.array([link.bytes for link in links], np.int64).reshape(-1, len(rules.KINDS))
    return {
        "link": np.arange(len(links)),
        "source": np.array([plan.source for plan in deployment.links], np.int64),
        "target": np.array([plan.target for plan in deployment.links], np.int64),
        "messages": np.array([link.messages for link in links], np.int64),
        **{f"{kind}_bytes": sent[:, i] for i, kind in enumerate(rules.KINDS)},
        "header_bytes": np.array([link.header_bytes for link in links], np.int64),
        "resent_bytes": np.array([link.resent_bytes for link in links], np.int64),
        "lost": np.array([link.lost for link in links], np.int64),
        "dropped": np.array([link.dropped for link in links], np.int64),
        "dropped_bytes": np.array([link.dropped_bytes for link in links], np.int64),
        "busy_ns": np.array([link.busy_ns() for link in links], np.int64),
        "down_ns": np.array([link.down_ns(end_ns) for link in links], np.int64),
        "queue_max": np.array([link.queue_max() for link in links], np.int64),
    }


def node_columns(
    deployment: Deployment, nodes: Sequence[Node], origin_bytes: NDArray[np.int64], requests: int, end_ns: int
) -> dict[str, Column]:
    """Return a row for each node at *end_ns*, when there had been so many *requests*.

    *origin_bytes* is what its sensing sections put on a first hop.
    """
    plans = deployment.machines
    tiers = _tiers(deployment)
    processors = [node.processor for node in nodes]
    memory = [None if node.memory is None else node.memory.max_bytes for node in nodes]
    energy_j = [None if node.meter is None else node.meter.used_fj() / FJ_PER_J for node in nodes]
    return {
        "node": np.arange(len(plans)),
        "tier": np.array([tiers.index(plan.tier) for plan in plans], np.int64),
        "servers": np.array([plan.servers for plan in plans], np.int64),
        "jobs": np.array([processor.jobs for processor in processors], np.int64),
        "lost": np.array([node.lost + node.processor.lost for node in nodes], np.int64),
        "refused": np.array([processor.refused for processor in processors], np.int64),
        "busy_ns": np.array([processor.busy_ns() for processor in processors], np.int64),
        "down_ns": np.array([node.down_ns(end_ns) for node in nodes], np.int64),
        "queue_max": np.array([processor.queue_max for processor in processors], np.int64),
        "captures": _captures(deployment, requests) - np.array([node.blind for node in nodes], np.int64),
        "origin_bytes": origin_bytes,
        "memory_max_bytes": _or_none(memory, np.int64),
        "energy_j": _or_none(energy_j, np.float64),
    }


def _captures(deployment: Deployment, requests: int) -> NDArray[np.int64]:
    """Return by node how often its sections that sense were to do so, in so many *requests*."""
    load, until_ns = deployment.workload, deployment.until_ns
    captures = load.captures if isinstance(load, Workload) else None
    if captures is None:  # all that sense do so for each request
        sensing = [plan.machine for plan in deployment.sections if plan.view is not None]
        return requests * np.bincount(np.array(sensing, np.int64), minlength=len(deployment.machines))
    machines = np.array([plan.machine for plan in deployment.sections], np.int64)
    came = captures.sections if until_ns is None else captures.sections[captures.at_ns < until_ns]
    return np.bincount(machines[came], minlength=len(deployment.machines))


def section_columns(deployment: Deployment) -> dict[str, Column]:
    """Return a row for each section: where it is, and what it belongs to."""
    plans = deployment.sections
    return {
        "section": np.arange(len(plans)),
        "level": np.array([plan.level for plan in plans], np.int64),
        "node": np.array([plan.machine for plan in plans], np.int64),
        "exit": _ids([plan.exit for plan in plans]),
        "parent": _ids([plan.parent for plan in plans]),
        "view": _ids([plan.view for plan in plans]),
    }


def exit_columns(deployment: Deployment) -> dict[str, Column]:
    """Return a row for each exit: where it is, the section whose job it is part of, and by what it leaves."""
    plans = deployment.exits
    thresholds = [np.nan if plan.threshold is None else plan.threshold for plan in plans]
    return {
        "exit": np.arange(len(plans)),
        "level": np.array([plan.level for plan in plans], np.int64),
        "node": np.array([plan.machine for plan in plans], np.int64),
        "section": _ids([plan.sections[0] if plan.service_ns is None else None for plan in plans]),
        "coordinator": _ids([plan.coordinator for plan in plans]),
        "rule": np.array([RULES.index(plan.rule) for plan in plans], np.int64),
        "threshold": np.ma.masked_invalid(thresholds),
    }


def _ids(ids: Sequence[int | None]) -> np.ma.MaskedArray:
    """Return *ids* as a column, masked where there is none."""
    return np.ma.array([0 if i is None else i for i in ids], np.int64, mask=[i is None for i in ids])


def names(deployment: Deployment, view_sets: Sequence[int]) -> dict[str, Sequence[str]]:
    """Return by column what its codes stand for; *view_sets* are bit masks by the ids in the column `views`."""
    machines = [plan.name for plan in deployment.machines]
    sensed = [plan for plan in deployment.sections if plan.view is not None]
    return {
        "fate": FATES,
        "reason": REASONS,
        "exit": [plan.name for plan in deployment.exits],
        "views": [mask_text(mask, len(sensed)) for mask in view_sets],
        "link": [plan.name for plan in deployment.links],
        "source": machines,
        "target": machines,
        "node": machines,
        "tier": _tiers(deployment),
        "section": [plan.name for plan in deployment.sections],
        "parent": [plan.name for plan in deployment.sections],
        "coordinator": [plan.name for plan in deployment.exits],
        "rule": RULES,
        "kind": rules.KINDS,
        "outcome": OUTCOMES,
        "verdict": VERDICTS,
    }


def mask_text(mask: int, views: int) -> str:
    """Return *mask* as one character a view, the first view first: `101` has the first and the third."""
    return "".join("1" if mask >> view & 1 else "0" for view in range(views))


def _or_none(values: Sequence[float | None], dtype: type[np.generic]) -> np.ma.MaskedArray:
    """Return *values*, masked where there is none."""
    mask = [value is None for value in values]
    return np.ma.array([value or 0 for value in values], dtype, mask=mask)


def _tiers(deployment: Deployment) -> list[str]:
    return sorted({plan.tier for plan in deployment.machines})
