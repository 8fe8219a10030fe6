"""Results: a folder that holds one run whole - what was asked, what happened, what came out, and how."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddnnsim.errors import ResultError
from ddnnsim.results.folder import clear_leftovers, clear_leftovers_in, unfinished_name, written_beside, written_into
from ddnnsim.results.layout import MANIFEST, SCENARIO, SUMMARY, TABLES, sha256
from ddnnsim.results.result import Result, summary_adapter
from ddnnsim.results.tables import write_table
from ddnnsim.scenario import dump, scenario_hash

if TYPE_CHECKING:
    from ddnnsim.metrics import Summary
    from ddnnsim.scenario import Scenario
    from ddnnsim.trace import Trace

__all__ = [
    "Result",
    "clear_leftovers",
    "clear_leftovers_in",
    "find",
    "folder_name",
    "load_result",
    "save",
    "unfinished_name",
    "written_beside",
    "written_into",
]


def folder_name(scenario: Scenario) -> str:
    """Return NAME-HASH12, the name of the folder of *scenario*'s result.

    Of 10,000 runs, two have one name with a probability of 2e-7.
    """
    return f"{scenario.name}-{scenario_hash(scenario)[:12]}"


def find(scenario: Scenario, out: Path) -> Result | None:
    """Return the finished result of *scenario* under *out*, if there is one."""
    path = out / folder_name(scenario)
    return None if _missing(path) else Result(path)


def load_result(path: Path) -> Result:
    """Return the result in the folder *path*. Raises ResultError where there is none."""
    missing = _missing(path)
    if missing:
        raise ResultError(f"{path}: not the folder of a whole result: no {', '.join(missing)}")
    return Result(path)


def _missing(path: Path) -> list[str]:
    names = (MANIFEST, SCENARIO, SUMMARY, *(f"{table}.parquet" for table in TABLES))
    return [name for name in names if not (path / name).is_file()]


def save(
    scenario: Scenario,
    trace: Trace,
    summary: Summary,
    provenance: Mapping[str, Any],
    out: Path,
    finish: Callable[[Result], object],
) -> Result:
    """Write a run under *out* and return it as a result; what was there of the same scenario is replaced.

    *finish* is given the result while it is still beside its place, and may add to it.

    Everything is written beside and renamed when it is whole: whoever looks finds the old result,
    the new one, or none. *provenance* goes into the manifest, with the hashes of the files.
    """
    path, began = out / folder_name(scenario), time.perf_counter()
    with written_beside(path) as part:
        (part / SCENARIO).write_text(dump(scenario), encoding="utf-8")
        (part / SUMMARY).write_bytes(summary_adapter().dump_json(summary, indent=2) + b"\n")
        tables = {name: getattr(trace, name) for name in TABLES} | dict(trace.tables)
        for name, columns in tables.items():
            write_table(part / f"{name}.parquet", columns, trace.names)
        files = {file.name: sha256(file) for file in sorted(part.iterdir())}
        manifest = {
            "name": scenario.name,
            "scenario_sha256": scenario_hash(scenario),
            **provenance,
            "wall_s": {**provenance.get("wall_s", {}), "saving": round(time.perf_counter() - began, 3)},
            "files_sha256": files,
        }
        (part / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        finish(Result(part))
    return Result(path)
