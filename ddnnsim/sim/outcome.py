"""What becomes of requests: an answer, or none any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ddnnsim.trace import NO_REPLY

if TYPE_CHECKING:
    from ddnnsim.oracle import Decision
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.request import Request
    from ddnnsim.trace import Recorder

Listener = Callable[["Request"], None]


class Outcome:
    """Each request is answered or lost, once; those who wait for that are told."""

    def __init__(self, clock: Clock, recorder: Recorder) -> None:
        self.clock = clock
        self.recorder = recorder
        self.when_captured: list[Listener] = []
        """Told of the first capture of a request."""
        self.when_answered: list[Listener] = []
        self.when_replied: list[Listener] = []
        """Told when an answer has arrived where it was wanted."""
        self.when_lost: list[Listener] = []
        self.claimed: set[int] = set()
        """The requests that will be answered when all of this instant has happened."""

    def capture(self, request: Request) -> None:
        """Let *request* begin: it is captured for the first time."""
        self.recorder.captured(request.id, request.sample, self.clock.now)
        for told in self.when_captured:
            told(request)

    def answer(self, request: Request, exit_id: int, decision: Decision, seen: int) -> None:
        """Let *decision* of the exit *exit_id*, made of the views of id *seen*, answer *request*."""
        request.over = True
        self.recorder.answered(request.id, self.clock.now, exit_id, decision, seen)
        for told in self.when_answered:
            told(request)

    def replied(self, reply: Message) -> None:
        """Take the answer, which is where it was wanted."""
        self.recorder.replied(reply.request.id, self.clock.now)
        for told in self.when_replied:
            told(reply.request)

    def miss_reply(self, reply: Message) -> None:
        """Let the request of *reply*, which never arrives, be lost."""
        self.not_replied(reply.request)

    def not_replied(self, request: Request) -> None:
        """Let *request* be lost: its answer never arrives where it was wanted."""
        self._lose(request, NO_REPLY)

    def lose(self, request: Request, reason: int) -> None:
        """Let *request*, which nobody is left to answer, be lost for *reason*, unless it is decided."""
        if not self.decided(request):
            request.over = True
            self._lose(request, reason)

    def decided(self, request: Request) -> bool:
        """Tell whether *request* is over, or will be answered when all of this instant has happened."""
        return request.over or request.id in self.claimed

    def _lose(self, request: Request, reason: int) -> None:
        self.recorder.lost(request.id, reason)
        for told in self.when_lost:
            told(request)
