"""A node: its jobs and batches, its memory, its power and its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ddnnsim import deployment
from ddnnsim.deployment import Power

from .agenda import BATTERY, COMPLETION, PATIENCE, Agenda, Place
from .courses import up

Act = Callable[[], None]


class Meter:
    """What a node draws, in fJ, and when that empties its battery."""

    def __init__(self, agenda: Agenda, machine: int, power: Power | None, dies: Act) -> None:
        self._agenda = agenda
        self._machine = machine
        self._power = power
        self._dies = dies
        self._busy = 0
        self._since = 0
        self._end: Place | None = None
        self.used_fj = 0
        self.expect_the_end()

    def sends(self, size_bytes: int) -> None:
        if self._power is not None:
            self._spend(size_bytes * self._power.send_fj_per_byte)

    def receives(self, size_bytes: int) -> None:
        if self._power is not None:
            self._spend(size_bytes * self._power.receive_fj_per_byte)

    def computes(self, servers: int) -> None:
        """Take note of how many servers are busy from now on."""
        self.read(self._agenda.now)
        self._busy = servers
        self.expect_the_end()

    def read(self, now: int) -> int | None:
        """Return the energy used until *now*; None of who draws nothing that is known."""
        if self._power is None:
            return None
        self.used_fj += self._draw() * (now - self._since)
        self._since = now
        return self.used_fj

    def stop(self) -> None:
        self.read(self._agenda.now)
        self._agenda.strike(self._end)
        self._power = Power(0, 0, 0, 0, None)

    def _draw(self) -> int:
        return self._power.idle_uw + self._busy * self._power.compute_uw

    def _spend(self, fj: int) -> None:
        self.read(self._agenda.now)
        self.used_fj += fj
        self.expect_the_end()

    def expect_the_end(self) -> None:
        self._agenda.strike(self._end)
        self._end = None
        if self._power is None or self._power.battery_fj is None:
            return
        left, draw = self._power.battery_fj - self.used_fj, self._draw()
        if left <= 0 or draw > 0:
            at = self._agenda.now + (0 if left <= 0 else up(left, draw))
            self._end = self._agenda.enter(at, BATTERY, 0, self._machine, act=self._dies, keeps_going=False)


@dataclass(eq=False)
class Job:
    request: int
    entity: int
    section: int | None
    exit: int | None
    service_ns: int
    takes_effect: Act
    never: Act
    """What happens in the place of its completion where it is known never to be complete."""
    row: dict[str, Any]


@dataclass(eq=False)
class Batch:
    jobs: list[Job]
    start_ns: int
    place: Place


class Machine:
    def __init__(
        self,
        number: int,
        plan: deployment.Machine,
        agenda: Agenda,
        executions: list[dict[str, Any]],
        forget: Callable[[int], None],
    ) -> None:
        self.number = number
        self.plan = plan
        self.agenda = agenda
        self.executions = executions
        self.waiting: list[Job] = []
        self.running: list[Batch] = []
        self.alarm: Place | None = None
        self.died_ns: int | None = None
        self.held: dict[tuple[int, int], int] = {}
        """Bytes of features by (request, section)."""
        self.memory_max = 0 if plan.memory is None else plan.memory.sections_bytes
        self.busy: list[tuple[int, int]] = []
        self.jobs = self.lost = self.refused = self.queue_max = 0
        self._forget = forget
        self.meter = Meter(agenda, number, plan.power, self.dies)

    @property
    def alive(self) -> bool:
        return self.died_ns is None

    # jobs

    def queue(
        self, request: int, entity: int, section: int | None, exit_: int | None,
        service_ns: Callable[[], int], takes_effect: Act, never: Act,
    ) -> None:  # fmt: skip
        """Queue a job, or refuse it; its service is drawn only where it is accepted."""
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
        if self.alive and self._accepts(section):
            self.waiting.append(Job(request, entity, section, exit_, service_ns(), takes_effect, never, row))
            self.start()
            self.queue_max = max(self.queue_max, len(self.waiting))
        else:
            row["outcome"] = "refused"
            self.refused += 1
            self.agenda.enter(self.agenda.now, COMPLETION, request, entity, act=never)

    def _accepts(self, section: int | None) -> bool:
        limit = self.plan.queue_limit
        return limit is None or len(self.waiting) < limit or self._would_start(section)

    def _would_start(self, section: int | None) -> bool:
        """Whether a job of *section*, or a decision, would start at once: alone, or as the last of a batch."""
        if len(self.running) == self.plan.servers:
            return False
        head = self.waiting[0].section if self.waiting else section
        together = [j for j in self.waiting if j.section == head]
        return section == head and (not self._in_batches(head) or len(together) + 1 == self.plan.batching.limit)

    def _in_batches(self, section: int | None) -> bool:
        return section is not None and self.plan.batching is not None

    def start(self, waited: bool = False) -> None:
        """Start what can start; *waited* where those that waited until this very instant have waited enough."""
        self.agenda.strike(self.alarm)
        self.alarm = None
        while self.waiting and len(self.running) < self.plan.servers:
            head = self.waiting[0]
            jobs = [head]
            if self._in_batches(head.section):
                batching = self.plan.batching
                jobs = [j for j in self.waiting if j.section == head.section][: batching.limit]
                until = head.row["queued_ns"] + batching.wait_ns
                long_enough = until < self.agenda.now or (waited and until == self.agenda.now)
                if len(jobs) < batching.limit and not long_enough:
                    has_waited = lambda: self.start(waited=True)  # noqa: E731
                    self.alarm = self.agenda.enter(until, PATIENCE, 0, self.number, act=has_waited)
                    break
            self._starts(jobs)
        self.meter.computes(len(self.running))

    def _starts(self, jobs: list[Job]) -> None:
        now = self.agenda.now
        self.waiting = [j for j in self.waiting if j not in jobs]
        service_ns = sum(j.service_ns for j in jobs)
        if self._in_batches(jobs[0].section):
            numerator, denominator = self.plan.batching.costs[len(jobs) - 1]
            service_ns = up(service_ns * numerator, denominator)
        for job in jobs:
            job.row.update(start_ns=now, batch=len(jobs), outcome="running")
        batch = Batch(jobs, now, ())
        first = jobs[0]
        batch.place = self.agenda.enter(
            now + service_ns, COMPLETION, first.request, first.entity, act=lambda: self._completes(batch)
        )
        self.running.append(batch)

    def _completes(self, batch: Batch) -> None:
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

    # the end

    def dies(self) -> None:
        self.died_ns = self.agenda.now
        self.meter.stop()
        self.agenda.strike(self.alarm)
        gone = [*self.waiting]
        for batch in self.running:
            self.agenda.strike(batch.place)
            self.busy.append((batch.start_ns, self.agenda.now))
            gone += batch.jobs
        self.waiting, self.running, self.held = [], [], {}
        self.lost += len(gone)
        for job in gone:
            job.row["outcome"] = "lost"
            self.agenda.enter(self.agenda.now, COMPLETION, job.request, job.entity, act=job.never)
        self._forget(self.number)
