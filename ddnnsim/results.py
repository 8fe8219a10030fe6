"""Results: a folder that holds one run whole - what was asked, what happened, what came out, and how."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ddnnsim.errors import ResultError
from ddnnsim.scenario import dump, load_scenario, scenario_hash

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from ddnnsim.metrics import Summary
    from ddnnsim.scenario import Scenario
    from ddnnsim.trace import Column, Trace

MANIFEST, SCENARIO, SUMMARY = "manifest.json", "scenario.yaml", "summary.json"
TABLES = ("requests", "links", "nodes")
"""The tables of every run; where messages are on record, those of `Trace.tables` come beside."""


@dataclass(frozen=True)
class Result:
    """One finished run, as its folder holds it. Tables are read when they are first asked for."""

    path: Path

    @cached_property
    def scenario(self) -> Scenario:
        """Return the scenario, resolved."""
        return load_scenario(self.path / SCENARIO)

    @cached_property
    def summary(self) -> Summary:
        """Return the numbers of the run."""
        from pydantic import TypeAdapter, ValidationError

        from ddnnsim.metrics import Summary

        try:
            return TypeAdapter(Summary).validate_json((self.path / SUMMARY).read_bytes())
        except ValidationError:
            raise self._damaged(SUMMARY) from None

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Return how the run came about: versions, seeds, hashes, host, times."""
        try:
            manifest = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        except ValueError:
            raise self._damaged(MANIFEST) from None
        if not isinstance(manifest, dict):
            raise self._damaged(MANIFEST)
        return manifest

    @cached_property
    def requests(self) -> pd.DataFrame:
        """Return a row for each request."""
        return self._table("requests")

    @cached_property
    def links(self) -> pd.DataFrame:
        """Return a row for each direction of each link."""
        return self._table("links")

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """Return a row for each node."""
        return self._table("nodes")

    @cached_property
    def messages(self) -> pd.DataFrame:
        """Return a row for each message, where the run kept them on record."""
        return self._table("messages")

    @cached_property
    def hops(self) -> pd.DataFrame:
        """Return a row for each message on each link, where the run kept them on record."""
        return self._table("hops")

    @cached_property
    def executions(self) -> pd.DataFrame:
        """Return a row for each job, where the run kept them on record."""
        return self._table("executions")

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """Return a row for each decision of an exit, where the run kept them on record."""
        return self._table("decisions")

    @cached_property
    def latency_ms(self) -> pd.Series[float]:
        """Return by request the time from capture to the answer, or to the reply where asked for; else NA."""
        end = "answered_ns" if self.scenario.workload.reply_to is None else "replied_ns"
        return (self.requests[end] - self.requests["captured_ns"]) / 1e6

    def _table(self, name: str) -> pd.DataFrame:
        import pandas as pd
        from pyarrow import ArrowException

        file = f"{name}.parquet"
        try:
            return pd.read_parquet(self.path / file, dtype_backend="numpy_nullable")
        except FileNotFoundError:
            raise ResultError(f"{self.path}: has no {name}; run the scenario with run.record: messages") from None
        except ArrowException:
            raise self._damaged(file) from None

    def _damaged(self, file: str) -> ResultError:
        return ResultError(f"{self.path / file}: damaged; run the scenario with --again to make it anew")


def folder_name(scenario: Scenario) -> str:
    """Return NAME-HASH8, the name of the folder of *scenario*'s result."""
    return f"{scenario.name}-{scenario_hash(scenario)[:8]}"


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
    provenance: Mapping[str, object],
    out: Path,
    finish: Callable[[Result], object],
) -> Result:
    """Write a run under *out* and return it as a result; what was there of the same scenario is replaced.

    *finish* is given the result while it is still beside its place, and may add to it.

    Everything is written beside and renamed when it is whole: whoever looks finds the old result,
    the new one, or none. *provenance* goes into the manifest, with the hashes of the files.
    """
    from pydantic import TypeAdapter

    from ddnnsim.metrics import Summary

    path = out / folder_name(scenario)
    with _written_beside(path) as part:
        (part / SCENARIO).write_text(dump(scenario), encoding="utf-8")
        (part / SUMMARY).write_bytes(TypeAdapter(Summary).dump_json(summary, indent=2) + b"\n")
        tables = {name: getattr(trace, name) for name in TABLES} | dict(trace.tables)
        for name, columns in tables.items():
            _write_table(part / f"{name}.parquet", columns, trace.names)
        files = {file.name: _sha256(file) for file in sorted(part.iterdir())}
        manifest = {
            "name": scenario.name,
            "scenario_sha256": scenario_hash(scenario),
            **provenance,
            "files_sha256": files,
        }
        (part / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        finish(Result(part))
    return Result(path)


@contextmanager
def _written_beside(path: Path) -> Iterator[Path]:
    """Give a new folder to write into, and put it in the place of *path* when all has gone well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_leftovers(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        yield part
        for file in part.rglob("*"):
            if file.is_file():
                _flush(file)
        _replace(part, path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _replace(part: Path, path: Path) -> None:
    """Rename *part* to *path*; an old *path* steps aside first, since a folder cannot be renamed over another."""
    old = path.with_name(f".{path.name}.{os.getpid()}.old")
    while part.exists():
        with suppress(FileNotFoundError):
            path.rename(old)
        try:
            part.rename(path)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            # Somebody else's result of the same scenario came in between: once more.
        shutil.rmtree(old, ignore_errors=True)


def clear_leftovers(path: Path) -> None:
    """Remove what killed processes left beside *path*; what stepped aside for a new one that never came goes back."""
    for left in path.parent.glob(f".{path.name}.*.*"):
        pid, kind = left.name.rsplit(".", 2)[1:]
        if pid.isdigit() and not _alive(int(pid)):
            if kind == "old" and not path.exists():
                left.rename(path)
            else:
                shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _flush(file: Path) -> None:
    """Let *file* reach the disk, so that a rename never shows a name without its content."""
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


def _sha256(file: Path) -> str:
    import hashlib

    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_table(file: Path, columns: Mapping[str, Column], names: Mapping[str, Sequence[str]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({name: _arrow(column, names.get(name)) for name, column in columns.items()})
    pq.write_table(table, file, compression="zstd")


def _arrow(column: Column, names: Sequence[str] | None) -> pa.Array:
    """Return *column* for a table: nulls where it is masked, and the *names* of its codes where it has some."""
    import pyarrow as pa

    mask = np.ma.getmaskarray(column)
    values = np.ma.getdata(column)
    if names is None:
        return pa.array(values, mask=mask)
    codes = pa.array(values.astype(np.int32), mask=mask)
    return pa.DictionaryArray.from_arrays(codes, pa.array(names, pa.string()))
