"""Jobs are done: here one after the other, in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path

from ddnnsim.errors import UserError
from ddnnsim.experiment import run
from ddnnsim.progress import Progress
from ddnnsim.sweeps.job import Job, Outcome


def perform(
    jobs: Sequence[Job], out: Path, executor: Executor | None, workers: int, progress: Progress
) -> Iterator[Outcome]:
    """Yield what becomes of each of *jobs*, whose results go under *out*."""
    for done, job in enumerate(jobs, start=1):
        began = time.perf_counter()
        try:
            path, error = run(job.scenario, out=out, progress=progress).path.name, None
        except UserError as fault:
            path, error = None, str(fault)
        yield Outcome(job.number, path, error, time.perf_counter() - began)
        progress("jobs", done, len(jobs))
