"""A run: the load comes, things happen in their order, and all is written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ddnnsim.deployment import ClosedLoop, Deployment
from ddnnsim.oracle import Oracle
from ddnnsim.policy import Policy
from ddnnsim.policy.making import make
from ddnnsim.recovery import PolicyPlan

from . import looks
from .agenda import CAPTURE, NEVER, Agenda
from .conditions import Conditions
from .draws import Stream
from .knowledge import Knowledge
from .levels import Levels
from .machines import Machine
from .network import Network
from .outages import Outages
from .routes import Routes
from .sensors import Sensors
from .sites import Sites
from .spells import Span, Spells
from .wires import KINDS


def expected(deployment: Deployment, oracle: Oracle, policies: Callable[[PolicyPlan], Policy] = make) -> dict[str, Any]:
    """Return what must happen: `requests`, `links`, `nodes`, and `end_ns`; each but the last a dict a row.

    So are `messages`, `hops`, `executions` and `decisions`: every message on record; and `sections` and `exits`.
    With faults there are `faults`, with windows `queues`.
    """
    return _World(deployment, oracle, policies).run()


class _World:
    def __init__(self, deployment: Deployment, oracle: Oracle, policies: Callable[[PolicyPlan], Policy]) -> None:
        self.d = deployment
        self.agenda = Agenda()
        self.executions: list[dict[str, Any]] = []
        self.spells = Spells(deployment)
        conditions = Conditions(deployment, self.spells)
        self.knowledge = Knowledge(self.agenda, deployment.recovery.delay_ns, self.look)
        self.machines = [
            Machine(i, plan, self.agenda, conditions.speed(i), self.executions, self.forget, self.cancels)
            for i, plan in enumerate(deployment.machines)
        ]
        routes, sites = Routes(deployment, self.knowledge), Sites(deployment, self.knowledge)
        self.network = Network(
            deployment, self.agenda, self.machines, conditions, routes, lambda number: self.levels.is_over(number)
        )
        sensors = Sensors(deployment, self.spells, self.agenda)
        self.levels = Levels(
            deployment, oracle, self.agenda, self.machines, self.network, sites, sensors, policies, self.is_over
        )
        Outages(deployment, self.spells, conditions, self.agenda, self.machines, self.network, self.changed)
        self.looks = looks.Looks(deployment, self.agenda, self.machines, self.network)
        self.sensing = {i for i, s in enumerate(deployment.sections) if s.view is not None}
        self.users: dict[int, int] = {}
        """By request, who asked, from 0."""
        self.thoughts: list[Stream] = []
        self.asking: dict[int, Any] = {}
        """By user, the place at which he asks."""
        self.waited_for: dict[int, set[int | None]] = {}
        """By request, what its user waits for: captures by section, and whatever becomes of it."""

    # what goes wrong

    def look(self) -> tuple[frozenset[int], frozenset[int]]:
        """Return the nodes that are down, and the links that lose what they are given."""
        nodes = frozenset(m.number for m in self.machines if not m.alive)
        return nodes, frozenset(w.number for w in self.network.wires if w.loses)

    def forget(self, machine: int) -> None:
        self.levels.forget(machine)
        if self.machines[machine].is_empty:
            self.changed(down=machine)

    def cancels(self, request: int) -> bool:
        return self.d.recovery.cancel and self.levels.is_over(request)

    def changed(self, down: int | None = None, up: int | None = None) -> None:
        """Take note that something went down, or came up: maybe a node."""
        self.knowledge.changes()
        if down is not None:
            self.levels.beats.goes_down(down)
        if up is not None:
            self.levels.beats.comes_up(up)

    def run(self) -> dict[str, Any]:
        if isinstance(self.d.workload, ClosedLoop):
            for user in range(self.d.workload.clients):
                self.thoughts.append(Stream(self.d.seed, f"think/{user + 1}"))
            for user in range(self.d.workload.clients):
                self.thinks(user)
        else:
            self.load()
        self.agenda.run(self.d.until_ns)
        return self.accounts()

    # a load that is given

    def load(self) -> None:
        workload = self.d.workload
        if workload.captures is None:
            of_request = [(at, k, i) for k, at in enumerate(workload.captured_ns.tolist()) for i in self.sensing]
        else:
            columns = (workload.captures.at_ns, workload.captures.requests, workload.captures.sections)
            of_request = list(zip(*(column.tolist() for column in columns), strict=True))
        for at, request, section in of_request:
            sensing = {i for _, k, i in of_request if k == request}
            self.agenda.enter(
                at, CAPTURE, request, section, act=lambda k=request, i=section, all_=sensing: self.capture(k, i, all_)
            )

    def capture(self, request: int, section: int, sensing: set[int]) -> None:
        if request not in self.levels.requests:
            self.levels.opens(request, int(self.d.workload.samples[request]), sensing)
        self.levels.captured(request, section)

    # clients that wait

    def thinks(self, user: int) -> None:
        at = self.agenda.now + self.thoughts[user].duration_ns(self.d.workload.think)
        self.asking[user] = self.agenda.enter(at, CAPTURE, user, 0, act=lambda: self.asks(user))

    def asks(self, user: int) -> None:
        request = len(self.users)
        self.users[request] = user
        self.levels.opens(request, int(self.d.workload.samples[request]), self.sensing)
        if len(self.users) == len(self.d.workload.samples):
            for place in self.asking.values():  # nobody asks any more
                self.agenda.strike(place)
        self.waited_for[request] = {None, *self.sensing}
        first, *others = sorted(self.sensing)
        for section in others:
            self.agenda.enter(self.agenda.now, CAPTURE, user, section, act=lambda i=section: self.sees(request, i))
        self.sees(request, first)

    def sees(self, request: int, section: int) -> None:
        self.levels.captured(request, section)
        self.is_there(request, section)

    def is_over(self, request: int) -> None:
        if isinstance(self.d.workload, ClosedLoop):
            self.is_there(request, None)

    def is_there(self, request: int, what: int | None) -> None:
        """Let the user think again, where he waits for nothing more of *request*."""
        self.waited_for[request].discard(what)
        if not self.waited_for[request] and len(self.users) < len(self.d.workload.samples):
            self.thinks(self.users[request])

    # accounts

    def accounts(self) -> dict[str, Any]:
        until = self.d.until_ns
        end_ns = self.agenda.last_ns if until is None else until

        def sum_within(spans: list[Span]) -> int:
            """Return how much of *spans* is before the end of the run."""
            return sum(max(0, min(end, end_ns) - start) for start, end in spans if start < end_ns)

        links = [
            {
                "link": wire.number,
                "source": wire.link.source,
                "target": wire.link.target,
                "messages": wire.messages,
                **{f"{kind}_bytes": wire.bytes[kind] for kind in KINDS},
                "header_bytes": wire.header_bytes,
                "resent_bytes": wire.resent_bytes,
                "dropped_bytes": wire.dropped_bytes,
                "busy_ns": sum_within(_union([*wire.busy, *(t.span for t in lane.carried if t.wire is wire)])),
                "down_ns": sum_within(wire.down),
                "queue_max": lane.queue_max,
                "lost": wire.lost,
                "dropped": wire.dropped,
            }
            for wire, lane in zip(self.network.wires, self.network.lanes, strict=True)
        ]
        nodes = []
        captured, sent = self.levels.sections.captures, self.network.origin_bytes
        for machine, captures, origin_bytes in zip(self.machines, captured, sent, strict=True):
            running = [(batch.start_ns, NEVER) for batch in machine.running]
            used_fj = machine.meter.read(end_ns)
            nodes.append(
                {
                    "node": machine.number,
                    "tier": machine.plan.tier,
                    "servers": machine.plan.servers,
                    "jobs": machine.jobs,
                    "busy_ns": sum_within(machine.busy + running),
                    "queue_max": machine.queue_max,
                    "captures": captures,
                    "origin_bytes": origin_bytes,
                    "lost": machine.lost,
                    "refused": machine.refused,
                    "down_ns": sum_within(machine.down),
                    "memory_max_bytes": None if machine.plan.memory is None else machine.memory_max,
                    "energy_j": None if used_fj is None else used_fj / 10**15,
                }
            )
        requests = self.levels.requests
        beside: dict[str, Any] = {}
        if self.d.faults:
            beside["faults"] = looks.faults(self.d, self.spells, end_ns)
        if self.d.window_ns is not None:
            beside["queues"] = [row for row in self.looks.rows if row["at_ns"] < end_ns]
        return {
            **beside,
            "requests": [requests[k].row for k in range(len(requests))],
            "links": links,
            "nodes": nodes,
            "end_ns": end_ns,
            "messages": self.network.messages,
            "hops": self.network.records(end_ns),
            "executions": self.executions,
            "decisions": self.levels.fates.decisions,
            "sections": [
                {"section": i, "level": s.level, "node": s.machine, "exit": s.exit, "parent": s.parent, "view": s.view}
                for i, s in enumerate(self.d.sections)
            ],
            "exits": [
                {
                    "exit": i,
                    "level": e.level,
                    "node": e.machine,
                    "section": e.sections[0] if e.service_ns is None else None,
                    "coordinator": e.coordinator,
                    "rule": e.rule,
                    "threshold": e.threshold,
                }
                for i, e in enumerate(self.d.exits)
            ],
        }


def _union(spans: list[Span]) -> list[Span]:
    """Return *spans*, which begin in order, without what is in two of them."""
    apart: list[Span] = []
    for start, end in spans:
        begin = max(start, apart[-1][1]) if apart else start
        if begin < end:
            apart.append((begin, end))
    return apart
