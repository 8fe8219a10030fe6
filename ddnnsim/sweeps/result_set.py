"""A result set: what came out of a sweep, as its folder holds it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ddnnsim.errors import ResultError
from ddnnsim.experiment import load
from ddnnsim.results import Result, load_result
from ddnnsim.scenario.wording import did_you_mean
from ddnnsim.sweeps.layout import MANIFEST, RUNS, SCENARIO
from ddnnsim.sweeps.rows import Row, chosen, is_below, read_rows
from ddnnsim.sweeps.tables import estimate_table, job_table, point_table, tidy_table

if TYPE_CHECKING:
    import pandas as pd

    from ddnnsim.scenario import Scenario


@dataclass(frozen=True)
class ResultSet:
    """The results of all jobs of a sweep. What is in them is read when it is first asked for."""

    path: Path

    @classmethod
    def load(cls, path: str | Path) -> ResultSet:
        """Return the result set in the folder *path*. Raises ResultError where there is none."""
        folder = Path(path)
        if not (folder / MANIFEST).is_file() or "jobs" not in (result_set := cls(folder)).manifest:
            raise ResultError(f"{folder}: not the folder of a sweep that is finished; 'ddnnsim run' makes it")
        return result_set

    @cached_property
    def scenario(self) -> Scenario:
        """Return the scenario with its sweep, resolved."""
        return load(self.path / SCENARIO)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Return points and jobs, and how they came about: versions, hashes, host."""
        try:
            manifest = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        except ValueError:
            manifest = None
        if not isinstance(manifest, dict):
            raise ResultError(f"{self.path / MANIFEST}: damaged; run the sweep again to make it anew")
        return manifest

    @cached_property
    def points(self) -> pd.DataFrame:
        """Return a row for each point: its number, its label, and its values by path, as the file has them."""
        return point_table(self.manifest["points"])

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """Return a row for each job: point, replication, seed, the folder of its run, or the error."""
        return job_table(self.manifest["jobs"])

    @property
    def failed(self) -> pd.DataFrame:
        """Return those of `jobs` that have no result."""
        return self.jobs[self.jobs["run"].isna()]

    def result(self, point: int = 0, replication: int = 0) -> Result:
        """Return the result of one job. Raises ResultError where it has none."""
        for job in self.manifest["jobs"]:
            if (job["point"], job["replication"]) == (point, replication):
                if job["run"] is None:
                    raise ResultError(f"{self.path}: point {point}, replication {replication} failed: {job['error']}")
                return load_result(self.path / RUNS / job["run"])
        raise ResultError(f"{self.path}: no point {point} with a replication {replication}")

    def to_pandas(self, *more: str) -> pd.DataFrame:
        """Return the tidy table: a row for each finished job, with its point's values in SI units and its numbers.

        Those of single links and nodes are left out but for *more*: 'links.gateway>cloud.utilisation', or all 'nodes',
        and for that of `run.precision`.
        """
        known = dict.fromkeys(path for row in self._rows for path in row.numbers)
        for wanted in more if known else ():
            if not any(is_below(path, wanted) for path in known):
                raise ResultError(
                    f"{self.path}: no number {wanted!r}; {did_you_mean(wanted, known)}".removesuffix("; ")
                )
        return tidy_table(self.manifest["points"], chosen(self._rows, (*self._known, *more)))

    @property
    def precision(self) -> dict[str, Any] | None:
        """Return how near each point came to `run.precision`: `{of, within, points}`; None where there is none.

        Of each of the points {point, n, reached, mean, half_width, why}, `why` being why no more were run.
        """
        told: dict[str, Any] | None = self.manifest["precision"]
        return told

    @property
    def _known(self) -> tuple[str, ...]:
        """Return the number that is to be known well enough, if there is one."""
        return () if self.precision is None else (self.precision["of"],)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Return a row for each point and number: n, mean, low, high (95 %) over the replications."""
        return estimate_table(chosen(self._rows, self._known))

    @cached_property
    def _rows(self) -> list[Row]:
        """Return what each finished job came to."""
        return read_rows(self.path / RUNS, self.manifest["jobs"])
