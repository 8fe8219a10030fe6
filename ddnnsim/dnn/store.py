"""Files that are kept from one run to the next: one process makes them, and they are whole or not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_dir


def cache_folder() -> Path:
    """Return where weights and data are kept: $DDNNSIM_CACHE, or the user's cache folder."""
    return Path(os.environ.get("DDNNSIM_CACHE") or user_cache_dir("ddnnsim"))


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock of *path*; where none can be made, go on without: at worst, two do the same work."""
    lock = FileLock(f"{path}.lock")
    with suppress(OSError, NotImplementedError):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def write(content: bytes, path: Path) -> str | None:
    """Write *content* beside *path* and rename it; return why that failed, or None."""
    beside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            beside = Path(file.name)
            file.write(content)
        beside.replace(path)
    except OSError as error:
        if beside is not None:
            beside.unlink(missing_ok=True)
        return str(error)
    return None
