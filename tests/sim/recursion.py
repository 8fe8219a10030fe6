"""A second implementation of docs/semantics.md, for the tests alone: no SimPy, nothing of `ddnnsim.sim`.

It is written from the text, message by message, to be read and not to be fast. All numbers are Python
integers. Links are Lindley recursions: a message starts at the later of its own arrival and the end of
the one before it. A processor with several servers is kept as a set of free servers and a list of
waiting jobs. What can tie - completions of jobs, deliveries, captures - lies on one agenda and is
taken off it by (time, class, request, entity, link, kind), the order that the text prescribes.

It knows networks of any number of levels and any exits over them, without faults.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ddnnsim.deployment import REPLY_BYTES, Deployment, Exit
from ddnnsim.oracle import Decision, Oracle

COMPLETION, DELIVERY, CAPTURE, SETTLEMENT = 0, 3, 4, 6
KINDS = ("summary", "features", "raw", "control", "heartbeat", "reply")
SUMMARY, FEATURES, RAW, CONTROL, REPLY = (KINDS.index(k) for k in ("summary", "features", "raw", "control", "reply"))


def serialisation_ns(size_bytes: int, rate_bps: int) -> int:
    """Return ceil(8 * size * 10^9 / rate), counted up from the floor."""
    whole, rest = divmod(8 * size_bytes * 10**9, rate_bps)
    return whole if rest == 0 else whole + 1


def leaves(decision: Decision, exit_: Exit) -> bool:
    """Whether *exit_* answers: entropy < T, or highest probability > T, or margin > T; the last exit always.

    The most generous threshold, 1 of entropy and 0 of the others, always answers, ties or none; entropy 0 never.
    """
    t = exit_.threshold
    if t is None:
        return True
    if exit_.rule == "entropy":
        return t == 1 or (t != 0 and decision.entropy < t)
    if exit_.rule == "probability":
        return t == 0 or decision.top > t
    assert exit_.rule == "margin"
    return t == 0 or decision.margin > t


def expected(deployment: Deployment, oracle: Oracle) -> dict[str, Any]:
    """Return what must happen: `requests`, `links`, `nodes`, and `end_ns`; each but the last a dict a row.

    So are `messages`, `hops`, `executions` and `decisions`: every message on record.
    """
    return _World(deployment, oracle).run()


class _World:
    def __init__(self, deployment: Deployment, oracle: Oracle) -> None:
        self.d = deployment
        self.oracle = oracle
        self.claims: dict[int, list[tuple[int, Decision, int, dict[str, Any]]]] = {}
        """Of each request, who was confident at this instant beside other exits."""
        """Requests and exits that are sure of themselves but do not answer: another one does, at the same instant."""
        self.now = 0
        self.happened: list[int] = []
        """When things happened."""
        self.agenda: list[tuple[int, int, int, int, int, int]] = []
        """(time, class, request, entity, link, kind), as a heap."""
        self.what: dict[tuple[int, int, int, int, int, int], Any] = {}
        """What to do about each entry of the agenda: a function without arguments."""
        self.requests: dict[int, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []
        self.hops: list[dict[str, Any]] = []
        self.executions: list[dict[str, Any]] = []
        self.decisions: list[dict[str, Any]] = []
        # of each link: (size, kind, put, start, end) of each message, in the order in which they got there
        self.carried: list[list[tuple[int, int, int, int, int]]] = [[] for _ in deployment.links]
        # of each node: (queued, start, end) of each job that started
        self.done: list[list[tuple[int, int, int]]] = [[] for _ in deployment.machines]
        self.free = [m.servers for m in deployment.machines]
        self.waiting: list[list[tuple[int, int, int, dict[str, Any]]]] = [[] for _ in deployment.machines]
        self.link_queue_max = [0 for _ in deployment.links]
        self.node_queue_max = [0 for _ in deployment.machines]
        # of (request, exit) the sections whose summary is there, of (request, section) those below it whose
        # features or raw view is, of (request, coordinator) what the exits whose verdict is there say
        self.summaries: dict[tuple[int, int], set[int]] = defaultdict(set)
        self.gathered: dict[tuple[int, int], set[int]] = defaultdict(set)
        self.verdicts: dict[tuple[int, int], dict[int, bool]] = defaultdict(dict)
        self.origin_bytes: dict[int, int] = defaultdict(int)

    # the agenda

    def enter(self, key: tuple[int, int, int, int, int, int], act: Any) -> None:
        assert key[0] >= self.now, "nothing happens in the past"
        assert key not in self.what, "the text's order is total"
        self.what[key] = act
        heapq.heappush(self.agenda, key)

    def run(self) -> dict[str, Any]:
        d = self.d
        for request, at in enumerate(d.workload.captured_ns.tolist()):
            for i, section in enumerate(d.sections):
                if section.view is not None:
                    self.enter((at, CAPTURE, request, i, 0, 0), lambda r=request, s=i: self.capture(r, s))
        while self.agenda and (d.until_ns is None or self.agenda[0][0] < d.until_ns):
            key = heapq.heappop(self.agenda)
            self.now = key[0]
            self.happened.append(self.now)
            self.what.pop(key)()
        return self.accounts()

    # levels: what sections and exits do

    def capture(self, request: int, section: int) -> None:
        if request not in self.requests:
            self.requests[request] = {
                "request": request,
                "sample": int(self.d.workload.samples[request]),
                "captured_ns": self.now,
                "answered_ns": None,
                "replied_ns": None,
                "exit": None,
                "prediction": None,
                "entropy": None,
                "views": None,
            }
        s = self.d.sections[section]
        if s.raw_bytes is None:
            self.job_arrives(s.machine, request, section)
        else:
            self.goes_up(request, section, RAW, s.raw_bytes[self.requests[request]["sample"]])

    def section_is_complete(self, request: int, section: int) -> None:
        s = self.d.sections[section]
        if s.exit is None:
            self.goes_up(request, section, FEATURES, s.features_bytes)
            return
        exit_ = self.d.exits[s.exit]
        assert section in exit_.sections
        if exit_.service_ns is None:  # part of this very job
            assert exit_.sections == (section,)
            assert exit_.machine == s.machine
            self.exit_decides(request, s.exit)
        else:
            arrives = lambda: self.summary_arrives(request, section)  # noqa: E731
            self.send(request, section, SUMMARY, s.summary_bytes, s.machine, exit_.machine, arrives)

    def summary_arrives(self, request: int, section: int) -> None:
        e = self.d.sections[section].exit
        self.summaries[request, e].add(section)
        if self.summaries[request, e] == set(self.d.exits[e].sections):
            self.job_arrives(self.d.exits[e].machine, request, len(self.d.sections) + e)

    def exit_decides(self, request: int, e: int) -> None:
        exit_ = self.d.exits[e]
        row = self.requests[request]
        mask = 0
        for section in exit_.sections:
            for view in self.views_behind(section):
                mask |= 1 << view
        decision = self.oracle.decide(e, row["sample"], self.oracle.view_sets.id(mask))
        confident = leaves(decision, exit_)
        self.decisions.append(
            {
                "request": request,
                "exit": e,
                "at_ns": self.now,
                "views": mask,
                "prediction": decision.prediction,
                "entropy": decision.entropy,
                "verdict": "answer" if confident else "escalate",
            }
        )
        if exit_.coordinator is not None:
            entity = len(self.d.sections) + e
            judge = self.d.exits[exit_.coordinator].machine
            arrives = lambda: self.verdict_arrives(request, e, confident)  # noqa: E731
            self.send(request, entity, CONTROL, 0, exit_.machine, judge, arrives)
        elif not confident and exit_.service_ns is None:
            self.order_arrives(request, exit_.sections[0])  # no order is sent: the job knows
        elif not confident:
            self.order(request, exit_.machine, exit_.sections)
        if confident and exit_.coordinator is None:
            self.answer(request, e, decision, mask)
        elif confident:
            self.claim(request, e, decision, mask)

    def views_behind(self, section: int) -> set[int]:
        """Return the views that *section* senses or that the sections below it, whose parent it is, do."""
        own = self.d.sections[section].view
        views = set() if own is None else {own}
        for i, s in enumerate(self.d.sections):
            if s.parent == section:
                views |= self.views_behind(i)
        return views

    def claim(self, request: int, e: int, decision: Decision, mask: int) -> None:
        """Let the exit wait for the end of the instant: a lower one may be as early."""
        self.decisions[-1]["verdict"] = "superseded"
        if self.requests[request]["answered_ns"] is not None:
            return
        if request not in self.claims:
            self.claims[request] = []
            self.enter((self.now, SETTLEMENT, request, 0, 0, 0), lambda: self.settle(request))
        self.claims[request].append((e, decision, mask, self.decisions[-1]))

    def settle(self, request: int) -> None:
        e, decision, mask, row = min(self.claims.pop(request), key=lambda claim: claim[0])
        row["verdict"] = "answer"
        self.answer(request, e, decision, mask)

    def answer(self, request: int, e: int, decision: Decision, mask: int) -> None:
        row = self.requests[request]
        row["answered_ns"] = self.now
        row["exit"] = e
        row["prediction"] = decision.prediction
        row["entropy"] = decision.entropy
        row["views"] = mask
        if self.d.reply_to is not None:
            entity = len(self.d.sections) + e
            arrives = lambda: self.reply_arrives(request)  # noqa: E731
            self.send(request, entity, REPLY, REPLY_BYTES, self.d.exits[e].machine, self.d.reply_to, arrives)

    def verdict_arrives(self, request: int, e: int, confident: bool) -> None:
        judge = self.d.exits[e].coordinator
        verdicts = self.verdicts[request, judge]
        verdicts[e] = confident
        judged = [i for i, x in enumerate(self.d.exits) if x.coordinator == judge]
        if set(verdicts) == set(judged) and not any(verdicts.values()):
            self.order(request, self.d.exits[judge].machine, [s for i in judged for s in self.d.exits[i].sections])

    def order(self, request: int, machine: int, sections: Iterable[int]) -> None:
        """Tell *sections* from *machine* to escalate."""
        for section in sorted(sections):
            s = self.d.sections[section]
            size = self.d.exits[s.exit].control_bytes
            arrives = lambda section=section: self.order_arrives(request, section)  # noqa: E731
            self.send(request, section, CONTROL, size, machine, s.machine, arrives)

    def order_arrives(self, request: int, section: int) -> None:
        self.goes_up(request, section, FEATURES, self.d.sections[section].features_bytes)

    def goes_up(self, request: int, section: int, kind: int, size: int) -> None:
        """Send features or a raw view of *section* to its parent."""
        s = self.d.sections[section]
        assert s.parent is not None
        arrives = lambda: self.is_gathered(request, section)  # noqa: E731
        self.send(request, section, kind, size, s.machine, self.d.sections[s.parent].machine, arrives)

    def is_gathered(self, request: int, section: int) -> None:
        parent = self.d.sections[section].parent
        self.gathered[request, parent].add(section)
        if self.gathered[request, parent] == {i for i, s in enumerate(self.d.sections) if s.parent == parent}:
            self.job_arrives(self.d.sections[parent].machine, request, parent)

    def reply_arrives(self, request: int) -> None:
        self.requests[request]["replied_ns"] = self.now

    # processors

    def job_arrives(self, machine: int, request: int, entity: int) -> None:
        """Queue the job of the section or, above their number, of the exit *entity*."""
        section, exit_ = (entity, None) if entity < len(self.d.sections) else (None, entity - len(self.d.sections))
        service_ns = self.d.exits[exit_].service_ns if section is None else self.d.sections[section].service_ns
        job = {"request": request, "section": section, "exit": exit_, "node": machine, "queued_ns": self.now}
        self.executions.append({**job, "start_ns": None, "end_ns": None, "batch": 1, "outcome": "queued"})
        self.waiting[machine].append((request, entity, service_ns, self.executions[-1]))
        self.start_jobs(machine)
        self.node_queue_max[machine] = max(self.node_queue_max[machine], len(self.waiting[machine]))

    def start_jobs(self, machine: int) -> None:
        while self.free[machine] > 0 and self.waiting[machine]:
            request, entity, service_ns, job = self.waiting[machine].pop(0)
            self.free[machine] -= 1
            end = self.now + service_ns
            job.update(start_ns=self.now, outcome="running")
            self.done[machine].append((job["queued_ns"], self.now, end))
            completes = lambda r=request, x=entity, j=job: self.job_completes(machine, r, x, j)  # noqa: E731
            self.enter((end, COMPLETION, request, entity, 0, 0), completes)

    def job_completes(self, machine: int, request: int, entity: int, job: dict[str, Any]) -> None:
        job.update(end_ns=self.now, outcome="complete")
        self.free[machine] += 1
        self.start_jobs(machine)
        if entity < len(self.d.sections):
            self.section_is_complete(request, entity)
        else:
            self.exit_decides(request, entity - len(self.d.sections))

    # links

    def send(self, request: int, entity: int, kind: int, size: int, source: int, target: int, arrives: Any) -> None:
        """Send a message from *source* to *target*; at its end, call *arrives*."""
        message = {
            "message": len(self.messages),
            "request": request,
            "kind": KINDS[kind],
            "section": entity if entity < len(self.d.sections) else None,
            "exit": None if entity < len(self.d.sections) else entity - len(self.d.sections),
            "source": source,
            "target": target,
            "size_bytes": size,
            "sent_ns": self.now,
            "delivered_ns": None,
            "outcome": "in_flight",
        }
        self.messages.append(message)

        def is_delivered() -> None:
            message.update(delivered_ns=self.now, outcome="delivered")
            arrives()

        if source == target:
            self.enter((self.now, DELIVERY, request, entity, 0, kind), is_delivered)
            return
        path = list(self.d.routes[source, target])
        assert self.d.links[path[0]].source == source
        assert self.d.links[path[-1]].target == target
        if kind in (SUMMARY, FEATURES, RAW) and self.d.sections[entity].view is not None:
            self.origin_bytes[source] += size
        self.hop(message, entity, kind, path, is_delivered)

    def hop(self, message: dict[str, Any], entity: int, kind: int, path: list[int], is_delivered: Any) -> None:
        link, rest = path[0], path[1:]
        plan = self.d.links[link]
        before = self.carried[link]
        start = max(self.now, before[-1][4]) if before else self.now
        end = start + serialisation_ns(message["size_bytes"], plan.rate_bps)
        arrived = end + plan.delay_ns
        before.append((message["size_bytes"], kind, self.now, start, end))
        wait = sum(1 for m in before if m[3] > self.now)  # a link that becomes free now is free
        self.link_queue_max[link] = max(self.link_queue_max[link], wait)
        self.hops.append(
            {
                "message": message["message"],
                "packet": 0,
                "link": link,
                "queued_ns": self.now,
                "start_ns": self.before_the_end(start),
                "end_ns": self.before_the_end(end),
                "arrived_ns": self.before_the_end(arrived),
                "attempts": 1,
                "outcome": "in_flight" if self.before_the_end(arrived) is None else "delivered",
            }
        )
        if rest:
            assert self.d.links[rest[0]].source == plan.target
            then = lambda: self.hop(message, entity, kind, rest, is_delivered)  # noqa: E731
        else:
            then = is_delivered
        self.enter((arrived, DELIVERY, message["request"], entity, link, kind), then)

    def before_the_end(self, at_ns: int) -> int | None:
        return at_ns if self.d.until_ns is None or at_ns < self.d.until_ns else None

    # accounts

    def accounts(self) -> dict[str, Any]:
        until = self.d.until_ns
        last = max(self.happened, default=0)

        def within(start: int, end: int) -> int:
            """Return the part of [start, end) before the end of the run."""
            return end - start if until is None else max(0, min(end, until) - start)

        links = []
        for i in range(len(self.d.links)):
            row = {"link": i, "messages": len(self.carried[i])}
            for k, name in enumerate(KINDS):
                row[f"{name}_bytes"] = sum(m[0] for m in self.carried[i] if m[1] == k)
            row["busy_ns"] = sum(within(m[3], m[4]) for m in self.carried[i])
            row["queue_max"] = self.link_queue_max[i]
            links.append(row)
        nodes = []
        for i in range(len(self.d.machines)):
            ended = [j for j in self.done[i] if until is None or j[2] < until]
            nodes.append(
                {
                    "node": i,
                    "jobs": len(ended),
                    "busy_ns": sum(within(j[1], j[2]) for j in self.done[i]),
                    "queue_max": self.node_queue_max[i],
                    "origin_bytes": self.origin_bytes[i],
                }
            )
        requests = [self.requests[r] for r in range(len(self.requests))]
        return {
            "requests": requests,
            "links": links,
            "nodes": nodes,
            "end_ns": last if until is None else until,
            **{name: getattr(self, name) for name in ("messages", "hops", "executions", "decisions")},
        }
