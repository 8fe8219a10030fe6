"""What a check finds: a fault at a path of the data, which loading gives its line and column."""

from __future__ import annotations

from typing import NamedTuple

from .document import Keys


class Finding(NamedTuple):
    """A fault at a path of the data, at the key itself or at its value."""

    keys: Keys
    what: str
    instead: str = ""
    at_key: bool = False


class Unmade(Exception):  # noqa: N818  (never leaves loading)
    """A graph that cannot be made into nodes and links."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__()
        self.findings = findings
