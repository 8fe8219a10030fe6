"""The rule of the exit at a threshold: what is done without a policy."""

from __future__ import annotations

from dataclasses import dataclass

from .protocol import ESCALATE, EXIT, Observation, Verdict


@dataclass(frozen=True, slots=True)
class Fixed:
    """Answers if the exit is confident."""

    threshold: float | None = None
    """None: that of the exit."""

    def decide(self, seen: Observation) -> Verdict:
        """Return what the rule says."""
        return EXIT if seen.confident(self.threshold) else ESCALATE
