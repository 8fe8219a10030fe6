"""A node: the living process to which captures, messages and completions happen."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from ddnnsim.sim.failure import give_up
from ddnnsim.sim.message import Message
from ddnnsim.sim.processor import Job

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.memory import Memory
    from ddnnsim.sim.power import Battery, Meter
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.station import Station
    from ddnnsim.sim.workload import Capture


class Node:
    """A device, a gateway, an edge or a cloud: what it does follows from the sections and exits on it."""

    lost = 0
    """Messages that arrived when it was dead."""
    blind = 0
    """Captures that came when it was dead, and sensed nothing."""
    memory: Memory | None = None
    """None: room for everything."""
    meter: Meter | None = None
    """None: nobody counts what it uses."""

    def __init__(self, clock: Clock, inbox: Inbox, processor: Processor) -> None:
        self.clock = clock
        self.inbox = inbox
        self.processor = processor
        clock.process(self.live())

    def live(self) -> Generator[Inbox, Message | Job | Capture, None]:
        """Live: wait for what happens here next, pass it on or deal with it, and wait again."""
        inbox, complete = self.inbox, self.processor.complete
        while True:
            happening = yield inbox
            if isinstance(happening, Message):
                happening.move_on()
            elif isinstance(happening, Job):
                complete(happening)
            else:
                happening.section.capture(happening.request)

    def down_ns(self, end_ns: int) -> int:
        """Return how long it has been dead at *end_ns*."""
        return 0


class MortalNode(Node):
    """A node that dies for good when its battery is empty: what happens to it then comes to nothing."""

    def __init__(self, clock: Clock, inbox: Inbox, processor: Station, battery: Battery) -> None:
        super().__init__(clock, inbox, processor)
        self.meter = self.battery = battery
        battery.empty = processor.die

    def live(self) -> Generator[Inbox, Message | Job | Capture, None]:
        """Live: wait for what happens here next, pass it on or deal with it, and wait again, even after death."""
        inbox, processor = self.inbox, self.processor
        while True:
            happening = yield inbox
            if isinstance(happening, Message):
                if processor.dead:
                    self.lost += 1
                    happening.flow.miss(happening)
                else:
                    happening.move_on()
            elif isinstance(happening, Job):
                processor.complete(happening)
            elif processor.dead:
                self.blind += 1
                give_up(self.clock, happening.request, happening.section)
            else:
                happening.section.capture(happening.request)

    def down_ns(self, end_ns: int) -> int:
        """Return how long it has been dead at *end_ns*."""
        return 0 if self.battery.empty_ns is None else end_ns - self.battery.empty_ns
