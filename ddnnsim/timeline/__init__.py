"""A run as a timeline in Chrome's Trace Event Format, for Perfetto or chrome://tracing.

Nodes and directed links are processes. Jobs, a batch as one, are slices on the server that does them; a link's
slices are what it serialises, on one lane unless it does several at once. The way of each request is a flow from
slice to slice. Times are in microseconds with three decimals: to the nanosecond.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ddnnsim.story.path import Of, Part, legs
from ddnnsim.story.records import NOTHING, Records
from ddnnsim.timeline.events import INSTANTS, flow, instant, named, place_of, us
from ddnnsim.timeline.slices import Slices, batches

if TYPE_CHECKING:
    from ddnnsim.trace import Trace


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

    def _jobs(self) -> Slices:
        """Return the slices of the jobs that started, by node and server."""
        of, table = self.of.jobs, self.trace.tables["executions"]
        rows = np.flatnonzero(~np.ma.getmaskarray(table["start_ns"]))
        batch = np.ma.getdata(table["batch"]).astype(np.int64)[rows]
        first = batches(of.node[rows], of.entity[rows], of.start_ns[rows], batch)
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
            return f"{names[entity[head]]} {which}", f'{about}, "queued_us": {us(queued_ns[head])}'

        slices = Slices(of.node[heads] + 1, of.start_ns[heads], of.end_ns[heads], heads, told)
        slices.also(rows, rows[first])
        return slices

    def _hops(self) -> Slices:
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
            of = request[number]
            whose, about = ("", "") if of == NOTHING else (f" #{of}", f'"request": {of}, ')  # a heartbeat is of none
            return f"{kinds[kind[number]]}{whose}", (
                f'{about}"message": {number}, "packet": {packet[row]}, '
                f'"message_bytes": {size[number]}, "queued_us": {us(queued_ns[row])}, "attempts": {attempts[row]}, '
                f'"outcome": "{outcomes[outcome[row]]}"'
            )

        return Slices(of.link[rows] + 1 + self.nodes, of.start_ns[rows], of.end_ns[rows], rows, told)

    def _names(self, jobs: Slices, hops: Slices) -> Iterator[str]:
        """Yield what processes and threads are called, and their order: nodes, then links."""
        names = [*self.trace.names["node"], *self.trace.names["link"]]
        for number, name in enumerate(names):
            process = number + 1
            is_node = number < self.nodes
            kind = "node" if is_node else "link"
            yield named("process", process, 0, f"{kind} {name}")
            yield place_of("process", process, 0, process)
            if is_node:
                yield named("thread", process, INSTANTS, "captures and decisions")
                yield place_of("thread", process, INSTANTS, INSTANTS)
        for slices, what in ((jobs, "server"), (hops, "lane")):
            for process, lane in slices.tracks():
                yield named("thread", process, lane, f"{what} {lane}")
                yield place_of("thread", process, lane, lane)

    def _flows(self, jobs: Slices, hops: Slices) -> Iterator[str]:
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
                yield from flow(last, points)
                points, last = [], request
            if (point := started[Of(of)].point(row)) is not None:
                points.append(point)
        yield from flow(last, points)

    def _instants(self) -> Iterator[str]:
        """Yield captures, decisions and answers, each on its node."""
        of, names = self.of, self.trace.names
        jobs, messages = of.jobs, of.messages
        sensing = np.flatnonzero((jobs.entity < of.sections) & of.senses[np.minimum(jobs.entity, of.sections - 1)])
        for row in sensing.tolist():
            request = int(jobs.request[row])
            yield instant(f"capture #{request}", int(jobs.node[row]), int(jobs.queued_ns[row]), request=request)
        source = self.trace.tables["messages"]["source"]
        for row in np.unique(messages.once[messages.is_raw]).tolist():
            request = int(messages.request[row])
            yield instant(f"capture #{request}", int(source[row]), int(messages.sent_ns[row]), request=request)
        table = self.trace.tables["decisions"]
        deciders = of.decider(np.asarray(table["exit"], np.int64))
        node = jobs.node[jobs.of(deciders, np.asarray(table["request"], np.int64))].tolist()
        for row in range(len(table["request"])):
            request, exit_ = int(table["request"][row]), int(table["exit"][row])
            verdict = names["verdict"][table["verdict"][row]]
            yield instant(
                f"{verdict} #{request}",
                node[row],
                int(table["at_ns"][row]),
                request=request,
                exit=names["exit"][exit_],
                prediction=int(table["prediction"][row]),
                entropy=float(table["entropy"][row]),
            )
        target = self.trace.tables["messages"]["target"]
        for row in np.flatnonzero(messages.is_reply & messages.delivered).tolist():
            request = int(messages.request[row])
            yield instant(f"reply #{request}", int(target[row]), int(messages.delivered_ns[row]), request=request)
