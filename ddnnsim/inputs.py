"""The files that a run is made of, told apart by what they hold."""

from __future__ import annotations

import hashlib
import time
from functools import lru_cache
from pathlib import Path

from ddnnsim.errors import DataError

SETTLED_NS = 2 * 10**9
"""After this time a file that is changed has another time of change: clocks of file systems are coarse."""
FILES = 1024
"""The most files whose digests are remembered."""


def digest(path: Path) -> str:
    """Return the SHA-256, in hex, of a file; it is read again only when it may have changed since."""
    try:
        told = path.stat()
        if time.time_ns() - told.st_ctime_ns < SETTLED_NS:
            return _read(path)
        return _remembered(path.absolute(), told.st_ino, told.st_size, told.st_ctime_ns)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


@lru_cache(FILES)
def _remembered(path: Path, _inode: int, _size: int, _changed_ns: int) -> str:
    return _read(path)


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
