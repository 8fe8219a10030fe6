"""Results of the same scenarios that other sweeps, or single runs, have left: what is done somewhere is done."""

from __future__ import annotations

import glob
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from ddnnsim.results import folder_name, written_beside
from ddnnsim.results.layout import MANIFEST
from ddnnsim.sweeps.job import Job
from ddnnsim.sweeps.layout import RUNS
from ddnnsim.sweeps.plan import Plan


def elsewhere(plan: Plan, out: Path) -> list[Path]:
    """Return the folders under *out*, beside that of the runs of *plan*, that may have results of its jobs."""
    others = out.glob(f"{glob.escape(plan.scenario.name)}-sweep-*/{RUNS}")
    return [out, *sorted(runs for runs in others if runs.parent.name != plan.name)]


def adopt(jobs: Iterable[Job], runs: Path, others: Sequence[Path]) -> None:
    """Put into *runs* the results of *jobs* that it has not, and one of *others* has.

    Files are shared with it where the file system can (hard links). Whether a result is still of the files and the
    code that made it, is for who finds it.
    """
    for job in jobs:
        name = folder_name(job.scenario)
        if not (runs / name).exists():
            for other in others:
                if (other / name / MANIFEST).is_file():
                    _share(other / name, runs / name)
                    break


def _share(folder: Path, path: Path) -> None:
    """Make *path* of the files that the manifest in *folder* tells of; nothing where it is gone or damaged by now."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        names = [*told["files_sha256"], MANIFEST]
        if all((folder / name).is_file() for name in names):
            with written_beside(path) as part:
                for name in names:
                    _link(folder / name, part / name)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return


def _link(file: Path, other: Path) -> None:
    try:
        os.link(file, other)
    except OSError:  # another file system, or one without links
        shutil.copy2(file, other)
