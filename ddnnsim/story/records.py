"""What is on record of the requests, ready to be asked: whose job, which message, which of them was first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.story.losses import lost_ns

if TYPE_CHECKING:
    from ddnnsim.trace import Column, Trace

Rows = NDArray[np.int64]
NOTHING = -1
"""Stands for a row, a section, an exit or a gather that is not there."""


class Records:
    """The tables of a trace with every message on record, as arrays without gaps.

    An *entity* is a section, or the number of sections plus an exit; *gathers* are entities too, and the
    coordinators' come after. What had not happened when the run was over is given its end.
    """

    def __init__(self, trace: Trace) -> None:
        assert trace.on_record
        self.trace = trace
        self.names = trace.names
        sections, exits = trace.tables["sections"], trace.tables["exits"]
        self.sections, self.exits = len(sections["section"]), len(exits["exit"])
        self.exit_of, self.parent_of = _filled(sections["exit"]), _filled(sections["parent"])
        self.senses = ~np.ma.getmaskarray(sections["view"])
        self.section_of = _filled(exits["section"])
        """By exit, the section whose job it is part of."""
        self.panel_of = self._panels(exits)
        self.captured_ns = _values(trace.requests["captured_ns"])
        self.jobs = _Jobs(trace, self)
        self.hops = _Hops(trace)
        self.messages = _Messages(trace, self)
        decided = trace.tables["decisions"]
        self._decisions = _Lookup(_values(decided["exit"]), _values(decided["request"]))

    @property
    def entities(self) -> int:
        """Return how many sections and exits there are."""
        return self.sections + self.exits

    def decider(self, exit_: Rows) -> Rows:
        """Return whose job the decision of each *exit_* is, or is part of."""
        inside = self.section_of[exit_]
        return np.where(inside == NOTHING, self.sections + exit_, inside)

    def decisions(self, exit_: Rows, request: Rows) -> Rows:
        """Return what each *exit_* last decided on each *request*, or NOTHING."""
        return self._decisions(exit_, request)

    def code(self, column: str, name: str) -> int:
        """Return the code of *name* in *column*, or NOTHING where none of this run has it."""
        return list(self.names[column]).index(name) if name in self.names[column] else NOTHING

    def _panels(self, exits: Mapping[str, Column]) -> Rows:
        """Return by exit the gather of its verdicts, one for all exits of a level with the same coordinator."""
        coordinator = _filled(exits["coordinator"])
        both = np.stack([_values(exits["level"]), coordinator], axis=1)
        _, number = np.unique(both, axis=0, return_inverse=True)
        return np.where(coordinator == NOTHING, NOTHING, self.entities + number.reshape(-1))


class _Jobs:
    """The executions: when each was queued, started and ended, and whose it was."""

    def __init__(self, trace: Trace, records: Records) -> None:
        table = trace.tables["executions"]
        section, exit_ = _filled(table["section"]), _filled(table["exit"])
        self.entity = np.where(section == NOTHING, records.sections + exit_, section)
        self.request = _values(table["request"])
        self.node = _values(table["node"])
        self.queued_ns = _values(table["queued_ns"])
        outcome = _values(table["outcome"])
        # What never started was refused then and there, or waited until its node was down or the run was over.
        over_ns = np.full(len(outcome), trace.end_ns)
        lost = outcome == records.code("outcome", "lost")
        over_ns[lost] = lost_ns(trace, self.node[lost], self.queued_ns[lost])
        never = [records.code("outcome", name) for name in ("refused", "cancelled")]
        over_ns = np.where(np.isin(outcome, never), self.queued_ns, over_ns)
        over_ns = np.maximum(over_ns, self.queued_ns)
        self.start_ns = _values_or(table["start_ns"], over_ns)
        self.end_ns = _values_or(table["end_ns"], over_ns)
        self._rows = _Lookup(self.entity, self.request)

    def of(self, entity: Rows, request: Rows) -> Rows:
        """Return the job of each *entity* for each *request*, or NOTHING."""
        return self._rows(entity, request)


class _Hops:
    """The hops: when each was queued, started and ended and arrived, those of one message one after another."""

    def __init__(self, trace: Trace) -> None:
        table = trace.tables["hops"]
        self.message, self.packet = _values(table["message"]), _values(table["packet"])
        self.link = _values(table["link"])
        self.queued_ns = _values(table["queued_ns"])
        outcome = _values(table["outcome"])
        dropped = outcome == _code(trace, "outcome", "dropped")
        over_ns = np.maximum(np.where(dropped, self.queued_ns, trace.end_ns), self.queued_ns)
        self.start_ns = _values_or(table["start_ns"], over_ns)
        self.end_ns = _values_or(table["end_ns"], over_ns)
        # Of what was lost on the way nobody has noted when that was known.
        lost = outcome == _code(trace, "outcome", "lost")
        self.arrived_ns = _values_or(table["arrived_ns"], np.where(lost, self.end_ns, over_ns))
        messages = len(trace.tables["messages"]["message"])
        last = np.zeros(messages, np.int64)
        np.maximum.at(last, self.message, self.packet)
        of_last = self.packet == last[self.message]
        self._own_ns = self._own_packets_ns(of_last)
        followed = np.flatnonzero(of_last)
        self._order = followed[np.argsort(self.message[followed], kind="stable")]
        self._first = np.searchsorted(self.message[self._order], np.arange(messages + 1))

    def of(self, message: Rows, hop: int) -> Rows:
        """Return for each *message* the hop number *hop*, from 0, of its last packet, or NOTHING."""
        place = self._first[message] + hop
        there = place < self._first[message + 1]
        rows = np.full(len(message), NOTHING)
        rows[there] = self._order[place[there]]
        return rows

    def own_ns(self, hop: Rows) -> Rows:
        """Return how long each *hop* waited while earlier packets of its own message were serialised on its link."""
        return self._own_ns[hop]

    def _own_packets_ns(self, of_last: NDArray[np.bool_]) -> Rows:
        own_ns = np.zeros(len(self.message), np.int64)
        earlier, last = np.flatnonzero(~of_last), np.flatnonzero(of_last)
        if len(earlier):
            rows = _Lookup(self.link[last], self.message[last])(self.link[earlier], self.message[earlier])
            earlier, of = earlier[rows != NOTHING], last[rows[rows != NOTHING]]
            began = np.maximum(self.start_ns[earlier], self.queued_ns[of])
            ended = np.minimum(self.end_ns[earlier], self.start_ns[of])
            np.add.at(own_ns, of, np.maximum(ended - began, 0))
        return own_ns


class _Messages:
    """The messages: what each was about, where it was awaited, and when."""

    def __init__(self, trace: Trace, records: Records) -> None:
        table = trace.tables["messages"]
        section, exit_ = _filled(table["section"]), _filled(table["exit"])
        self.section, self.exit = section, exit_
        self.entity = np.where(section == NOTHING, records.sections + exit_, section)
        self.request, self.kind = _filled(table["request"]), _values(table["kind"])
        self.sent_ns = _values(table["sent_ns"])
        self.delivered = ~np.ma.getmaskarray(table["delivered_ns"])
        self.delivered_ns = _values_or(table["delivered_ns"], np.full(len(section), trace.end_ns))
        self.is_summary, self.is_raw, self.is_reply, control = (
            self.kind == records.code("kind", name) for name in ("summary", "raw", "reply", "control")
        )
        self.is_features = self.kind == records.code("kind", "features")
        self.is_order, self.is_verdict = control & (section != NOTHING), control & (section == NOTHING)
        self.gather = np.select(
            [self.is_summary, self.is_features | self.is_raw, self.is_verdict],
            [records.sections + records.exit_of[section], records.parent_of[section], records.panel_of[exit_]],
            NOTHING,
        )
        """Who awaits it, where somebody does."""
        about = self.kind * records.entities + self.entity
        asked = self.request != NOTHING  # of heartbeats nobody asks
        self._rows = _Lookup(about, self.request, asked)
        rows = np.arange(len(section))
        first = _Lookup(about, self.request, asked, rows[::-1])
        self.once = np.where(asked, first(about, self.request), rows)
        """By message, the first that was sent in its place: itself, unless that was lost and sent again."""
        awaited = self.gather != NOTHING
        self._came = self._first_of_each_gather(self.delivered_ns, awaited & self.delivered)
        self._were_sent = self._first_of_each_gather(self.sent_ns, awaited)

    def of(self, kind: int, entity: Rows, request: Rows, entities: int) -> Rows:
        """Return the message of *kind* about each *entity* for each *request*, the last if several, or NOTHING."""
        return self._rows(kind * entities + entity, request)

    def first_to_come(self, gather: Rows, request: Rows, at_ns: Rows) -> Rows:
        """Return the message that came first to each *gather* for each *request*, by *at_ns*, or NOTHING.

        Of several at one instant it is the one about the lowest entity.
        """
        first = self._came(gather, request)
        return np.where(self.delivered_ns[first] <= at_ns, first, NOTHING) if len(self.sent_ns) else first

    def first_to_be_sent(self, gather: Rows, request: Rows, at_ns: Rows) -> Rows:
        """Return the message that was first sent to each *gather*, as above."""
        first = self._were_sent(gather, request)
        return np.where(self.sent_ns[first] <= at_ns, first, NOTHING) if len(self.sent_ns) else first

    def _first_of_each_gather(self, at_ns: Rows, among: NDArray[np.bool_]) -> _Lookup:
        last_first = np.lexsort((self.entity, at_ns))[::-1]
        return _Lookup(self.gather, self.request, among, last_first)


class _Lookup:
    """Finds rows by two numbers, neither below 0: those *among* all, of several alike the last of *order*."""

    def __init__(
        self, major: Rows, minor: Rows, among: NDArray[np.bool_] | None = None, order: Rows | None = None
    ) -> None:
        rows = np.arange(len(major)) if order is None else order
        rows = rows if among is None else rows[among[rows]]
        self._stride = int(minor.max(initial=0)) + 1
        keys = major[rows] * self._stride + minor[rows]
        sort = np.argsort(keys, kind="stable")
        self._rows, self._keys = rows[sort], keys[sort]

    def __call__(self, major: Rows, minor: Rows) -> Rows:
        """Return the row of each pair, or NOTHING."""
        if not len(self._keys):
            return np.full(len(major), NOTHING)
        keys = major * self._stride + minor
        place = np.searchsorted(self._keys, keys, side="right") - 1
        known = (self._keys[place] == keys) & (minor < self._stride)
        return np.where(known, self._rows[place], NOTHING)


def _code(trace: Trace, column: str, name: str) -> int:
    names: Sequence[str] = trace.names[column]
    return list(names).index(name) if name in names else NOTHING


def _values(column: Column) -> Rows:
    return np.ma.getdata(column).astype(np.int64, copy=False)


def _values_or(column: Column, instead: Rows) -> Rows:
    """Return *column*, with what is *instead* where it is masked."""
    return np.where(np.ma.getmaskarray(column), instead, _values(column))


def _filled(column: Column) -> Rows:
    """Return *column* with NOTHING where it is masked."""
    return np.where(np.ma.getmaskarray(column), NOTHING, _values(column))
