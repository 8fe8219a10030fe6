"""The files that a run is made of, told apart by what they hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ddnnsim.errors import DataError


def digest(path: Path) -> str:
    """Return the SHA-256, in hex, of a file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
