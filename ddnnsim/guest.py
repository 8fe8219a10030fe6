"""Users' code inside ours: how it is found by its name, what it prints, how it fails, and the files behind it."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

from ddnnsim.errors import UserError

OBJECTS = "objects"
"""What stands for a module's name where a user gives objects instead."""
_guests: set[str] = set()
"""The modules that the last file of a user has brought in: Python keeps them for the whole process."""
_beside: dict[str, list[Path]] = {}
"""By module of a user's, as it is named, the files behind it when it was loaded last."""


@contextmanager
def users_code(who: str, error: type[UserError]) -> Iterator[None]:
    """Let *who* work: what it prints goes to standard error, and what it raises becomes an *error*.

    Standard output belongs to the command line, where it may be one JSON document.
    """
    try:
        with redirect_stdout(sys.stderr):
            yield
    except UserError:
        raise
    except (Exception, SystemExit) as raised:  # whether a run is over is not for a guest to say
        last = traceback.extract_tb(raised.__traceback__)[-1]
        at = (raised.filename, raised.lineno) if isinstance(raised, SyntaxError) else (last.filename, last.lineno)
        said = _said(raised)
        raise error(f"{who} failed: {type(raised).__name__}: {said} ({at[0]}:{at[1]})") from raised


def _said(raised: BaseException) -> str:
    """Return the first line of what *raised* says; nothing where even that fails."""
    try:
        return next(iter(str(raised).splitlines()), "")
    except Exception:
        return ""


def named(key: str, name: str, noun: str, error: type[UserError]) -> Callable[..., Any]:
    """Return the *noun*, such as a function, *name*: `path/to/file.py:function`, or `package.module:function`.

    *key* is where a scenario names it. Raises *error* where there is none, or where its module fails.
    """
    where, _, attribute = name.rpartition(":")
    if where.endswith(".py") and not Path(where).is_file():
        raise error(f"{key}: {where}: no such file")
    with users_code(f"{key}: {where}", error):
        module = _from_file(Path(where)) if where.endswith(".py") else _imported(key, where, error)
    _beside[where] = _files(module)
    found = getattr(module, attribute, None)
    if not callable(found):
        raise error(f"{key}: {where} has no {noun} {attribute!r}")
    return found  # type: ignore[no-any-return]


def files_behind(name: str) -> list[Path]:
    """Return the file of *name*, as in `named`, and those that it has brought in from its folder or below.

    There are none where it has not been loaded.
    """
    return _beside.get(name.rpartition(":")[0], [])


def file_of(name: str) -> Path | None:
    """Return the file that *name* tells; None where that is a module that Python finds."""
    where = name.rpartition(":")[0]
    return Path(where) if where.endswith(".py") else None


def _files(module: ModuleType) -> list[Path]:
    """Return the file of *module* and, where that is a user's, those of what it has just brought in."""
    if module.__file__ is None:
        return []
    loaded = (getattr(sys.modules.get(name), "__file__", None) for name in _guests)
    beside = (Path(name).resolve() for name in loaded if name)
    return sorted({Path(module.__file__).resolve(), *beside})


def _brought_in(folder: Path, before: set[str]) -> set[str]:
    """Return the modules that were not loaded *before* and lie in *folder* or below, but for what is installed."""
    installed = [Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)]
    names = set()
    for name in set(sys.modules) - before:
        path = Path(getattr(sys.modules[name], "__file__", None) or "").resolve()
        if path.is_relative_to(folder) and not any(path.is_relative_to(prefix) for prefix in installed):
            names.add(name)
    return names


def _imported(key: str, name: str, error: type[UserError]) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as missing:
        raise error(f"{key}: {name} cannot be imported: {missing}") from None


def _from_file(path: Path) -> ModuleType:
    """Return the module in the file *path*; what stands beside it can be imported from it.

    What an earlier file has brought in is forgotten: it may have changed, or only have the same name.
    """
    name = f"_ddnnsim_{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, path
    assert spec.loader is not None, path
    for guest in _guests:
        sys.modules.pop(guest, None)
    _guests.clear()
    importlib.invalidate_caches()
    before = set(sys.modules)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickles look there
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
        _guests.update(_brought_in(path.resolve().parent, before))
    return module
