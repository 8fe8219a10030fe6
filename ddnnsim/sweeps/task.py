"""What a worker is given to do, wherever it is, and what it gives back."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ddnnsim import experiment
from ddnnsim.errors import told
from ddnnsim.scenario import Scenario
from ddnnsim.sweeps.networks import Networks

ENDINGS = (KeyboardInterrupt, GeneratorExit)
"""What ends a sweep, and not one of its jobs."""


class Task(NamedTuple):
    """A run that is to be done."""

    name: str
    """The folder of its result, below that of the runs."""
    scenario: Scenario
    out: Path
    """The folder of the runs."""
    key: str | None
    """Of the weights of its network, as who trained them has it; None where there are none in the cache."""
    sweep: str
    """Whose tasks share their networks: of the next sweep, files may be others."""


class Ending(NamedTuple):
    """What became of a run: a folder below that of the runs, or an error."""

    run: str | None
    error: str | None
    wall_s: float


class _Kept(threading.local):
    """What a worker keeps from one task to the next: a thread, for the oracles of networks are for one at a time."""

    sweep: str | None = None
    networks = Networks()


_KEPT = _Kept()


def carry_out(task: Task) -> Ending:
    """Do *task* in a worker."""
    if _KEPT.sweep != task.sweep:
        _KEPT.sweep, _KEPT.networks = task.sweep, Networks()
    return carry_out_here(_KEPT.networks, task)


def carry_out_here(networks: Networks, task: Task) -> Ending:
    """Do *task*, whose network is one of *networks*."""
    began = time.perf_counter()
    try:
        behind = partial(networks.behind, key=task.key)
        run, error = experiment.carry_out(task.scenario, task.out, behind=behind).path.name, None
    except ENDINGS:
        raise
    except BaseException as fault:  # whatever it is, of a user's policy too, others go on
        run, error = None, told(fault)
    return Ending(run, error, time.perf_counter() - began)
