"""Faults that a user can mend: each says where, what, and what instead."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Fault(NamedTuple):
    """One thing wrong with what the user gave."""

    where: str
    """`file:line:column`, or the option or argument that it came by."""
    what: str
    """What is wrong, in a sentence without a full stop."""
    instead: str = ""
    """What to write instead, such as `did you mean 'gate_n'?`; empty when there is no good guess."""

    def __str__(self) -> str:
        """Return the one line that a person reads."""
        line = f"{self.where}: {self.what}" if self.where else self.what
        return f"{line}; {self.instead}" if self.instead else line


class UserError(Exception):
    """Something that the user can mend; shown as its text, never as a traceback."""


class ScenarioError(UserError):
    """Every fault of one scenario, in the order of the file."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class DataError(UserError):
    """A data set or a trace that is missing, or not of the shape or the contents that it should have."""


class NetworkError(UserError):
    """A user's network that is missing, or not what the scenario and the protocol ask for."""


class PolicyError(UserError):
    """A user's policy that is missing, that fails, or that says what no exit can do."""


class ResultError(UserError):
    """A folder that should hold a result and does not."""


def told(error: BaseException) -> str:
    """Return what a person is told of *error*: what to do about it, or where it happened."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError):
        return f"cannot read or write {error.filename or 'the output'}: {error.strerror or error}"
    if isinstance(error, MemoryError):
        return "not enough memory; ask for fewer requests, users or devices, or keep only requests on record"
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" ({Path(frame.filename).name}:{frame.lineno})" for frame in place)
    return f"{type(error).__name__}: {error}{where}"
