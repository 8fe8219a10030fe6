"""What is on record of one request, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ddnnsim.story.records import NOTHING, Records

if TYPE_CHECKING:
    from ddnnsim.trace import Trace


class Facts:
    """Puts rows of the tables into words, as far as they are about one request."""

    def __init__(self, trace: Trace, request: int) -> None:
        self.trace = trace
        self.request = request
        self.records = Records(trace)
        self.row: dict[str, Any] = {name: column[request] for name, column in trace.requests.items()}
        self.messages = np.flatnonzero(self.records.messages.request == request).tolist()
        self.jobs = np.flatnonzero(self.records.jobs.request == request).tolist()
        self.decisions = np.flatnonzero(trace.tables["decisions"]["request"] == request).tolist()
        replies = [row for row in self.messages if self.records.messages.is_reply[row]]
        self.reply_to = self.name("target", "messages", replies[0]) if replies else None

    def name(self, column: str, table: str, row: int) -> str:
        """Return what the code in *column* of *table* stands for in *row*."""
        return self.trace.names[column][int(self.trace.tables[table][column][row])]

    def entity(self, entity: int) -> str:
        """Return what *entity*, a section or an exit, is called."""
        sections = self.records.sections
        if entity < sections:
            return self.trace.names["section"][entity]
        return f"exit {self.trace.names['exit'][entity - sections]}"

    def job(self, row: int) -> tuple[str, str]:
        """Return where a job is, and what."""
        jobs, table = self.records.jobs, self.trace.tables["executions"]
        entity, batch = int(jobs.entity[row]), int(table["batch"][row])
        tier = self.trace.names["tier"][int(self.trace.nodes["tier"][jobs.node[row]])]
        what = f"{tier} section"
        if entity >= self.records.sections:
            what = self.decision(entity - self.records.sections) or f"decision of {self.entity(entity)}"
        outcome = self.name("outcome", "executions", row)
        together = f", in a batch of {batch}" if batch > 1 else ""
        ended = "" if outcome == "complete" else f": {outcome}"
        return self.name("node", "executions", row), what + together + ended

    def hop(self, row: int) -> tuple[str, str]:
        """Return the link of a hop, and what goes over it."""
        message, table = int(self.records.hops.message[row]), self.trace.tables["hops"]
        packet, attempts = int(table["packet"][row]), int(table["attempts"][row])
        outcome = self.name("outcome", "hops", row)
        packets = f", the last of {packet + 1} packets" if packet else ""
        again = f", sent {attempts} times" if attempts > 1 else ""
        ended = "" if outcome == "delivered" else f": {outcome.replace('_', ' ')}"
        return self.name("link", "hops", row), self.message(message) + packets + again + ended

    def message(self, row: int) -> str:
        """Return what a message is."""
        size = int(self.trace.tables["messages"]["size_bytes"][row])
        return f"{self.kind(row)}, {size:,} B" if size else self.kind(row)

    def kind(self, row: int) -> str:
        """Return what kind of message *row* is, as people say it."""
        messages = self.records.messages
        if messages.is_order[row]:
            return f"order to {self.entity(int(messages.section[row]))}"
        if messages.is_verdict[row]:
            return f"verdict of {self.entity(int(messages.entity[row]))}"
        return {"raw": "raw view"}.get(kind := self.name("kind", "messages", row), kind)

    def expected(self, gather: int) -> list[int]:
        """Return the entities from which *gather* expects something."""
        of = self.records
        if gather < of.sections:
            return np.flatnonzero(of.parent_of == gather).tolist()
        if gather < of.entities:
            return np.flatnonzero(of.exit_of == gather - of.sections).tolist()
        return (of.sections + np.flatnonzero(of.panel_of == gather)).tolist()

    def arrivals(self, gather: int) -> list[int]:
        """Return the messages that have come to *gather*, in their order."""
        messages = self.records.messages
        came = [row for row in self.messages if messages.gather[row] == gather and messages.delivered[row]]
        return sorted(came, key=lambda row: (messages.delivered_ns[row], messages.entity[row]))

    def gather(self, first: int, complete_ns: int) -> tuple[str, str]:
        """Return where the message *first* waited for others, and for whom; nothing where there are no others."""
        messages = self.records.messages
        gather = int(messages.gather[first])
        expected, came = self.expected(gather), self.arrivals(gather)
        where = self.name("target", "messages", first)
        came = [row for row in came if messages.delivered_ns[row] <= complete_ns]
        if messages.delivered[first] and messages.delivered_ns[first] == complete_ns:
            return where, f"{len(came)} of {len(expected)} came at once" if len(expected) > 1 else ""
        never = sorted(set(expected) - {int(messages.entity[row]) for row in came})
        if came and messages.delivered_ns[came[-1]] == complete_ns:
            last = self.entity(int(messages.entity[came[-1]]))
            return where, f"for {last}, the last of {len(came)}"
        late = {int(messages.entity[row]) for row in self.arrivals(gather)} & set(never)
        until = "and no longer" if late else "until known never to come"
        return where, f"for {', '.join(map(self.entity, never))}, of {len(expected)}, {until}"

    def repeat(self, row: int) -> tuple[str, str]:
        """Return where the message *row* was sent again, and that it was."""
        return self.name("source", "messages", row), f"to send {self.message(row)} again, which was lost"

    def fallback(self, row: int) -> tuple[str, str]:
        """Return where the decision *row* came to be the answer for want of a better one, and that it did."""
        exit_ = np.array([int(self.trace.tables["decisions"]["exit"][row])])
        job = int(self.records.jobs.of(self.records.decider(exit_), np.array([self.request]))[0])
        name = self.entity(self.records.sections + int(exit_[0]))
        return self.name("node", "executions", job), f"for better than {name}, which answers after all"

    def exit_within(self, job: int) -> int:
        """Return the exit that is part of *job*, a section's, or NOTHING."""
        of = self.records
        entity = int(of.jobs.entity[job])
        exit_ = int(of.exit_of[entity]) if entity < of.sections else NOTHING
        return exit_ if exit_ != NOTHING and of.section_of[exit_] == entity else NOTHING

    def decision(self, exit_: int) -> str | None:
        """Return what *exit_* decided, where it did."""
        table = self.trace.tables["decisions"]
        for row in self.decisions:
            if table["exit"][row] == exit_:
                verdict = {"answer": "answers", "escalate": "escalates"}.get(
                    name := self.name("verdict", "decisions", row), name
                )
                prediction = int(table["prediction"][row])
                judged = "" if "label" not in self.row else f" ({self._judged(prediction)})"
                said = f"class {prediction}{judged}, {self._by(exit_, row)}"
                return f"exit {self.trace.names['exit'][exit_]} {verdict}, {said}"
        return None

    def _judged(self, prediction: int) -> str:
        return "right" if prediction == self.row["label"] else "wrong"

    def _by(self, exit_: int, row: int) -> str:
        """Return the entropy of a decision, against what it is held to."""
        exits, table = self.trace.tables["exits"], self.trace.tables["decisions"]
        entropy, threshold = float(table["entropy"][row]), exits["threshold"][exit_]
        rule = self.name("rule", "exits", exit_)
        if threshold is np.ma.masked:
            return f"entropy {entropy:.3f}, the last exit"
        if rule != "entropy":
            return f"entropy {entropy:.3f}, threshold {threshold:g} by {rule}"
        below = self.name("verdict", "decisions", row) != "escalate"
        return f"entropy {entropy:.3f} {'<' if below else '>='} {threshold:g}"
