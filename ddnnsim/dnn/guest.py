"""Users' code at work inside ours: what it prints and how it fails."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

from ddnnsim.errors import NetworkError, UserError


@contextmanager
def users_code(who: str) -> Iterator[None]:
    """Let *who* work: what it prints goes to standard error, and what it raises becomes a NetworkError.

    Standard output belongs to the command line, where it may be one JSON document.
    """
    try:
        with redirect_stdout(sys.stderr):
            yield
    except UserError:
        raise
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        file, line = (error.filename, error.lineno) if isinstance(error, SyntaxError) else (last.filename, last.lineno)
        said = next(iter(str(error).splitlines()), "")
        raise NetworkError(f"{who} failed: {type(error).__name__}: {said} ({file}:{line})") from error
