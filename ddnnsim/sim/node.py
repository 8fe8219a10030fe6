"""A node: the living process to which captures, messages and completions happen."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from ddnnsim.sim.message import Message
from ddnnsim.sim.processor import Job

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.processor import Processor
    from ddnnsim.sim.workload import Capture


class Node:
    """A device, a gateway, an edge or a cloud: what it does follows from the sections and exits on it."""

    def __init__(self, clock: Clock, inbox: Inbox, processor: Processor) -> None:
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
