"""The workload: processes that let devices capture their views of requests."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Protocol

from simpy.events import Event

from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening, Inbox
from ddnnsim.sim.request import Request

if TYPE_CHECKING:
    from ddnnsim.deployment import Workload as WorkloadPlan
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.outcome import Outcome

REPORT_EVERY = 1000
"""So many requests."""


class Sensing(Protocol):
    """A section or sensor that senses a view."""

    entity: int
    key: int
    """Its completion's key, but for the request."""

    def capture(self, request: Request) -> None:
        """Sense the view of *request*, and do what follows from it."""

    def fail(self, request: Request) -> None:
        """Let those who wait for it know that it has sensed nothing."""


Sensors = Sequence[tuple[Sensing, Inbox]]
"""Who senses, in the order of numbers, with the inbox of its node."""


class Capture(Happening):
    """The instant at which a section or sensor senses its view of a request."""

    def __init__(self, request: Request, section: Sensing) -> None:
        self.request = request
        self.section = section


class Workload:
    """All that sense do so at the time of each request.

    Chained captures: only the next one is ever scheduled, so the heap stays as small as what is under way.
    """

    def __init__(
        self,
        clock: Clock,
        plan: WorkloadPlan,
        sensing: Sensors,
        entities: int,
        outcome: Outcome,
        progress: Callable[[int, int], None],
    ) -> None:
        self.clock = clock
        self.plan = plan
        self.sensing = sensing
        self.entities = entities
        self.outcome = outcome
        self.progress = progress
        clock.process(self.live())

    def live(self) -> Generator[Event, None, None]:
        """Live: at the time of each request, and in its place among all that happens then, let each device capture."""
        clock = self.clock
        keys = [rules.key(rules.CAPTURE, entity=section.entity) for section, _ in self.sensing]
        moment = Inbox(clock)
        times, samples = self.plan.captured_ns, self.plan.samples
        for number in range(len(times)):
            if not number % REPORT_EVERY:
                self.progress(number, len(times))
            at_ns, sample = int(times[number]), int(samples[number])
            request = Request(number, sample, self.entities)
            for (section, inbox), key in zip(self.sensing, keys, strict=True):
                # Where nothing else is left at this instant, nothing can come between: no event is needed.
                capture = Capture(request, section)
                if clock.now < at_ns or clock.peek() <= at_ns:
                    clock.arrange(capture, (moment,), request.key + key, at_ns - clock.now)
                    yield moment
                if section is self.sensing[0][0]:
                    self.outcome.capture(request)
                inbox(capture)
        self.progress(len(times), len(times))
