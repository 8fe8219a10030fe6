"""A result: one finished run, as its folder holds it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddnnsim.errors import ResultError
from ddnnsim.results.layout import ENTITIES, HINTS, MANIFEST, RECORDS, SCENARIO, SUMMARY, TABLES, sha256
from ddnnsim.results.tables import KNOWN_NAMES, read_names, read_table
from ddnnsim.scenario import load_scenario

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import TypeAdapter

    from ddnnsim.metrics import Summary
    from ddnnsim.scenario import Scenario
    from ddnnsim.statistics import Estimate
    from ddnnsim.trace import Trace


@cache  # it takes longer to make than to use
def summary_adapter() -> TypeAdapter[Summary]:
    """Return what reads and writes summaries."""
    from pydantic import TypeAdapter

    from ddnnsim.metrics import Summary

    return TypeAdapter(Summary)


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
        from pydantic import ValidationError

        try:
            return summary_adapter().validate_json((self.path / SUMMARY).read_bytes())
        except ValidationError:
            raise self._unreadable(SUMMARY) from None

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
    def routes(self) -> pd.DataFrame:
        """Return a row for each route that messages take, of all sizes or of one."""
        return self._table("routes")

    @cached_property
    def parts(self) -> pd.DataFrame:
        """Return by request the parts of its latency in ns, where the run kept messages on record."""
        return self._table("parts")

    @cached_property
    def faults(self) -> pd.DataFrame:
        """Return a row for each victim of each spell, where the scenario has faults."""
        return self._table("faults")

    @cached_property
    def queues(self) -> pd.DataFrame:
        """Return a row for each node and link at the end of each window, where the run has windows."""
        return self._table("queues")

    @cached_property
    def series(self) -> pd.DataFrame:
        """Return a row for each window, where the run has windows."""
        return self._table("series")

    @cached_property
    def series_exits(self) -> pd.DataFrame:
        """Return a row for each exit in each window, where the run has windows."""
        return self._table("series_exits")

    @cached_property
    def trace(self) -> Trace:
        """Return what happened, with every message, hop, job and decision. Raises ResultError without such a record."""
        from pyarrow import ArrowException

        from ddnnsim.trace import Trace

        end_ns = round(self.summary.simulated_s * 1e9)
        names = {column: list(known) for column, known in KNOWN_NAMES.items()}
        tables = {}
        beside = ("faults",) if self.scenario.faults else ()
        files = {name: self.path / f"{name}.parquet" for name in (*TABLES, *RECORDS, *beside)}
        if not files["messages"].is_file():
            raise self._not_on_record("messages")
        file = self.path
        try:
            for column in ENTITIES:
                file = files[f"{column}s"]
                names[column] = read_names(file, column)
            for name, file in files.items():
                tables[name] = read_table(file, names)
        except (FileNotFoundError, ArrowException):
            raise self._damaged(file.name) from None
        return Trace(
            requests=tables.pop("requests"),
            links=tables.pop("links"),
            nodes=tables.pop("nodes"),
            names=names,
            replies=self.scenario.workload.reply_to is not None,
            end_ns=end_ns,
            tables=tables,
        )

    @cached_property
    def latency_ms(self) -> pd.Series[float]:
        """Return by request the time from capture to the answer, or to the reply where asked for; else NA.

        Without the requests of the warm-up.
        """
        end = "answered_ns" if self.scenario.workload.reply_to is None else "replied_ns"
        told = self.summary.warmup
        settled = self.requests.iloc[0 if told is None else told.requests :]  # they are in the order of capture
        return (settled[end] - settled["captured_ns"]) / 1e6

    @cached_property
    def mean_latency_ms(self) -> Estimate:
        """Return the mean of `latency_ms` by batch means, in the order of capture.

        Raises TooShortError where there are too few answers for how much they are alike.
        """
        from ddnnsim.statistics import batch_means

        return batch_means(self.latency_ms.dropna().to_numpy(float))

    def _table(self, name: str) -> pd.DataFrame:
        import pandas as pd
        from pyarrow import ArrowException

        file = f"{name}.parquet"
        try:
            return pd.read_parquet(self.path / file, dtype_backend="numpy_nullable")
        except FileNotFoundError:
            raise self._not_on_record(name) from None
        except ArrowException:
            raise self._damaged(file) from None

    def _not_on_record(self, name: str) -> ResultError:
        return ResultError(f"{self.path}: has no {name}; {HINTS.get(name, HINTS['messages'])}")

    def _unreadable(self, file: str) -> ResultError:
        """Return what is wrong with *file*: another version has written it just so, or it is damaged."""
        if self.manifest.get("files_sha256", {}).get(file) != sha256(self.path / file):
            return self._damaged(file)
        made_by, now = self.manifest["versions"]["ddnnsim"], version("ddnnsim")
        commit = (self.manifest.get("git") or {}).get("commit")
        which = f"{made_by} (commit {commit[:8]})" if commit else made_by
        return ResultError(
            f"{self.path}: made by another version of ddnnsim, {which}, and this one, {now}, cannot read its {file}; "
            "run the scenario with --again to make it anew, or read it with that version"
        )

    def _damaged(self, file: str) -> ResultError:
        return ResultError(f"{self.path / file}: damaged; run the scenario with --again to make it anew")
