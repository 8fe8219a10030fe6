"""What the folder of a result holds."""

from __future__ import annotations

from pathlib import Path

MANIFEST, SCENARIO, SUMMARY = "manifest.json", "scenario.yaml", "summary.json"
TABLES = ("requests", "links", "nodes")
"""The tables of every run; those of `Trace.tables` come beside."""
RECORDS = ("sections", "exits", "messages", "hops", "executions", "decisions")
"""Those that are there where messages are on record."""
HINTS = {
    "messages": "run the scenario with --set run.record=messages",
    "faults": "its scenario has no faults",
    **dict.fromkeys(("queues", "series", "series_exits"), "run the scenario with, say, --set run.window='1 s'"),
}
"""By table, why it may not be there; as of messages for those that are not here."""
ENTITIES = ("node", "link", "section", "exit")
"""Columns of codes that are rows of a table of the same name."""


def sha256(file: Path) -> str:
    """Return the SHA-256 of *file*, in hex."""
    import hashlib

    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
