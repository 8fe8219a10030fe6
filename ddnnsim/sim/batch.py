"""Batches: jobs of one section that are done together, and the time that they give each other to come."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening
from ddnnsim.sim.station import Station, Task

if TYPE_CHECKING:
    from ddnnsim.deployment import Batching, Machine
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.pace import Pace
    from ddnnsim.sim.power import Meter
    from ddnnsim.sim.processor import Work
    from ddnnsim.sim.request import Request
    from ddnnsim.trace import Recorder


class Patience(Happening):
    """The instant at which the first job of the queue has waited long enough."""

    def __init__(self, task: Task) -> None:
        self.task = task


class BatchStation(Station):
    """A station where the job that has waited longest is done with others of its section, or waits for them."""

    prompt = False

    def __init__(
        self,
        clock: Clock,
        number: int,
        plan: Machine,
        batching: Batching,
        sections: int,
        inbox: Inbox,
        recorder: Recorder,
        meter: Meter | None,
        pace: Pace,
    ) -> None:
        super().__init__(clock, number, plan, sections, inbox, recorder, meter, pace)
        self.batching = batching
        self._patience: Patience | None = None
        self._spent = False  # whether the patience that ends at this instant has ended
        self._key = rules.key(rules.TIMEOUT, entity=number)

    def submit(self, request: Request, work: Work) -> None:
        """Queue the job *work* for *request*, if there is a place; it starts at once when it can."""
        super().submit(request, work)
        self._watch()

    def lose_all(self) -> None:
        """Lose all jobs."""
        super().lose_all()
        self._watch()

    def _start_all(self) -> None:
        super()._start_all()
        self._watch()

    def _next(self) -> Sequence[Task]:
        first = self.queue[0]
        if self._decides(first):
            return (self.queue.popleft(),)
        together = list(islice((task for task in self.queue if task.work is first.work), self.batching.limit))
        if len(together) < self.batching.limit and not self._ripe(first):
            return ()
        self._take_out(together)
        return together

    def _service_ns(self, tasks: Sequence[Task]) -> int:
        service_ns = super()._service_ns(tasks)
        if self._decides(tasks[0]):
            return service_ns
        numerator, denominator = self.batching.costs[len(tasks) - 1]
        return -(-service_ns * numerator // denominator)

    def _decides(self, task: Task) -> bool:
        """Tell whether *task* is the decision of an exit."""
        return task.work.entity >= self.sections

    def _take_out(self, tasks: Sequence[Task]) -> None:
        """Take *tasks*, in order and the first of them first, out of the queue."""
        others = []
        for task in tasks:
            while (other := self.queue.popleft()) is not task:
                others.append(other)
        self.queue.extendleft(reversed(others))

    def _ripe(self, task: Task) -> bool:
        """Tell whether *task* has waited long enough: at the very instant only in the happening that says so."""
        end_ns, now = task.queued_ns + self.batching.wait_ns, self.clock.now
        return end_ns < now or (end_ns == now and self._spent)

    def _watch(self) -> None:
        """Let the patience of the first job of the queue have its end, where a server is free for it."""
        first = self.queue[0] if self.queue else None
        if self._patience is not None and self._patience.task is not first:
            self.clock.withdraw(self._patience)
            self._patience = None
        if first is None or self._patience is not None or self.busy == self.servers:
            return
        self._patience = Patience(first)
        delay_ns = first.queued_ns + self.batching.wait_ns - self.clock.now
        self.clock.arrange(self._patience, (self._lose_patience,), self._key, delay_ns)

    def _lose_patience(self, patience: Patience) -> None:
        self._patience = None
        self._spent = True
        self._start_all()
        self._spent = False
