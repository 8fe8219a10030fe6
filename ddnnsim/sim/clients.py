"""Clients in a closed loop: each thinks, asks, waits for what becomes of its request, and thinks again."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING

from simpy.events import Event

from ddnnsim.seeds import stream
from ddnnsim.sim import rules
from ddnnsim.sim.draws import in_turn
from ddnnsim.sim.happening import Happening, Inbox
from ddnnsim.sim.request import Request
from ddnnsim.sim.workload import REPORT_EVERY, Capture

if TYPE_CHECKING:
    from ddnnsim.deployment import ClosedLoop
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.outcome import Outcome
    from ddnnsim.sim.workload import Sensors


class Clients:
    """All clients together: they ask for one sample after another, until there are no more."""

    def __init__(
        self,
        clock: Clock,
        plan: ClosedLoop,
        seed: int,
        sensing: Sensors,
        entities: int,
        outcome: Outcome,
        progress: Callable[[int, int], None],
    ) -> None:
        self.clock = clock
        self.samples = plan.samples
        self.sensing = sensing
        self.entities = entities
        self.outcome = outcome
        self.progress = progress
        self._asked = 0
        self._thoughts: dict[int, Happening] = {}  # by client that thinks
        self._waiting: dict[int, Inbox] = {}  # by request that is not over, of its client
        for number in range(plan.clients):
            thoughts = in_turn(partial(plan.think.draw_ns, stream(seed, f"think/{number + 1}")), int)
            clock.process(self.live(number, thoughts))

    def live(self, client: int, thoughts: Iterator[int]) -> Generator[Event, None, None]:
        """Live as *client*: think, let every device capture, wait for what becomes of it, and think again."""
        clock, moment, news = self.clock, Inbox(self.clock), Inbox(self.clock)
        while self._asked < len(self.samples):
            key = rules.key(rules.CAPTURE, client)
            thought = self._thoughts[client] = Happening(clock)
            clock.arrange(thought, (moment,), key, next(thoughts))
            yield moment
            del self._thoughts[client]
            request = self._ask()
            self._waiting[request.id] = news
            for section, inbox in self.sensing:
                capture = Capture(request, section)
                if section is not self.sensing[0][0]:
                    clock.arrange(capture, (moment,), rules.key(rules.CAPTURE, client, section.entity), 0)
                    yield moment
                inbox(capture)
            if request.id in self._waiting:
                yield news

    def hear(self, request: Request) -> None:
        """Let the client that waits for *request* know that it need not wait any more."""
        self._waiting.pop(request.id)(Happening(self.clock))

    def _ask(self) -> Request:
        """Return the next request, which is captured now; after the last one nobody thinks any more."""
        number, self._asked = self._asked, self._asked + 1
        total = len(self.samples)
        if not number % REPORT_EVERY:
            self.progress(number, total)
        if self._asked == total:
            self.clock.withdraw(*self._thoughts.values())
            self.progress(total, total)
        sample = int(self.samples[number])
        request = Request(number, sample, self.entities)
        self.outcome.capture(request)
        return request
