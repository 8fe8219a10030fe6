"""What happened, as facts in columns: the Recorder takes them down, a Trace keeps them."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ddnnsim.oracle import Decision

ANSWERED, DEGRADED, LOST, UNFINISHED = range(4)
FATES = ("answered", "degraded", "lost", "unfinished")
"""What becomes of a request; nothing else ever does."""

REASONS = ("stopped", "waiting", "no_view", "reply", "deadline", "out_of_reach")
"""Why a request has no answer, or a degraded one: the run was over before; a gather waits for what will never come; an
exit that had to decide had nothing to decide on; the answer did not arrive where it was wanted; a deadline above the
lowest level passed; nobody could be told to escalate."""
STOPPED, WAITING, NO_VIEW, NO_REPLY, TOO_LATE, OUT_OF_REACH = range(6)

OUTCOMES = ("delivered", "in_flight", "complete", "running", "queued", "lost", "dropped", "refused", "cancelled")
"""What has become of a message, or of a job, when the run is over."""
DELIVERED, IN_FLIGHT, COMPLETE, RUNNING, QUEUED, GONE, DROPPED, REFUSED, CANCELLED = range(9)

VERDICTS = ("answer", "escalate", "superseded", "fallback")
"""What a decision comes to: its exit answers, is not confident, or is too late for the request has its answer; or, of
one that was not confident before, that it answers for want of a better one."""
ANSWER, ESCALATE, SUPERSEDED, FALLBACK = range(4)

Column = NDArray[np.generic] | np.ma.MaskedArray
"""One value a row; masked where there is none."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One run, columnar. Columns carry their units; masked means that there is no such value."""

    requests: Mapping[str, Column]
    """A row for each request, in the order of ids."""
    links: Mapping[str, Column]
    """A row for each direction of each link, in the order of ids."""
    nodes: Mapping[str, Column]
    """A row for each node, in the order of ids."""
    names: Mapping[str, Sequence[str]]
    """What the codes in the columns `fate`, `reason`, `exit`, `link`, `node`, ... stand for."""
    replies: bool
    """Whether answers travel to someone who waits for them: latency is then counted to the reply."""
    end_ns: int
    """When the run was over: the last thing that happened, or `until`."""
    tables: Mapping[str, Mapping[str, Column]] = field(default_factory=dict)
    """Tables beside these. Where messages are on record: `messages`, `hops`, `executions` and `decisions`, and the
    `sections` and `exits` that they tell of; else nothing from the engine."""

    @property
    def on_record(self) -> bool:
        """Return whether every message, hop, job and decision is on record."""
        return "messages" in self.tables

    def with_tables(self, **tables: Mapping[str, Column]) -> Trace:
        """Return this trace with *tables* beside the others."""
        return replace(self, tables={**self.tables, **tables})

    def labelled(self, labels: NDArray[np.int64]) -> Trace:
        """Return this trace with the column `label`; *labels* has one for each sample of the split."""
        requests = dict(self.requests)
        columns = {"request": requests.pop("request"), "sample": requests.pop("sample")}
        return replace(self, requests={**columns, "label": labels[columns["sample"]], **requests})


_NOT_YET = -1  # within a recorder's columns alone: a trace masks what has no value


class Recorder:
    """Takes down what becomes of each request, in columns: 51 bytes a request, and no objects."""

    def __init__(self) -> None:
        self._sample = array("i")
        self._captured_ns = array("q")
        self._answered_ns = array("q")
        self._replied_ns = array("q")
        self._exit = array("h")
        self._fate = array("b")
        self._reason = array("b")
        self._prediction = array("h")
        self._views = array("i")
        self._entropy = array("d")
        self._late = array("h")

    def captured(self, request: int, sample: int, at_ns: int) -> None:
        """Open the row of *request*, the next id: *sample* is captured."""
        assert request == len(self._sample), "requests are captured in the order of their ids"
        self._sample.append(sample)
        self._captured_ns.append(at_ns)
        self._answered_ns.append(_NOT_YET)
        self._replied_ns.append(_NOT_YET)
        self._exit.append(_NOT_YET)
        self._fate.append(UNFINISHED)
        self._reason.append(_NOT_YET)
        self._prediction.append(_NOT_YET)
        self._views.append(_NOT_YET)
        self._entropy.append(0.0)
        self._late.append(0)

    def captured_ns(self, request: int) -> int:
        """Return when *request* was captured."""
        return self._captured_ns[request]

    def answered(self, request: int, at_ns: int, exit_id: int, decision: Decision, views: int) -> None:
        """Note that the exit *exit_id* answers *request* with *decision*, made of the set *views*."""
        self._answered_ns[request] = at_ns
        self._exit[request] = exit_id
        self._fate[request] = ANSWERED
        self._prediction[request] = decision.prediction
        self._views[request] = views
        self._entropy[request] = decision.entropy

    def degraded(self, request: int, at_ns: int, exit_id: int, decision: Decision, views: int, reason: int) -> None:
        """Note that *exit_id* answers *request* with *decision* of *views* for want of a better one, and why."""
        Recorder.answered(self, request, at_ns, exit_id, decision, views)
        self._fate[request] = DEGRADED
        self._reason[request] = reason

    def escalated(self, request: int, at_ns: int, exit_id: int, decision: Decision, views: int) -> None:
        """Take no note that the exit *exit_id* is not confident of *decision*: a journal does."""

    def claimed(self, request: int, at_ns: int, exit_id: int, decision: Decision, views: int) -> None:
        """Take no note that the exit *exit_id* is confident of *decision* and may come to answer: as above."""

    def replied(self, request: int, at_ns: int) -> None:
        """Note that the answer to *request* has arrived where it was wanted."""
        self._replied_ns[request] = at_ns

    def late(self, request: int, views: int) -> None:
        """Note that so many *views* of *request* have arrived at a gather that a deadline had closed."""
        self._late[request] += views

    def lost(self, request: int, reason: int) -> None:
        """Note that *request* is lost for *reason*; an answer that it has, and when, stays on record."""
        self._fate[request] = LOST
        self._reason[request] = reason

    def queued(self, request: int, section: int | None, exit_: int | None, node: int, at_ns: int) -> int:
        """Take no note of a job, and give it no number: a journal does."""
        return _NOT_YET

    def started(self, job: int, at_ns: int, end_ns: int, batch: int) -> None:
        """Take no note that *job* starts: as above."""

    def refused(self, job: int) -> None:
        """Take no note that *job* is refused: as above."""

    def cancelled(self, job: int) -> None:
        """Take no note that *job* is not started, as its request is over: as above."""

    def gone(self, job: int) -> None:
        """Take no note that *job* is lost: as above."""

    def tables(self, over_ns: int) -> dict[str, dict[str, Column]]:
        """Return the tables beside that of requests: none."""
        return {}

    def requests(self, unfinished: int) -> dict[str, Column]:
        """Return the columns of all requests; those that are not over are so for the reason *unfinished*."""
        fate = np.array(self._fate)
        answered_ns = np.array(self._answered_ns)
        open_ = answered_ns == _NOT_YET
        reason = np.where(fate == UNFINISHED, unfinished, np.array(self._reason)).astype(np.int8)
        replied_ns = np.array(self._replied_ns)
        return {
            "request": np.arange(len(fate)),
            "sample": np.array(self._sample),
            "captured_ns": np.array(self._captured_ns),
            "answered_ns": np.ma.array(answered_ns, mask=open_),
            "replied_ns": np.ma.array(replied_ns, mask=replied_ns == _NOT_YET),
            "exit": np.ma.array(self._exit, mask=open_),
            "fate": fate,
            "reason": np.ma.array(reason, mask=fate == ANSWERED),
            "prediction": np.ma.array(self._prediction, mask=open_),
            "views": np.ma.array(self._views, mask=open_),
            "entropy": np.ma.array(self._entropy, mask=open_),
            "late": np.array(self._late),
        }
