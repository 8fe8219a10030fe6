"""Folders that appear whole or not at all, whatever is killed in between."""

from __future__ import annotations

import errno
import glob
import os
import platform
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ABANDONED_S = 3600.0
"""After this time nobody on another host writes any more into what has not changed."""


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Give a new folder to write into, and put it in the place of *path* when all has gone well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_leftovers(path)
    part = unfinished_name(path, "part")
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


@contextmanager
def written_into(folder: Path, last: str) -> Iterator[Path]:
    """Give a new folder to write files into, and put each into *folder* when all has gone well, *last* at last."""
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "files"
    clear_leftovers(files)
    part = unfinished_name(files, "part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        yield part
        for file in sorted(part.iterdir(), key=lambda file: (file.name == last, file.name)):
            _flush(file)
            file.replace(folder / file.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _replace(part: Path, path: Path) -> None:
    """Rename *part* to *path*; an old *path* steps aside first, since a folder cannot be renamed over another."""
    old = unfinished_name(path, "old")
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


def unfinished_name(path: Path, kind: str) -> Path:
    """Return what this process calls a folder of *kind*, `part` or `old`, as long as it is not *path*."""
    return path.with_name(f".{path.name}.{_here()}-{os.getpid()}.{kind}")


def clear_leftovers(path: Path) -> None:
    """Remove what killed processes left beside *path*; what stepped aside for a new one that never came goes back."""
    _clear(path.parent.glob(f".{glob.escape(path.name)}.*.*"))


def clear_leftovers_in(folder: Path) -> None:
    """Do as `clear_leftovers` beside all that is or was to be in *folder*."""
    _clear(folder.glob(".*.*.*"))


def _clear(folders: Iterable[Path]) -> None:
    for left in folders:
        name, _, kind = left.name.rpartition(".")
        name, _, process = name.rpartition(".")
        path = left.with_name(name[1:])
        if kind not in ("part", "old") or not name or _at_work(left, process):
            continue
        if kind == "old" and not path.exists():
            with suppress(OSError):  # somebody else put it back, or something else there, in between
                left.rename(path)
        else:
            shutil.rmtree(left, ignore_errors=True)


def _at_work(folder: Path, process: str) -> bool:
    """Return whether *process* may still write into *folder*; of one on another host only the time tells."""
    host, _, pid = process.rpartition("-")
    if host == _here() and pid.isdigit():
        return _alive(int(pid))
    with suppress(OSError):
        return time.time() - max(file.stat().st_mtime for file in (folder, *folder.iterdir())) < ABANDONED_S
    return False


def _here() -> str:
    """Return the name of this host, as one word."""
    return platform.node().replace(".", "_")


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
