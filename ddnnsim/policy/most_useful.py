"""Escalation with a few views alone: those that are most certain by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from .protocol import ESCALATE, EXIT, Escalates, Observation, Verdict


@dataclass(frozen=True, slots=True)
class MostUseful:
    """Has the features of so many views sent up: those whose own summaries have the lowest entropies."""

    views: int
    """How many sections are told, at most."""

    def decide(self, seen: Observation) -> Verdict:
        """Return what the rule says, and where that is to escalate with which views; of equals the first.

        Where no summary is there (absent views are blank) nothing is known of any, and all go up.
        """
        if seen.confident():
            return EXIT
        entropies = seen.entropies
        chosen = frozenset(sorted(entropies, key=entropies.__getitem__)[: self.views])
        return Escalates(chosen) if chosen else ESCALATE
