"""A node: the living process to which captures, messages and completions happen."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from ddnnsim.sim.failure import give_up
from ddnnsim.sim.message import Message
from ddnnsim.sim.processor import Job

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.condition import Condition
    from ddnnsim.sim.downtime import Downtime
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.memory import Memory
    from ddnnsim.sim.power import Battery, Meter
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.station import Station
    from ddnnsim.sim.workload import Capture


class Node:
    """A device, a gateway, an edge or a cloud: what it does follows from the sections and exits on it."""

    lost = 0
    """Messages that arrived when it was down."""
    blind = 0
    """Captures that came when it was down, and sensed nothing."""
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
        """Return how long it has been down at *end_ns*."""
        return 0


class MortalNode(Node):
    """A node that is down at times, or for good when its battery is empty: what happens to it then comes to nothing."""

    def __init__(self, clock: Clock, inbox: Inbox, processor: Station, number: int, condition: Condition) -> None:
        super().__init__(clock, inbox, processor)
        self.station = processor
        self.number = number
        self.condition = condition
        self._battery: Battery | None = None
        self._downtime: Downtime | None = None

    def run_on(self, battery: Battery) -> None:
        """Die when *battery* is empty."""
        self._battery = battery
        battery.empty = self._die

    def crash_in(self, downtime: Downtime) -> None:
        """Be down whenever *downtime* says so."""
        self._downtime = downtime
        downtime.when_failed.append(self._crash)
        downtime.when_lost.append(self._lose)
        downtime.when_recovered.append(self._recover)

    def live(self) -> Generator[Inbox, Message | Job | Capture, None]:
        """Live: wait for what happens here next, pass it on or deal with it, and wait again, even when it is down."""
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
        """Return how long it has been down at *end_ns*."""
        died_ns = end_ns if self._spent_ns is None else self._spent_ns
        return end_ns - died_ns + (0 if self._downtime is None else self._downtime.hold.held_ns(died_ns))

    @property
    def _spent_ns(self) -> int | None:
        """Return when its battery was empty, if it is."""
        return None if self._battery is None else self._battery.empty_ns

    def _die(self) -> None:
        self.station.go_down(refuses=True)
        self.condition.node_fails(self.number)
        self.station.lose_all()

    def _crash(self) -> None:
        assert self._downtime is not None
        if self._spent_ns is None:
            self.station.go_down(self._downtime.loses)
            self.condition.node_fails(self.number)

    def _lose(self) -> None:
        if self._spent_ns is not None:  # there is nothing left to lose
            return
        self.station.life += 1
        self.station.lose_all()
        if self.memory is not None:
            self.memory.clear()

    def _recover(self) -> None:
        if self._spent_ns is None:
            self.station.go_up()
            self.condition.node_recovers(self.number)
