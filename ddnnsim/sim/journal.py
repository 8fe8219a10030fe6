"""The journal: every message, hop, job and decision of a run, in columns."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.sim import rules
from ddnnsim.trace import (
    ANSWER,
    CANCELLED,
    COMPLETE,
    DELIVERED,
    DROPPED,
    ESCALATE,
    FALLBACK,
    GONE,
    IN_FLIGHT,
    QUEUED,
    REFUSED,
    RUNNING,
    SUPERSEDED,
    Recorder,
)

if TYPE_CHECKING:
    from ddnnsim.oracle import Decision
    from ddnnsim.trace import Column

_NONE = -1  # within the journal's columns alone: tables mask what has no value


class Journal(Recorder):
    """Takes down rows as things happen; a time that is known in advance may be noted in advance."""

    def __init__(self, sections: int) -> None:
        super().__init__()
        self.sections = sections
        """How many there are: the entities above are exits."""
        self._messages = _Rows(
            "message",
            "request",
            "kind",
            "entity",
            "source",
            "target",
            "size_bytes",
            "sent_ns",
            "delivered_ns",
            "outcome",
        )
        self._hops = _Rows(
            "message", "packet", "link", "queued_ns", "start_ns", "end_ns", "arrived_ns", "attempts", "outcome"
        )
        self._executions = _Rows(
            "request", "section", "exit", "node", "queued_ns", "start_ns", "end_ns", "batch", "outcome"
        )
        self._decisions = _Rows("request", "exit", "at_ns", "views", "prediction", "verdict")
        self._entropies = array("d")
        self._claims: dict[tuple[int, int], int] = {}  # rows of decisions, by request and exit

    def sent(self, request: int, kind: int, entity: int, source: int, target: int, size_bytes: int, at_ns: int) -> int:
        """Note that a message of *request* about *entity* leaves *source* for *target*, and return its number."""
        number = len(self._messages)
        self._messages.append(number, request, kind, entity, source, target, size_bytes, at_ns, _NONE, IN_FLIGHT)
        return number

    def delivered(self, message: int, at_ns: int) -> None:
        """Note that *message* is where it was sent."""
        self._messages["delivered_ns"][message] = at_ns
        self._messages["outcome"][message] = DELIVERED

    def missed(self, message: int) -> None:
        """Note that *message* will never be where it was sent."""
        if self._messages["outcome"][message] != DROPPED:
            self._messages["outcome"][message] = GONE

    def dropped(self, message: int) -> None:
        """Note that *message*, and not just a packet of it, was dropped."""
        self._messages["outcome"][message] = DROPPED

    def carried(
        self,
        message: int,
        packet: int,
        link: int,
        queued_ns: int,
        start_ns: int,
        end_ns: int,
        arrived_ns: int,
        attempts: int,
        outcome: int,
    ) -> int:
        """Note when *packet* of *message*, handed to *link*, starts, ends and has its *outcome*; return the row."""
        self._hops.append(message, packet, link, queued_ns, start_ns, end_ns, arrived_ns, attempts, outcome)
        return len(self._hops) - 1

    @property
    def hops(self) -> int:
        """Return how many there are."""
        return len(self._hops)

    def start_ns(self, hop: int) -> int:
        """Return when *hop* starts, as noted."""
        return self._hops["start_ns"][hop]

    def carried_on(self, hop: int, start_ns: int, end_ns: int, arrived_ns: int, outcome: int) -> None:
        """Note anew when *hop* starts, ends and has its *outcome*."""
        new = {"start_ns": start_ns, "end_ns": end_ns, "arrived_ns": arrived_ns, "outcome": outcome}
        for name, value in new.items():
            self._hops[name][hop] = value

    def left_behind(self, packets: set[tuple[int, int]]) -> None:
        """Note that *packets*, message and number, are not at the end of the link that they are on: the run is over."""
        message, packet, row = self._hops["message"], self._hops["packet"], len(self._hops)
        while packets:
            row -= 1
            if (message[row], packet[row]) in packets:
                packets.remove((message[row], packet[row]))
                self._hops["arrived_ns"][row] = _NONE

    def sent_fairly(self, hop: int, end_ns: int, arrived_ns: int) -> None:
        """Note when the transfer of *hop*, which has been sent, ended, and when it will arrive, as above."""
        self._hops["end_ns"][hop] = end_ns
        self._hops["arrived_ns"][hop] = arrived_ns

    def queued(self, request: int, section: int | None, exit_: int | None, node: int, at_ns: int) -> int:
        """Note a job for a section, or for the decision of an exit, on *node*, and return its number."""
        whose = (_NONE if section is None else section, _NONE if exit_ is None else exit_)
        self._executions.append(request, *whose, node, at_ns, _NONE, _NONE, 1, COMPLETE)
        return len(self._executions) - 1

    def started(self, job: int, at_ns: int, end_ns: int, batch: int) -> None:
        """Note that *job* starts, one of *batch* that are done together, and when it will be complete."""
        self._executions["start_ns"][job] = at_ns
        self._executions["end_ns"][job] = end_ns
        self._executions["batch"][job] = batch

    def refused(self, job: int) -> None:
        """Note that *job* had no place in the queue."""
        self._executions["outcome"][job] = REFUSED

    def cancelled(self, job: int) -> None:
        """Note that *job* is not started, as its request is over."""
        self._executions["outcome"][job] = CANCELLED

    def gone(self, job: int) -> None:
        """Note that *job* is lost with its node."""
        self._executions["end_ns"][job] = _NONE
        self._executions["outcome"][job] = GONE

    def answered(self, request: int, at_ns: int, exit_id: int, decision: Decision, views: int) -> None:
        """Note that the exit *exit_id* answers *request* with *decision*, made of the set *views*."""
        super().answered(request, at_ns, exit_id, decision, views)
        claim = self._claims.get((request, exit_id))
        if claim is None:
            self._decided(request, at_ns, exit_id, decision, views, ANSWER)
        else:
            self._decisions["verdict"][claim] = ANSWER

    def degraded(self, request: int, at_ns: int, exit_id: int, decision: Decision, views: int, reason: int) -> None:
        """Note that *exit_id* answers *request* with *decision* of *views* for want of a better one, and why."""
        super().degraded(request, at_ns, exit_id, decision, views, reason)
        self._decided(request, at_ns, exit_id, decision, views, FALLBACK)

    def escalated(self, request: int, at_ns: int, exit_id: int, decision: Decision, views: int) -> None:
        """Note that the exit *exit_id* is not confident of *decision*."""
        self._decided(request, at_ns, exit_id, decision, views, ESCALATE)

    def claimed(self, request: int, at_ns: int, exit_id: int, decision: Decision, views: int) -> None:
        """Note that the exit *exit_id* is confident of *decision*: superseded, unless it comes to answer."""
        self._claims[request, exit_id] = len(self._decisions)
        self._decided(request, at_ns, exit_id, decision, views, SUPERSEDED)

    def tables(self, over_ns: int) -> dict[str, dict[str, Column]]:
        """Return what happened before *over_ns*, by table."""
        return {
            "messages": self._message_columns(over_ns),
            "hops": self._hop_columns(over_ns),
            "executions": self._execution_columns(over_ns),
            "decisions": self._decision_columns(),
        }

    def _decided(self, request: int, at_ns: int, exit_id: int, decision: Decision, views: int, verdict: int) -> None:
        self._decisions.append(request, exit_id, at_ns, views, decision.prediction, verdict)
        self._entropies.append(decision.entropy)

    def _message_columns(self, over_ns: int) -> dict[str, Column]:
        columns = self._messages.columns()
        entity, outcome = columns.pop("entity"), columns.pop("outcome")
        beat, about_exit = columns["kind"] == rules.HEARTBEAT, entity >= self.sections
        return {
            **columns,
            "request": np.ma.array(columns["request"], mask=beat),
            **_happened(columns, over_ns, "delivered_ns"),
            "section": np.ma.array(entity, mask=about_exit | beat),
            "exit": np.ma.array(entity - self.sections, mask=~about_exit | beat),
            "outcome": outcome,
        }

    def _hop_columns(self, over_ns: int) -> dict[str, Column]:
        columns = self._hops.columns()
        happened = _happened(columns, over_ns, "start_ns", "end_ns", "arrived_ns")
        outcome = np.where(np.ma.getmaskarray(happened["arrived_ns"]), IN_FLIGHT, columns["outcome"])
        happened["arrived_ns"] = np.ma.masked_where(outcome != DELIVERED, happened["arrived_ns"])
        return {**columns, **happened, "outcome": outcome}

    def _execution_columns(self, over_ns: int) -> dict[str, Column]:
        columns = self._executions.columns()
        happened = _happened(columns, over_ns, "start_ns", "end_ns")
        queued, running = (np.ma.getmaskarray(happened[name]) for name in ("start_ns", "end_ns"))
        outcome = columns["outcome"]
        return {
            **columns,
            **{name: np.ma.array(columns[name], mask=columns[name] == _NONE) for name in ("section", "exit")},
            **happened,
            "outcome": np.select([outcome != COMPLETE, queued, running], [outcome, QUEUED, RUNNING], COMPLETE),
        }

    def _decision_columns(self) -> dict[str, Column]:
        columns: dict[str, Column] = dict(self._decisions.columns())
        verdict = columns.pop("verdict")
        return {**columns, "entropy": np.array(self._entropies), "verdict": verdict}


class _Rows:
    """Rows of integers, kept by column."""

    def __init__(self, *names: str) -> None:
        self._columns = {name: array("q") for name in names}

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def __getitem__(self, name: str) -> array[int]:
        return self._columns[name]

    def append(self, *values: int) -> None:
        for column, value in zip(self._columns.values(), values, strict=True):
            column.append(value)

    def columns(self) -> dict[str, NDArray[np.int64]]:
        return {name: np.array(column, np.int64) for name, column in self._columns.items()}


def _happened(columns: dict[str, NDArray[np.int64]], over_ns: int, *names: str) -> dict[str, Column]:
    """Return the times *names* of *columns*, masked where they did not come before *over_ns*."""
    masks = {name: (columns[name] == _NONE) | (columns[name] >= over_ns) for name in names}
    return {name: np.ma.array(columns[name], mask=mask) for name, mask in masks.items()}
