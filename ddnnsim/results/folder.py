"""Folders that appear whole or not at all, whatever is killed in between."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
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
