"""A run as a timeline in Chrome's Trace Event Format, for Perfetto or chrome://tracing.

Nodes and directed links are processes. Jobs, a batch as one, are slices on the server that does them; a link's
slices are what it serialises, on one lane unless it does several at once. The way of each request is a flow from
slice to slice. Times are in microseconds with three decimals: to the nanosecond.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.story.path import Of, Part, legs
from ddnnsim.story.records import Records

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ddnnsim.trace import Trace

INSTANTS = 0
"""The thread of captures, decisions and answers; servers and lanes are numbered from 1."""


def write_timeline(trace: Trace, file: Path) -> None:
    """Write *trace*, which has every message on record, as *file*; it appears when it is whole."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as stream:
            stream.write('{"displayTimeUnit": "ns", "traceEvents": [\n')
            for number, event in enumerate(_Timeline(trace).events()):
                stream.write(",\n" * bool(number) + event)
            stream.write("\n]}\n")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


class _Timeline:
    """Makes the events of a trace, one JSON object a line."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.of = Records(trace)
        self.nodes = len(trace.nodes["node"])

    def events(self) -> Iterator[str]:
        """Yield all events: names first, then slices, flows and instants."""
        jobs, hops = self._jobs(), self._hops()
        yield from self._names(jobs, hops)
        yield from jobs.slices()
        yield from hops.slices()
        yield from self._flows(jobs, hops)
        yield from self._instants()

    def _jobs(self) -> _Slices:
        """Return the slices of the jobs that started, by node and server."""
        of, table = self.of.jobs, self.trace.tables["executions"]
        rows = np.flatnonzero(~np.ma.getmaskarray(table["start_ns"]))
        batch = np.ma.getdata(table["batch"]).astype(np.int64)[rows]
        first = _batches(of.node[rows], of.entity[rows], of.start_ns[rows], batch)
        heads = rows[first == np.arange(len(rows))]
        together: dict[int, list[int]] = {}
        for row, head in zip(rows.tolist(), rows[first].tolist(), strict=True):
            together.setdefault(head, []).append(row)
        names = [*self.trace.names["section"], *(f"exit {name}" for name in self.trace.names["exit"])]
        entity, request, queued_ns = of.entity.tolist(), of.request.tolist(), of.queued_ns.tolist()

        def told(head: int) -> tuple[str, str]:
            requests = [request[row] for row in together[head]]
            several = len(requests) > 1
            which = f"x{len(requests)}" if several else f"#{requests[0]}"
            about = f'"requests": {requests}' if several else f'"request": {requests[0]}'
            return f"{names[entity[head]]} {which}", f'{about}, "queued_us": {_us(queued_ns[head])}'

        slices = _Slices(of.node[heads] + 1, of.start_ns[heads], of.end_ns[heads], heads, told)
        slices.also(rows, rows[first])
        return slices

    def _hops(self) -> _Slices:
        """Return the slices of what links serialise, by link and lane."""
        of, table = self.of.hops, self.trace.tables["hops"]
        rows = np.flatnonzero(~np.ma.getmaskarray(table["start_ns"]))
        kinds, outcomes = self.trace.names["kind"], self.trace.names["outcome"]
        request, kind = self.of.messages.request.tolist(), self.of.messages.kind.tolist()
        size = self.trace.tables["messages"]["size_bytes"].tolist()
        message, packet, queued_ns = of.message.tolist(), of.packet.tolist(), of.queued_ns.tolist()
        attempts, outcome = table["attempts"].tolist(), table["outcome"].tolist()

        def told(row: int) -> tuple[str, str]:
            number = message[row]
            return f"{kinds[kind[number]]} #{request[number]}", (
                f'"request": {request[number]}, "message": {number}, "packet": {packet[row]}, '
                f'"bytes": {size[number]}, "queued_us": {_us(queued_ns[row])}, "attempts": {attempts[row]}, '
                f'"outcome": "{outcomes[outcome[row]]}"'
            )

        return _Slices(of.link[rows] + 1 + self.nodes, of.start_ns[rows], of.end_ns[rows], rows, told)

    def _names(self, jobs: _Slices, hops: _Slices) -> Iterator[str]:
        """Yield what processes and threads are called, and their order: nodes, then links."""
        names = [*self.trace.names["node"], *self.trace.names["link"]]
        for number, name in enumerate(names):
            process = number + 1
            is_node = number < self.nodes
            kind = "node" if is_node else "link"
            yield _named("process", process, 0, f"{kind} {name}")
            yield _sorted("process", process, 0, process)
            if is_node:
                yield _named("thread", process, INSTANTS, "captures and decisions")
                yield _sorted("thread", process, INSTANTS, INSTANTS)
        for slices, what in ((jobs, "server"), (hops, "lane")):
            for process, lane in slices.tracks():
                yield _named("thread", process, lane, f"{what} {lane}")
                yield _sorted("thread", process, lane, lane)

    def _flows(self, jobs: _Slices, hops: _Slices) -> Iterator[str]:
        """Yield for each request the flow through the slices of its way: a start, steps and an end."""
        way = legs(self.of, np.arange(len(self.trace.requests["request"])))
        started = {Of.EXECUTIONS: jobs, Of.HOPS: hops}
        part_of = {Of.EXECUTIONS: Part.SERVICE, Of.HOPS: Part.SERIALISATION}
        on = [(way.of == of) & (way.part == part) for of, part in part_of.items()]
        way = way.only(on[0] | on[1])
        points: list[tuple[int, int, int]] = []
        last = None
        for request, of, row in zip(way.request.tolist(), way.of.tolist(), way.row.tolist(), strict=True):
            if request != last:
                yield from _flow(last, points)
                points, last = [], request
            if (point := started[Of(of)].point(row)) is not None:
                points.append(point)
        yield from _flow(last, points)

    def _instants(self) -> Iterator[str]:
        """Yield captures, decisions and answers, each on its node."""
        of, names = self.of, self.trace.names
        jobs, messages = of.jobs, of.messages
        sensing = np.flatnonzero((jobs.entity < of.sections) & of.senses[np.minimum(jobs.entity, of.sections - 1)])
        for row in sensing.tolist():
            request = int(jobs.request[row])
            yield _instant(f"capture #{request}", int(jobs.node[row]), int(jobs.queued_ns[row]), request=request)
        source = self.trace.tables["messages"]["source"]
        for row in np.flatnonzero(messages.is_raw).tolist():
            request = int(messages.request[row])
            yield _instant(f"capture #{request}", int(source[row]), int(messages.sent_ns[row]), request=request)
        table, node = self.trace.tables["decisions"], self.trace.tables["exits"]["node"]
        for row in range(len(table["request"])):
            request, exit_ = int(table["request"][row]), int(table["exit"][row])
            verdict = names["verdict"][table["verdict"][row]]
            yield _instant(
                f"{verdict} #{request}",
                int(node[exit_]),
                int(table["at_ns"][row]),
                request=request,
                exit=names["exit"][exit_],
                prediction=int(table["prediction"][row]),
                entropy=float(table["entropy"][row]),
            )
        target = self.trace.tables["messages"]["target"]
        for row in np.flatnonzero(messages.is_reply & messages.delivered).tolist():
            request = int(messages.request[row])
            yield _instant(f"reply #{request}", int(target[row]), int(messages.delivered_ns[row]), request=request)


class _Slices:
    """Slices on tracks: each on the lowest lane of its process that is free."""

    def __init__(
        self,
        process: NDArray[np.int64],
        start_ns: NDArray[np.int64],
        end_ns: NDArray[np.int64],
        rows: NDArray[np.int64],
        told: Callable[[int], tuple[str, str]],
    ) -> None:
        self.rows = rows.tolist()
        self.process = process.tolist()
        self.start_ns, self.end_ns = start_ns.tolist(), end_ns.tolist()
        self.lane = _lanes(self.process, self.start_ns, self.end_ns)
        self.told = told
        """Gives for a row the name of its slice and, as JSON, its arguments."""
        self._place = {row: place for place, row in enumerate(self.rows)}

    def also(self, rows: NDArray[np.int64], heads: NDArray[np.int64]) -> None:
        """Let each of *rows* be found in the slice of its of *heads*."""
        self._place = {row: self._place[head] for row, head in zip(rows.tolist(), heads.tolist(), strict=True)}

    def tracks(self) -> list[tuple[int, int]]:
        """Return each process and lane that has a slice."""
        return sorted(set(zip(self.process, self.lane, strict=True)))

    def point(self, row: int) -> tuple[int, int, int] | None:
        """Return process, lane and start of the slice of *row*, where it has one that a flow can go through."""
        place = self._place.get(row)
        if place is None or self.start_ns[place] == self.end_ns[place]:  # viewers bind flows to what encloses them
            return None
        return self.process[place], self.lane[place], self.start_ns[place]

    def slices(self) -> Iterator[str]:
        """Yield a complete event for each."""
        columns = zip(self.process, self.lane, self.start_ns, self.end_ns, self.rows, strict=True)
        for process, lane, start, end, row in columns:
            name, arguments = self.told(row)
            yield (
                f'{{"ph": "X", "pid": {process}, "tid": {lane}, "ts": {_us(start)}, "dur": {_us(end - start)}, '
                f'"name": {json.dumps(name)}, "args": {{{arguments}}}}}'
            )


def _lanes(process: list[int], start_ns: list[int], end_ns: list[int]) -> list[int]:
    """Return for each slice the lowest lane, from 1, of its process that is free from its start to its end."""
    lanes = [0] * len(process)
    free: dict[int, list[int]] = {}
    taken: dict[int, list[tuple[int, int]]] = {}
    used: dict[int, int] = {}
    for i in sorted(range(len(process)), key=lambda i: (start_ns[i], end_ns[i])):
        of = process[i]
        busy, idle = taken.setdefault(of, []), free.setdefault(of, [])
        while busy and busy[0][0] <= start_ns[i]:
            heappush(idle, heappop(busy)[1])
        if not idle:
            used[of] = used.get(of, 0) + 1
            idle.append(used[of])
        lanes[i] = heappop(idle)
        heappush(busy, (end_ns[i], lanes[i]))
    return lanes


def _batches(
    node: NDArray[np.int64], entity: NDArray[np.int64], start_ns: NDArray[np.int64], batch: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return for each job the first job of its batch: those of one section that start at once, so many at a time."""
    first = np.arange(len(node))
    several = np.flatnonzero(batch > 1)
    order = several[np.lexsort((several, start_ns[several], entity[several], node[several]))]
    left, head = 0, -1
    for row in order.tolist():
        if not left:
            left, head = int(batch[row]), row
        first[row] = head
        left -= 1
    return first


def _flow(request: int | None, points: Iterable[tuple[int, int, int]]) -> Iterator[str]:
    """Yield the flow of *request* through *points*; one alone leads nowhere."""
    places = list(points)
    if len(places) < 2:
        return
    for number, (process, lane, at_ns) in enumerate(places):
        phase = "s" if not number else "f" if number + 1 == len(places) else "t"
        enclosing = ', "bp": "e"' if phase == "f" else ""
        yield (
            f'{{"ph": "{phase}", "id": {request}, "pid": {process}, "tid": {lane}, "ts": {_us(at_ns)}, '
            f'"cat": "request", "name": "request"{enclosing}}}'
        )


def _instant(name: str, node: int, at_ns: int, **arguments: object) -> str:
    return (
        f'{{"ph": "i", "s": "t", "pid": {node + 1}, "tid": {INSTANTS}, "ts": {_us(at_ns)}, '
        f'"name": {json.dumps(name)}, "args": {json.dumps(arguments)}}}'
    )


def _named(what: str, process: int, thread: int, name: str) -> str:
    return json.dumps({"ph": "M", "pid": process, "tid": thread, "name": f"{what}_name", "args": {"name": name}})


def _sorted(what: str, process: int, thread: int, place: int) -> str:
    told = {"sort_index": place}
    return json.dumps({"ph": "M", "pid": process, "tid": thread, "name": f"{what}_sort_index", "args": told})


def _us(ns: int) -> str:
    """Return *ns* in microseconds, exactly."""
    return f"{ns // 1000}.{ns % 1000:03d}"
