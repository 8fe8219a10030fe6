"""A finished run done again from what its folder holds, and whether the same came out, byte by byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ddnnsim import experiment
from ddnnsim.errors import ResultError, UserError
from ddnnsim.inputs import digest
from ddnnsim.progress import Progress, silent
from ddnnsim.results import load_result

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


def reproduce(path: Path, out: Path, progress: Progress = silent) -> Reproduction:
    """Do the run in the folder *path* again, into another below *out*, and compare all files whose hashes it knows.

    Sections whose times were measured take what was measured then. Raises ResultError where there is no run, or its
    files are not those that it was saved with, and UserError where *out* is where it lies.
    """
    original = load_result(path)
    if out.resolve() == path.resolve().parent:
        raise UserError(f"{out}: the run to reproduce lies here; name another folder with --out")
    _refuse_changed(original)
    scenario = experiment.load(path / "scenario.yaml")
    measured = _measured(original.manifest)
    times_of = experiment.times_asked_for if measured is None else lambda _scenario, _network: measured
    changed = tuple(_inputs(original.manifest))
    again = experiment.carry_out(scenario, out, progress, times_of=times_of)
    changes = (*changed, *_versions(original.manifest, again.manifest))
    return Reproduction(again.path, tuple(_files(original, again)), changes)


def _refuse_changed(result: Result) -> None:
    """Raise ResultError where the files of *result* are not those that its manifest tells of."""
    for name, told in _hashes(result).items():
        file = result.path / name
        if not file.is_file() or digest(file) != told:
            raise ResultError(f"{file}: not as it was saved; what was lost or changed cannot be compared")


def _hashes(result: Result) -> Mapping[str, str]:
    hashes = result.manifest.get(HASHES)
    if not hashes:
        raise ResultError(f"{result.path}: its manifest has no hashes to compare with")
    return dict(hashes)


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
    yield from _change("weights", str(then["weights"]["key"])[:12], str(now["weights"]["key"])[:12])


def _change(what: str, then: object, now: object) -> Iterator[Change]:
    if then != now:
        yield Change(what, str(then), str(now))


def _files(original: Result, again: Result) -> Iterator[File]:
    """Yield each file of *original* or of *again*, and whether both have the same in it."""
    then, now = _hashes(original), _hashes(again)
    for name in sorted(then.keys() | now.keys()):
        if name not in then or name not in now:
            state = MISSING
        elif then[name] == now[name]:
            state = EQUAL
        else:
            state = SAME_VALUES if _same_values(original.path / name, again.path / name) else DIFFERENT
        yield File(original.path.name, name, state)


def _same_values(one: Path, other: Path) -> bool:
    """Return whether two tables have the same values: another version of pyarrow may write them in other bytes."""
    if one.suffix != ".parquet":
        return False
    import pyarrow.parquet as pq

    return bool(pq.read_table(one).equals(pq.read_table(other)))
