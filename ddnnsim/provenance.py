"""How a result came about: the versions, the code, the command and the host that made it."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("ddnnsim", "torch", "numpy", "simpy", "networkx", "scikit-learn", "pydantic", "pyarrow", "pandas", "pillow")
WHERE_INSTALLED = ("topohub",)
"""Packages of extras that give a part of what runs."""
PRESENTATION = ("cli", "curves", "plot", "report", "vocabulary")
"""Packages that show what came out, and do not decide it."""


def provenance() -> dict[str, object]:
    """Return what a reader needs to know to repeat this run elsewhere, ready for JSON."""
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "versions": dict(_versions()),
        "code_sha256": code_digest(),
        "git": _git(),
        "host": {"system": platform.platform(), "machine": platform.machine(), "cpus": os.cpu_count()},
    }


@cache  # what runs was imported once, whatever is installed or written meanwhile
def _versions() -> dict[str, str]:
    installed = {name: version(name) for name in PACKAGES}
    for name in WHERE_INSTALLED:
        with suppress(PackageNotFoundError):
            installed[name] = version(name)
    return {"python": platform.python_version(), **installed}


@cache
def code_digest() -> str:
    """Return the SHA-256, in hex, of the code that decides what comes out of a run."""
    package = Path(__file__).parent
    code = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package)
        if name.parts[0] not in PRESENTATION:
            code.update(f"{name.as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return code.hexdigest()


@cache
def _git() -> dict[str, object] | None:
    """Return the commit of the code that runs and whether it was changed since; None outside a checkout."""
    package = Path(__file__).parent

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", package, *words], capture_output=True, text=True, check=True, timeout=10)
        return done.stdout.strip()

    try:
        if not git("ls-files", Path(__file__).name):  # installed below somebody else's repository
            return None
        return {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain", "--", "."))}
    except (OSError, subprocess.SubprocessError):
        return None
