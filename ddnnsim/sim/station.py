"""A processor with all that a machine can have: drawn services, a queue that is full, an end, and a record."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from ddnnsim.sim import rules
from ddnnsim.sim.failure import give_up
from ddnnsim.sim.happening import Happening
from ddnnsim.sim.processor import Job, Processor
from ddnnsim.sim.rules import NEVER

if TYPE_CHECKING:
    from ddnnsim.deployment import Machine
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.pace import Pace
    from ddnnsim.sim.power import Meter
    from ddnnsim.sim.processor import Work
    from ddnnsim.sim.request import Request
    from ddnnsim.trace import Recorder


class Task:
    """A job from its queueing on."""

    __slots__ = ("queued_ns", "request", "row", "work")

    def __init__(self, request: Request, work: Work, row: int, queued_ns: int) -> None:
        self.request = request
        self.work = work
        self.row = row
        """In the table of executions, where there is one."""
        self.queued_ns = queued_ns


class Run(Job):
    """Tasks that are done together; it happens at the instant of their completion, in the place of the first."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        super().__init__(tasks[0].request, tasks[0].work)
        self.tasks = tasks


class Rising(Happening):
    """The instant at which a node has recovered, and with it a job of no service is complete."""

    def __init__(self, run: Run) -> None:
        self.run = run


class Station(Processor):
    """A processor that may draw services, refuse jobs, be slow, metered and down, and that notes each job."""

    prompt = True
    """Whether a job that finds a server free, and nobody waiting, starts at once."""

    def __init__(
        self,
        clock: Clock,
        number: int,
        plan: Machine,
        sections: int,
        inbox: Inbox,
        recorder: Recorder,
        meter: Meter | None,
        pace: Pace,
    ) -> None:
        super().__init__(clock, plan.servers, inbox)
        self.number = number
        """Of the node."""
        self.sections = sections
        """How many there are: the entities above are exits."""
        self.recorder = recorder
        self.meter = meter
        self.pace = pace
        self.limit = inf if plan.queue_limit is None else plan.queue_limit
        """The most jobs that wait."""
        self.queue: deque[Task] = deque()
        self._rising_key = rules.key(rules.RECOVERY, entity=number, kind=2)
        self._running: dict[Run, Happening | None] = {}  # what is arranged of each; None: it will never be complete

    def submit(self, request: Request, work: Work) -> None:
        """Queue the job *work* for *request*, if there is a place; it starts at once when it can."""
        now, entity = self.clock.now, work.entity
        section = entity if entity < self.sections else None
        exit_ = None if section is not None else entity - self.sections
        task = Task(request, work, self.recorder.queued(request.id, section, exit_, self.number, now), now)
        if self.refuses:
            self._refuse(task)
            return
        queue = self.queue
        if self.prompt and not queue and self.busy < self.servers:
            self._start(Run((task,)))
            return
        queue.append(task)
        self._start_all()
        if not queue:
            return
        if len(queue) > self.limit and queue[-1] is task:
            self._refuse(queue.pop())
        self.queue_max = max(self.queue_max, len(queue))

    def complete(self, job: Job) -> None:
        """Free the server of *job*, which is done, for the next one; then let its tasks take effect in order."""
        assert isinstance(job, Run)
        del self._running[job]
        self.jobs += len(job.tasks)
        self._occupy(-1)
        if self.queue:
            self._start_all()
        for task in job.tasks:
            self._finish(task)

    def go_down(self, refuses: bool) -> None:
        """Be down from now on; jobs that come are queued, or refused if *refuses*."""
        self.dead, self.refuses = True, refuses
        if self.meter is not None:
            self.meter.turn_off()

    def go_up(self) -> None:
        """Be down no more."""
        self.dead = self.refuses = False
        if self.meter is not None:
            self.meter.turn_on(self.busy)

    def lose_all(self) -> None:
        """Lose all jobs."""
        self._occupy(-self.busy)
        tasks = list(self.queue)
        for task in tasks:  # as they were accepted, they have drawn their services
            self._service_ns((task,))
        self.queue.clear()
        for run, arranged in self._running.items():
            if arranged is not None:
                self.clock.withdraw(arranged)
            tasks += run.tasks
        self._running.clear()
        for task in tasks:
            self.lost += 1
            self.recorder.gone(task.row)
            give_up(self.clock, task.request, task.work)

    def waiting(self) -> int:
        """Return how many jobs wait."""
        return len(self.queue)

    def serving(self) -> int:
        """Return how many jobs are in service."""
        return sum(len(run.tasks) for run in self._running)

    def _start_all(self) -> None:
        """Start all that can start now."""
        while self.queue and self.busy < self.servers and (tasks := self._next()):
            self._start(Run(tasks))

    def _next(self) -> Sequence[Task]:
        """Take the tasks that are done next out of the queue, where there are some; none if they cannot start yet."""
        return (self.queue.popleft(),)

    def _finish(self, task: Task) -> None:
        """Let *task*, which is complete, take effect."""
        task.work.finish(task.request)

    def _start(self, run: Run) -> None:
        clock, now = self.clock, self.clock.now
        self._occupy(1)
        service_ns = self._service_ns(run.tasks)
        end_ns = self.pace.end_ns(now, service_ns)
        for task in run.tasks:
            self.recorder.started(task.row, now, end_ns, len(run.tasks))
        if end_ns == now + service_ns:
            self._complete_in(run, service_ns)
        elif end_ns == NEVER:
            self._running[run] = None
        elif self.pace.is_recovery(end_ns):
            rising = self._running[run] = Rising(run)
            clock.arrange(rising, (self._rise,), self._rising_key, end_ns - now)
        else:
            self._complete_in(run, end_ns - now)

    def _complete_in(self, run: Run, delay_ns: int) -> None:
        self._running[run] = run
        self.clock.arrange(run, self.inbox, run.request.key + run.work.key, delay_ns)

    def _rise(self, rising: Rising) -> None:
        self._complete_in(rising.run, 0)

    def _service_ns(self, tasks: Sequence[Task]) -> int:
        """Return how long *tasks*, which start now, take together."""
        if len(tasks) == 1:
            work = tasks[0].work
            return work.service_ns if work.services is None else next(work.services)
        return sum(t.work.service_ns if t.work.services is None else next(t.work.services) for t in tasks)

    def _refuse(self, task: Task) -> None:
        self.refused += 1
        self.recorder.refused(task.row)
        give_up(self.clock, task.request, task.work)

    def _occupy(self, servers: int) -> None:
        """Let so many *servers* more be busy from now on."""
        self.busy += servers
        self._served_ns -= servers * self.clock.now
        if self.meter is not None:
            self.meter.load(self.busy)
