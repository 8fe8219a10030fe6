"""A finished run, or sweep, done again from what its folder holds, and whether the same came out, byte by byte."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ddnnsim import experiment
from ddnnsim.errors import ResultError, UserError
from ddnnsim.inputs import digest
from ddnnsim.progress import Progress, silent
from ddnnsim.results import load_result
from ddnnsim.results.layout import MANIFEST, SCENARIO
from ddnnsim.rollout import times_asked_for
from ddnnsim.sweeps import ResultSet, carry_out, load_plan
from ddnnsim.sweeps.layout import RESULTS, RUNS

if TYPE_CHECKING:
    from ddnnsim.results import Result
    from ddnnsim.services import Times

HASHES = "files_sha256"
"""What of the manifest has the hashes of a run's files."""
EQUAL, SAME_VALUES, DIFFERENT, MISSING = "equal", "equal values in other bytes", "different", "missing"


class File(NamedTuple):
    """A file of a run, and what became of it when that was done again."""

    run: str
    """The folder of the run."""
    name: str
    state: str


class Change(NamedTuple):
    """What is no longer as it was when the run was made."""

    what: str
    then: str
    now: str


@dataclass(frozen=True)
class Reproduction:
    """A run, or a sweep, and what came out when it was done again."""

    path: Path
    """Where it is now."""
    files: tuple[File, ...]
    changes: tuple[Change, ...]
    """Versions, code and inputs that are not those of the original."""

    @property
    def equal(self) -> bool:
        """Return whether every table is the same, byte by byte."""
        return all(file.state == EQUAL for file in self.files)


def reproduce(path: Path, out: Path, workers: int = 1, progress: Progress = silent) -> Reproduction:
    """Do the run, or the sweep, in the folder *path* again, into another below *out*, and compare all files by hash.

    *workers* share the jobs of a sweep. Sections of a single run whose times were measured take what was measured
    then. Raises ResultError where there is no result, or its files are not those that it was saved with, and UserError
    where *out* is where it lies.
    """
    if out.resolve() == path.resolve().parent:
        raise UserError(f"{out}: the result to reproduce lies here; name another folder with --out")
    if (path / RESULTS).is_file():
        return _sweep_again(ResultSet.load(path), out, workers, progress)
    return _run_again(load_result(path), out, progress)


def _run_again(original: Result, out: Path, progress: Progress) -> Reproduction:
    _refuse_changed(original.path, original.manifest)
    measured = _measured(original.manifest)
    times_of = times_asked_for if measured is None else lambda _scenario, _network: measured
    changed = tuple(_inputs(original.manifest))
    again = experiment.carry_out(experiment.load(original.path / SCENARIO), out, progress, times_of=times_of)
    then, now = original.manifest, again.manifest
    changes = (*changed, *_versions(then, now), *_change("weights", *(_weights(of) for of in (then, now))))
    return Reproduction(again.path, tuple(_files(original.path, again.path)), changes)


def _sweep_again(original: ResultSet, out: Path, workers: int, progress: Progress) -> Reproduction:
    """Run all jobs of the sweep *original* again; what failed before is looked at by its error."""
    runs = [original.path / RUNS / job["run"] for job in original.manifest["jobs"] if job["run"] is not None]
    manifests = [load_result(run).manifest for run in runs]
    _refuse_changed(original.path, original.manifest)
    for run, manifest in zip(runs, manifests, strict=True):
        _refuse_changed(run, manifest)
    changed = dict.fromkeys(change for manifest in manifests for change in _inputs(manifest))
    plan = load_plan(original.path / SCENARIO)
    if (out / plan.name / MANIFEST).is_file():  # nothing of it would be run
        raise UserError(f"{out / plan.name}: has been made before; remove it, or name another folder with --out")
    again = carry_out(plan, out, None, workers, progress, others=())
    files = [*_files(original.path, again.path), *_files_of_jobs(original, again)]
    return Reproduction(again.path, tuple(files), (*changed, *_versions(original.manifest, again.manifest)))


def _files_of_jobs(original: ResultSet, again: ResultSet) -> Iterator[File]:
    """Yield the files of the runs of all jobs; those of a job that has no run in one of the two are missing."""
    then, now = ({(job["point"], job["replication"]): job["run"] for job in of.manifest["jobs"]}
                 for of in (original, again))  # fmt: skip
    for job in dict.fromkeys([*then, *now]):
        one, other = then.get(job), now.get(job)
        if one is not None and other is not None:
            yield from _files(original.path / RUNS / one, again.path / RUNS / other)
        elif one != other:
            yield File(str(one or other), MANIFEST, MISSING)


def _refuse_changed(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Raise ResultError where the files in *folder* are not those that its *manifest* tells of."""
    if not manifest.get(HASHES):
        raise ResultError(f"{folder}: its manifest has no hashes to compare with")
    for name, told in manifest[HASHES].items():
        file = folder / name
        if not file.is_file() or digest(file) != told:
            raise ResultError(f"{file}: not as it was saved; what was lost or changed cannot be compared")


def _measured(manifest: Mapping[str, Any]) -> Times | None:
    """Return by level how long sections took when they were measured; None where they were not."""
    times = manifest.get("section_times_ns") or {}
    return tuple(map(tuple, times.values())) or None


def _inputs(manifest: Mapping[str, Any]) -> Iterator[Change]:
    """Yield the files behind the run that are gone or changed."""
    for name, then in manifest.get("inputs_sha256", {}).items():
        now = digest(Path(name)) if Path(name).is_file() else MISSING
        if now != then:
            yield Change(name, then[:12], now[:12])


def _versions(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    """Yield what the manifests *then* and *now* tell differently of the code and the machine."""
    for name in dict.fromkeys([*then["versions"], *now["versions"]]):
        yield from _change(name, then["versions"].get(name), now["versions"].get(name))
    for name in ("commit", "changed"):
        codes = ((manifest.get("git") or {}).get(name) for manifest in (then, now))
        yield from _change(f"git {name}", *(str(code)[:12] for code in codes))
    for name in ("system", "machine"):
        yield from _change(name, then["host"].get(name), now["host"].get(name))


def _weights(manifest: Mapping[str, Any]) -> str:
    """Return what tells the weights of a network from others."""
    return str(manifest["weights"]["key"])[:12]


def _change(what: str, then: object, now: object) -> Iterator[Change]:
    if then != now:
        yield Change(what, str(then), str(now))


def _files(original: Path, again: Path) -> Iterator[File]:
    """Yield each file that the manifests of two folders tell of, and whether both have the same in it."""
    then, now = (json.loads((folder / MANIFEST).read_text(encoding="utf-8"))[HASHES] for folder in (original, again))
    for name in sorted(then.keys() | now.keys()):
        if name not in then or name not in now:
            state = MISSING
        elif then[name] == now[name]:
            state = EQUAL
        else:
            state = SAME_VALUES if _same_values(original / name, again / name) else DIFFERENT
        yield File(original.name, name, state)


def _same_values(one: Path, other: Path) -> bool:
    """Return whether two tables have the same values: another version of pyarrow may write them in other bytes."""
    if one.suffix != ".parquet":
        return False
    import pyarrow.parquet as pq

    return bool(pq.read_table(one).equals(pq.read_table(other)))
