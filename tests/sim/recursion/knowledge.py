"""What is known of nodes and links that are down, which takes a while to get about."""

from __future__ import annotations

from collections.abc import Callable

from .agenda import FAILURE, Agenda

LAST = 2**24 - 1
Down = tuple[frozenset[int], frozenset[int]]
"""Nodes that are down, and links that lose what they are given."""


class Knowledge:
    def __init__(self, agenda: Agenda, delay_ns: int, look: Callable[[], Down]) -> None:
        self._agenda = agenda
        self._delay_ns = delay_ns
        self._look = look
        self._log: list[tuple[int, Down]] = []
        self.down: Down = (frozenset(), frozenset())

    def changes(self) -> None:
        """Take note that something went down or came up."""
        now, place = self._agenda.now, (0, LAST, 0, 2)
        if self._delay_ns == 0:
            self.down = self._look()
            return
        self._log.append((now, self._look()))
        at = now + self._delay_ns
        if not self._agenda.has((at, FAILURE, *place, 0)):
            self._agenda.enter(at, FAILURE, *place, act=self._is_known, keeps_going=False)

    def _is_known(self) -> None:
        until = self._agenda.now - self._delay_ns
        self.down = [down for at, down in self._log if at <= until][-1]
