"""A node: its jobs and batches, its memory, and what is left of them when it is down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ddnnsim import deployment

from .agenda import COMPLETION, NEVER, PATIENCE, RECOVERY, Agenda, Place
from .courses import Changing, first_ns, reached_ns, up
from .meters import Meter
from .spells import Span, Spell

Act = Callable[[], None]


@dataclass(eq=False)
class Job:
    request: int
    entity: int
    section: int | None
    exit: int | None
    service_ns: Callable[[], int]
    """What it takes; to ask takes a draw, where that is drawn."""
    takes_effect: Act
    never: Act
    """What happens in the place of its completion where it is known never to be complete."""
    row: dict[str, Any]


@dataclass(eq=False)
class Batch:
    jobs: list[Job]
    start_ns: int
    place: Place | None = None


class Machine:
    def __init__(
        self,
        number: int,
        plan: deployment.Machine,
        agenda: Agenda,
        speed: Changing,
        executions: list[dict[str, Any]],
        forget: Callable[[int], None],
        cancels: Callable[[int], bool],
    ) -> None:
        self.number = number
        self.plan = plan
        self.agenda = agenda
        self.speed = speed
        self.executions = executions
        self.waiting: list[Job] = []
        self.running: list[Batch] = []
        self.alarm: Place | None = None
        self.is_empty = False
        """Whether its battery is."""
        self.holds: list[Spell] = []
        """The spells in which it is down now."""
        self.work = ""
        """What becomes of its work, when it is down."""
        self.down: list[Span] = []
        """From when to when it was down."""
        self.life = 0
        """How often it has lost all that it had."""
        self.held: dict[tuple[int, int], int] = {}
        """Bytes of features by (request, section)."""
        self.memory_max = 0 if plan.memory is None else plan.memory.sections_bytes
        self.busy: list[Span] = []
        self.jobs = self.lost = self.refused = self.queue_max = 0
        self._forget = forget
        self._cancels = cancels
        """Whether a job of a request is not started."""
        self._held_up: list[Batch] = []
        """What is complete as soon as it has recovered."""
        self.meter = Meter(agenda, number, plan.power, self.dies)

    @property
    def alive(self) -> bool:
        return not self.is_empty and not self.holds

    @property
    def loses(self) -> bool:
        """Whether it is down, and what reaches it is lost."""
        return self.is_empty or (bool(self.holds) and self.work == "lose")

    # jobs

    def queue(
        self, request: int, entity: int, section: int | None, exit_: int | None,
        service_ns: Callable[[], int], takes_effect: Act, never: Act,
    ) -> None:  # fmt: skip
        """Queue a job, or refuse it."""
        row = {
            "request": request,
            "section": section,
            "exit": exit_,
            "node": self.number,
            "queued_ns": self.agenda.now,
            "start_ns": None,
            "end_ns": None,
            "batch": 1,
            "outcome": "queued",
        }
        self.executions.append(row)
        job = Job(request, entity, section, exit_, service_ns, takes_effect, never, row)
        if not self.loses:
            self.waiting.append(job)
            self.start()
        limit = self.plan.queue_limit
        waits = job in self.waiting
        if self.loses or (waits and limit is not None and len(self.waiting) > limit):
            if waits:
                self.waiting.remove(job)
                self.start()  # it is not waited for
            row["outcome"] = "refused"
            self.refused += 1
            self.agenda.enter(self.agenda.now, COMPLETION, request, entity, act=never)
        self.queue_max = max(self.queue_max, len(self.waiting))

    def _in_batches(self, section: int | None) -> bool:
        return section is not None and self.plan.batching is not None

    def start(self, waited: bool = False) -> None:
        """Start what can start; *waited* where those that waited until this very instant have waited enough."""
        self.agenda.strike(self.alarm)
        self.alarm = None
        while self.waiting and len(self.running) < self.plan.servers:
            head = self.waiting[0]
            if self._cancels(head.request):
                self._cancel([head])
                continue
            jobs = [head]
            if self._in_batches(head.section):
                batching = self.plan.batching
                together = [j for j in self.waiting if j.section == head.section]
                self._cancel([j for j in together if self._cancels(j.request)])
                jobs = [j for j in together if j in self.waiting][: batching.limit]
                until = head.row["queued_ns"] + batching.wait_ns
                long_enough = until < self.agenda.now or (waited and until == self.agenda.now)
                if len(jobs) < batching.limit and not long_enough:
                    has_waited = lambda: self.start(waited=True)  # noqa: E731
                    self.alarm = self.agenda.enter(until, PATIENCE, 0, self.number, act=has_waited)
                    break
            self._starts(jobs)
        self.meter.computes(len(self.running))

    def _cancel(self, jobs: list[Job]) -> None:
        self.waiting = [j for j in self.waiting if j not in jobs]
        for job in jobs:
            job.row["outcome"] = "cancelled"

    def _starts(self, jobs: list[Job]) -> None:
        now = self.agenda.now
        self.waiting = [j for j in self.waiting if j not in jobs]
        service_ns = sum(j.service_ns() for j in jobs)
        if self._in_batches(jobs[0].section):
            numerator, denominator = self.plan.batching.costs[len(jobs) - 1]
            service_ns = up(service_ns * numerator, denominator)
        for job in jobs:
            job.row.update(start_ns=now, batch=len(jobs), outcome="running")
        batch = Batch(jobs, now)
        self.running.append(batch)
        end = reached_ns(self.speed, now, service_ns * 10**9)
        if service_ns == 0:
            end = first_ns(lambda at: self.speed.at(at) > 0, self.speed.next_change, now)
        if end != NEVER:
            self._expect(batch, end)

    def _expect(self, batch: Batch, end_ns: int) -> None:
        first = batch.jobs[0]
        batch.place = self.agenda.enter(
            end_ns, COMPLETION, first.request, first.entity, act=lambda: self._completes(batch)
        )

    def _completes(self, batch: Batch) -> None:
        if self.holds:  # until it has recovered, at this very instant
            if not self._held_up:
                self.agenda.enter(self.agenda.now, RECOVERY, 0, self.number, 0, 0, 1, act=self._goes_on)
            self._held_up.append(batch)
            return
        now = self.agenda.now
        self.running.remove(batch)
        self.busy.append((batch.start_ns, now))
        self.jobs += len(batch.jobs)
        for job in batch.jobs:
            job.row.update(end_ns=now, outcome="complete")
        self.start()
        for job in batch.jobs:
            job.takes_effect()

    # memory

    def keeps(self, request: int, section: int, size: int) -> bool:
        """Whether there is room for these features; then they are held."""
        if self.plan.memory is None:
            return True
        used = self.plan.memory.sections_bytes + sum(self.held.values()) + size
        if used > self.plan.memory.size_bytes:
            return False
        self.held[request, section] = size
        self.memory_max = max(self.memory_max, used)
        return True

    def releases(self, request: int, section: int) -> None:
        self.held.pop((request, section), None)

    # the end, for a while or for good

    def dies(self) -> None:
        """Be down for good: the battery is empty."""
        if not self.holds:
            self.down.append((self.agenda.now, NEVER))
        self.is_empty = True
        self.meter.off()
        self._lose()

    def crashes(self, spells: list[tuple[Spell, str]], work: str) -> None:
        """Be down in *spells*, each with what becomes of work; where one of them loses it, lose all.

        *work* says what becomes of what comes from now on, where it has been up.
        """
        if self.alive:
            self.down.append((self.agenda.now, NEVER))
            self.meter.off()
        if not self.holds:
            self.work = work
        self.holds += [spell for spell, _ in spells]
        if any(work == "lose" for _, work in spells):
            self._lose()

    def recovers(self, spells: list[Spell]) -> None:
        """Be up again, where these were the last spells that held it down."""
        self.holds = [hold for hold in self.holds if hold not in spells]
        if self.holds or self.is_empty:
            return
        self.down[-1] = (self.down[-1][0], self.agenda.now)
        self.meter.on()

    def _goes_on(self) -> None:
        held_up, self._held_up = self._held_up, []
        for batch in held_up:
            self._expect(batch, self.agenda.now)

    def _lose(self) -> None:
        self.agenda.strike(self.alarm)
        gone = [*self.waiting]
        for job in gone:
            job.service_ns()  # its draw is taken
        for batch in self.running:
            self.agenda.strike(batch.place)
            self.busy.append((batch.start_ns, self.agenda.now))
            gone += batch.jobs
        self.waiting, self.running, self.held, self._held_up = [], [], {}, []
        self.meter.computes(0)
        self.lost += len(gone)
        self.life += 1
        for job in gone:
            job.row["outcome"] = "lost"
            self.agenda.enter(self.agenda.now, COMPLETION, job.request, job.entity, act=job.never)
        self._forget(self.number)
