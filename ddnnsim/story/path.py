"""The way from a request's capture to its answer, followed back: what each step waited for, and how long it took."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddnnsim.story.records import NOTHING, Records, Rows


class Part(IntEnum):
    """What a leg of the way is spent on."""

    QUEUEING = 0
    SERVICE = 1
    SERIALISATION = 2
    PROPAGATION = 3
    WAITING = 4
    """For others: until a gather is complete, or until the first to matter has captured. Also for what never comes:
    until a message that was lost is sent again, or until an exit has to answer for want of a better one."""


class Of(IntEnum):
    """Of which table the row of a leg is."""

    EXECUTIONS = 0
    HOPS = 1
    MESSAGES = 2
    """A gather: the message that came first."""
    REQUESTS = 3
    """The request itself: its capture."""
    DECISIONS = 4
    """A decision that came to be the answer later: the row of that."""
    REPEATS = 5
    """A message that is sent again: the one that came, or the last."""
    NO_MESSAGE = 6
    """A gather that was closed before anything was sent to it: the request."""


class Legs(NamedTuple):
    """Legs of ways, a row each: of one request they follow one another without a gap. Parallel arrays, (legs,)."""

    request: Rows
    part: Rows
    begin_ns: Rows
    end_ns: Rows
    of: Rows
    """The table that *row* is in."""
    row: Rows

    def only(self, which: NDArray[np.bool_] | Rows) -> Legs:
        """Return the legs *which*."""
        return Legs(*(column[which] for column in self))


def legs(records: Records, requests: Rows | None = None) -> Legs:
    """Return the legs of the ways of *requests*, by request and in order of time; None: of all that have a latency.

    A way ends with the answer, or with the reply where one is asked for. That of a request which has none, and is
    asked for, ends with the last that is on record of it.
    """
    walk = _Walk(records)
    columns = records.trace.requests
    ends = np.ma.getmaskarray(columns["replied_ns" if records.trace.replies else "answered_ns"])
    chosen = np.arange(len(ends)) if requests is None else requests
    done = chosen[~ends[chosen]]
    exit_, answered_ns = (np.ma.getdata(columns[name]).astype(np.int64)[done] for name in ("exit", "answered_ns"))
    if records.trace.replies:
        reply = records.code("kind", "reply")
        messages = records.messages
        walk.message(done, messages.of(reply, records.sections + exit_, done, records.entities))
    else:
        walk.decision(done, exit_, answered_ns)
    if requests is not None:
        for request in chosen[ends[chosen]].tolist():
            walk.last_record(request)
    return walk.legs()


class _Walk:
    """Goes back along many ways at once; what is left to do is by what it goes on from."""

    def __init__(self, records: Records) -> None:
        self._of = records
        self._found: list[Legs] = []

    def legs(self) -> Legs:
        """Return what was found."""
        if not self._found:
            return Legs(*(np.zeros(0, np.int64) for _ in Legs._fields))
        found = Legs(*(np.concatenate(columns) for columns in zip(*reversed(self._found), strict=True)))
        # Blocks were found from the end to the beginning; those of one instant keep that order.
        return found.only(np.argsort(found.request, kind="stable"))

    def last_record(self, request: int) -> None:
        """Go back from the last job or message on record of *request*."""
        jobs, messages = self._of.jobs, self._of.messages
        last: tuple[tuple[int, int], bool, int] | None = None
        for is_message, table, begun, over in (
            (False, jobs, jobs.queued_ns, jobs.end_ns),
            (True, messages, messages.sent_ns, messages.delivered_ns),
        ):
            for row in np.flatnonzero(table.request == request).tolist():
                candidate = ((int(over[row]), int(begun[row])), is_message, row)
                last = candidate if last is None else max(last, candidate)
        if last is not None:
            (self.message if last[1] else self.job)(np.array([request]), np.array([last[2]]))

    def decision(self, request: Rows, exit_: Rows, at_ns: Rows) -> None:
        """Go back from *at_ns*, when something followed from the decision of *exit_* on each *request*."""
        if not len(request):
            return
        of = self._of
        row = of.jobs.of(of.decider(exit_), request)
        decided_ns = of.jobs.end_ns[row]
        later = at_ns > decided_ns
        last = of.decisions(exit_[later], request[later])
        self._note(request[later], Part.WAITING, decided_ns[later], at_ns[later], Of.DECISIONS, last)
        self.job(request, row)

    def job(self, request: Rows, row: Rows) -> None:
        """Go back from the end of the jobs *row*."""
        if not len(request):
            return
        jobs, of = self._of.jobs, self._of
        queued, start = jobs.queued_ns[row], jobs.start_ns[row]
        self._note(request, Part.SERVICE, start, jobs.end_ns[row], Of.EXECUTIONS, row)
        self._note(request, Part.QUEUEING, queued, start, Of.EXECUTIONS, row)
        entity = jobs.entity[row]
        sensed = (entity < of.sections) & of.senses[np.minimum(entity, of.sections - 1)]
        self._captured(request[sensed], queued[sensed])
        self._gathered(request[~sensed], entity[~sensed], queued[~sensed])

    def message(self, request: Rows, row: Rows) -> None:
        """Go back from the delivery of the messages *row*."""
        if not len(request):
            return
        self._carried(request, row)
        self._sent(request, row)

    def _carried(self, request: Rows, row: Rows) -> None:
        """Note the legs on links, the last first."""
        hops, at_ns = self._of.hops, self._of.messages.sent_ns[row]
        forward: list[Legs] = []
        number = 0
        while len(row):
            hop = hops.of(row, number)
            there = hop != NOTHING
            request, row, at_ns, hop = request[there], row[there], at_ns[there], hop[there]
            # Links that are taken together are begun and done with together: each adds what is beyond the one before.
            start = np.maximum(at_ns, hops.start_ns[hop])
            own = start - np.minimum(hops.own_ns(hop), start - at_ns)
            end = np.maximum(start, hops.end_ns[hop])
            arrived = np.maximum(end, hops.arrived_ns[hop])
            for part, begun, over in (
                (Part.QUEUEING, at_ns, own),
                (Part.SERIALISATION, own, end),
                (Part.PROPAGATION, end, arrived),
            ):
                forward.append(_block(request, part, begun, over, Of.HOPS, hop))
            at_ns = arrived
            number += 1
        self._found += reversed(forward)

    def _sent(self, request: Rows, row: Rows) -> None:
        """Go back from the sending of the messages *row*."""
        of, messages = self._of, self._of.messages
        once = messages.once[row]
        sent_ns, again = messages.sent_ns[once], once != row
        self._note(request[again], Part.WAITING, sent_ns[again], messages.sent_ns[row][again], Of.REPEATS, row[again])
        section, exit_ = messages.section[row], messages.exit[row]
        # Features leave when they are ordered, where there is an order, and at the end of their job if that is later.
        order = of.messages.of(of.code("kind", "control"), section, request, of.entities)
        ordered = messages.is_features[row] & (order != NOTHING)
        ordered &= messages.delivered_ns[order] == sent_ns
        self.message(request[ordered], order[ordered])

        computed = messages.is_summary[row] | (messages.is_features[row] & ~ordered)
        self.job(request[computed], of.jobs.of(section[computed], request[computed]))

        raw = messages.is_raw[row]
        self._captured(request[raw], sent_ns[raw])

        decided = messages.is_verdict[row] | messages.is_reply[row]
        self.decision(request[decided], exit_[decided], sent_ns[decided])

        told = messages.is_order[row]
        by = of.exit_of[section[told]]
        panel = of.panel_of[by]
        alone = panel == NOTHING
        self.decision(request[told][alone], by[alone], sent_ns[told][alone])
        self._gathered(request[told][~alone], panel[~alone], sent_ns[told][~alone])

    def _gathered(self, request: Rows, gather: Rows, at_ns: Rows) -> None:
        """Go back from the instant at which *gather* was complete, or closed, with the message that came first."""
        if not len(request):
            return
        messages = self._of.messages
        first = messages.first_to_come(gather, request, at_ns)
        came = first != NOTHING
        row = first[came]
        self._note(request[came], Part.WAITING, messages.delivered_ns[row], at_ns[came], Of.MESSAGES, row)
        self.message(request[came], row)
        # Where none came all since the first was sent is waiting; where none was sent, all since the capture.
        request, gather, at_ns = request[~came], gather[~came], at_ns[~came]
        first = messages.first_to_be_sent(gather, request, at_ns)
        sent = first != NOTHING
        row = first[sent]
        self._note(request[sent], Part.WAITING, messages.sent_ns[row], at_ns[sent], Of.MESSAGES, row)
        self._sent(request[sent], row)
        captured_ns = self._of.captured_ns[request[~sent]]
        self._note(request[~sent], Part.WAITING, captured_ns, at_ns[~sent], Of.NO_MESSAGE, request[~sent])
        self._captured(request[~sent], captured_ns)

    def _captured(self, request: Rows, at_ns: Rows) -> None:
        self._note(request, Part.WAITING, self._of.captured_ns[request], at_ns, Of.REQUESTS, request)

    def _note(self, request: Rows, part: Part, begin_ns: Rows, end_ns: Rows, of: Of, row: Rows) -> None:
        if len(request):
            self._found.append(_block(request, part, begin_ns, end_ns, of, row))


def _block(request: Rows, part: Part, begin_ns: Rows, end_ns: Rows, of: Of, row: Rows) -> Legs:
    whole = np.ones(len(request), np.int64)
    return Legs(request, whole * part, begin_ns, end_ns, whole * of, row)
