"""A Dask cluster as an executor; the only user of distributed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import NamedTuple

from ddnnsim.errors import UserError

PATIENCE_S = 10
"""How long a scheduler may take to answer."""


class Cluster(NamedTuple):
    """An executor, and how many jobs it does side by side."""

    executor: Executor
    workers: int


@contextmanager
def dask_cluster(address: str) -> Iterator[Cluster]:
    """Give the cluster whose scheduler is at *address*. Raises UserError where there is none, or none that works."""
    try:
        from distributed import Client
    except ImportError:
        raise UserError("--dask needs Dask: pip install 'ddnnsim[dask]'") from None
    try:
        client = Client(address, timeout=PATIENCE_S)
    except (OSError, ValueError) as error:
        why = str(error) or type(error).__name__
        instead = "write e.g. 'tcp://127.0.0.1:8786', as `dask scheduler` tells"
        raise UserError(f"--dask {address}: no scheduler answers: {why}; {instead}") from None
    with client:
        workers = sum(client.nthreads().values())
        if not workers:
            raise UserError(f"--dask {address}: the scheduler has no workers; start some: dask worker {address}")
        yield Cluster(client.get_executor(), workers)
