"""Escalation only where the answer can still be in time."""

from __future__ import annotations

from dataclasses import dataclass

from .protocol import ESCALATE, EXIT, Observation, Verdict


@dataclass(frozen=True, slots=True)
class MeetDeadline:
    """Answers what the rule would send up where the workload's deadline would pass before an answer from above."""

    margin_ns: int = 0
    """How much earlier than the deadline the answer is to be expected."""

    def decide(self, seen: Observation) -> Verdict:
        """Return what the rule says, unless that is to escalate and there is no time for it."""
        late = seen.slack_ns is not None and seen.slack_ns < self.margin_ns + expected_ns(seen)
        return EXIT if late or seen.confident() else ESCALATE


def expected_ns(seen: Observation) -> float:
    """Return how long an escalation takes from now on: behind what waits for the uplink, at the measured rate.

    Features follow each other there; the way of one is part of what an escalation takes at least.
    """
    sizes = seen.features_bytes.values()
    return seen.escalation_ns + seen.sending_ns(seen.backlog_bytes + sum(sizes) - max(sizes))
