"""Events of Chrome's Trace Event Format, as JSON texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

INSTANTS = 0
"""The thread of captures, decisions and answers; servers and lanes are numbered from 1."""


def flow(request: int | None, points: Iterable[tuple[int, int, int]]) -> Iterator[str]:
    """Yield the flow of *request* through *points*; one alone leads nowhere."""
    places = list(points)
    if len(places) < 2:
        return
    for number, (process, lane, at_ns) in enumerate(places):
        phase = "s" if not number else "f" if number + 1 == len(places) else "t"
        enclosing = ', "bp": "e"' if phase == "f" else ""
        yield (
            f'{{"ph": "{phase}", "id": {request}, "pid": {process}, "tid": {lane}, "ts": {us(at_ns)}, '
            f'"cat": "request", "name": "request"{enclosing}}}'
        )


def instant(name: str, node: int, at_ns: int, **arguments: object) -> str:
    """Return the event of what happens on *node* at *at_ns*."""
    return (
        f'{{"ph": "i", "s": "t", "pid": {node + 1}, "tid": {INSTANTS}, "ts": {us(at_ns)}, '
        f'"name": {json.dumps(name)}, "args": {json.dumps(arguments)}}}'
    )


def named(what: str, process: int, thread: int, name: str) -> str:
    """Return the event that gives a process or a thread, *what*, its *name*."""
    return json.dumps({"ph": "M", "pid": process, "tid": thread, "name": f"{what}_name", "args": {"name": name}})


def place_of(what: str, process: int, thread: int, place: int) -> str:
    """Return the event that puts a process or a thread, *what*, at its *place* among the others."""
    told = {"sort_index": place}
    return json.dumps({"ph": "M", "pid": process, "tid": thread, "name": f"{what}_sort_index", "args": told})


def us(ns: int) -> str:
    """Return *ns* in microseconds, exactly."""
    return f"{ns // 1000}.{ns % 1000:03d}"
