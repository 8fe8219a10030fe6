"""The processor of a node, and the plain one: jobs in FIFO order on one or more servers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from ddnnsim.sim.happening import Happening

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.request import Request


class Work(Protocol):
    """What a processor can be asked to do for a request."""

    entity: int
    """The section's id, or the number of sections plus the exit's id."""
    service_ns: int
    services: Iterator[int] | None
    """From which the service of each job is drawn, in ns; None: it is always `service_ns`."""
    key: int
    """Its completion's key, but for the request."""

    def finish(self, request: Request) -> None:
        """Do what follows from the work on *request*, at the instant of its completion."""

    def fail(self, request: Request) -> None:
        """Do what follows from it that the work on *request* will never be complete."""


class Job(Happening):
    """A work for a request; it happens at the instant of its completion."""

    def __init__(self, request: Request, work: Work) -> None:
        self.request = request
        self.work = work


class Processor:
    """Servers that take jobs in the order in which they came, and an account of what they have done."""

    dead = False
    refuses = False
    """Whether it is down, has lost all, and refuses every job."""
    """Whether its node is down, and takes nothing in."""
    life = 0
    """How often its node has crashed and lost its work."""
    lost = 0
    refused = 0

    def __init__(self, clock: Clock, servers: int, inbox: Inbox) -> None:
        self.clock = clock
        self.servers = servers
        self.inbox = (inbox,)
        self.busy = 0
        self.jobs = 0
        self.queue_max = 0
        self._served_ns = 0  # ends less starts of the spells in which servers were busy

    def submit(self, request: Request, work: Work) -> None:
        """Queue the job *work* for *request*; it starts at once when a server is free."""
        raise NotImplementedError

    def complete(self, job: Job) -> None:
        """Free the server of *job*, which is done, for the next one; then let the job take effect."""
        raise NotImplementedError

    def waiting(self) -> int:
        """Return how many jobs wait."""
        raise NotImplementedError

    def serving(self) -> int:
        """Return how many jobs are in service."""
        raise NotImplementedError

    def busy_ns(self) -> int:
        """Return how long the servers have been busy until now, all added up."""
        return self._served_ns + self.busy * self.clock.now


class PlainProcessor(Processor):
    """A processor of fixed services, with a queue without end and no record of its jobs."""

    def __init__(self, clock: Clock, servers: int, inbox: Inbox) -> None:
        super().__init__(clock, servers, inbox)
        self.queue: deque[Job] = deque()

    def submit(self, request: Request, work: Work) -> None:
        """Queue the job *work* for *request*; it starts at once when a server is free."""
        job = Job(request, work)
        if self.busy < self.servers:
            self.busy += 1
            self._served_ns -= self.clock.now
            self._start(job)
        else:
            self.queue.append(job)
            self.queue_max = max(self.queue_max, len(self.queue))

    def complete(self, job: Job) -> None:
        """Free the server of *job*, which is done, for the next one; then let the job take effect."""
        self.jobs += 1
        if self.queue:
            self._start(self.queue.popleft())
        else:
            self.busy -= 1
            self._served_ns += self.clock.now
        job.work.finish(job.request)

    def waiting(self) -> int:
        """Return how many jobs wait."""
        return len(self.queue)

    def serving(self) -> int:
        """Return how many jobs are in service."""
        return self.busy

    def _start(self, job: Job) -> None:
        work = job.work
        self.clock.arrange(job, self.inbox, job.request.key + work.key, work.service_ns)
