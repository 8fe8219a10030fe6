"""What links and nodes have done, as columns, and the names that codes in columns stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.sim import rules
from ddnnsim.trace import FATES, OUTCOMES, REASONS, VERDICTS

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.sim.link import Link
    from ddnnsim.sim.processor import Processor
    from ddnnsim.trace import Column


def link_columns(deployment: Deployment, links: Sequence[Link]) -> dict[str, Column]:
    """Return a row for each direction of each link."""
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
        "queue_max": np.array([link.queue_max() for link in links], np.int64),
    }


def node_columns(
    deployment: Deployment, processors: Sequence[Processor], origin_bytes: NDArray[np.int64]
) -> dict[str, Column]:
    """Return a row for each node; *origin_bytes* is what its sensing sections put on a first hop."""
    plans = deployment.machines
    tiers = _tiers(deployment)
    return {
        "node": np.arange(len(plans)),
        "tier": np.array([tiers.index(plan.tier) for plan in plans], np.int64),
        "servers": np.array([plan.servers for plan in plans], np.int64),
        "jobs": np.array([processor.jobs for processor in processors], np.int64),
        "lost": np.zeros(len(plans), np.int64),
        "busy_ns": np.array([processor.busy_ns() for processor in processors], np.int64),
        "down_ns": np.zeros(len(plans), np.int64),
        "queue_max": np.array([processor.queue_max for processor in processors], np.int64),
        "origin_bytes": origin_bytes,
        "energy_j": np.ma.array(np.zeros(len(plans)), mask=True),
    }


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
        "kind": rules.KINDS,
        "outcome": OUTCOMES,
        "verdict": VERDICTS,
    }


def mask_text(mask: int, views: int) -> str:
    """Return *mask* as one character a view, the first view first: `101` has the first and the third."""
    return "".join("1" if mask >> view & 1 else "0" for view in range(views))


def _tiers(deployment: Deployment) -> list[str]:
    return sorted({plan.tier for plan in deployment.machines})
