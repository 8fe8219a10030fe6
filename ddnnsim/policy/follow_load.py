"""A threshold that follows the load: the longer the queues, the fewer go up, the least confident first."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from dataclasses import dataclass, field

from .protocol import ESCALATE, EXIT, Observation, Verdict

REMEMBERED = 200
"""Requests of which the exit was not confident, among which the next one is ranked."""


@dataclass(slots=True)
class FollowLoad:
    """Of what the rule would send up, sends the share that the load leaves room for.

    The load is what waits for the uplink, at the measured rate, over its target, or where that is more the jobs on
    the node over theirs. Up to a load of 1 all go up, from 2 on none, between them a share of 2 - load: those that
    are less certain than the rest of the last ones. A wait is what has been let in before, less what has been sent
    since, so a share in proportion to it settles by itself, without a memory of the load.
    """

    queue_target_ns: int = 100_000_000
    """The wait for the uplink that is a load of 1."""
    jobs_target: int | None = None
    """The jobs that are one; None: they are of no account."""
    _last: deque[float] = field(default_factory=deque, init=False)
    _ranked: list[float] = field(default_factory=list, init=False)

    def decide(self, seen: Observation) -> Verdict:
        """Return what the rule says, unless that is to escalate and the load leaves no room for it."""
        if seen.confident():
            return EXIT
        rank = self._rank(seen.uncertainty)
        return ESCALATE if rank >= self.load(seen) - 1 else EXIT

    def load(self, seen: Observation) -> float:
        """Return the load of the exit's node and uplink."""
        jobs = 0.0 if self.jobs_target is None else seen.waiting / self.jobs_target
        return max(jobs, seen.sending_ns(seen.backlog_bytes) / self.queue_target_ns)

    def _rank(self, uncertainty: float) -> float:
        """Return which share of the last ones is more certain than *uncertainty*, in (0, 1), and remember it.

        Of its equals, itself among them, half count as more certain.
        """
        ranked = self._ranked
        insort(ranked, uncertainty)
        self._last.append(uncertainty)
        rank = (bisect_left(ranked, uncertainty) + bisect_right(ranked, uncertainty)) / (2 * len(ranked))
        if len(ranked) > REMEMBERED:
            del ranked[bisect_left(ranked, self._last.popleft())]
        return rank
