"""A request of which there is the view of one device alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ddnnsim.deployment import Captures, Deployment, Workload


def of_one(alone: Deployment, sensing: int) -> Deployment:
    """Return the whole of *alone* with a request of which there is the view of the section *sensing* alone."""
    at = np.zeros(1, np.int64)
    return replace(alone, workload=Workload(at, at, Captures(at, at, np.array([sensing]))))
