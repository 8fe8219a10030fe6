"""A sensor at work: it sends what it sees as it is, for others to compute on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ddnnsim.sim import rules
from ddnnsim.sim.message import Message

if TYPE_CHECKING:
    from ddnnsim.sim.message import Flow
    from ddnnsim.sim.request import Request


class Sensor:
    """A device without a job: a view goes up at the instant of its capture."""

    def __init__(self, entity: int, view: int, sizes: Sequence[int]) -> None:
        self.entity = entity
        self.own_view = 1 << view
        self.sizes = sizes
        """By sample, the size of the view."""
        self.key = rules.key(rules.COMPLETION, entity=entity)
        self.raw: Sequence[Flow]
        """By sample: views of some size may take another way."""
        self.forgo: Callable[[Request, int], None]
        """Told of a request of which this sensor, given as a bit, never has a view: its parent's gather."""

    def capture(self, request: Request) -> None:
        """Sense the view of *request* and send it."""
        flow = self.raw[request.sample]
        flow.put(Message(request, flow, self.own_view, self.sizes[request.sample]))

    def fail(self, request: Request) -> None:
        """Let it be known above that there never will be a view of *request*."""
        self.forgo(request, 1 << self.entity)
