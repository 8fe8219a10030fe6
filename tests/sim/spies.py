"""Policies that take down what they see, on any deployment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace

from ddnnsim.deployment import Deployment
from ddnnsim.policy import Observation, Policy, Verdict
from ddnnsim.recovery import PolicyPlan

Decide = Callable[[Observation], Verdict]


class Spies:
    """What makes a policy for each exit, and keeps what all of them see, by exit in the order of decisions."""

    def __init__(self, decide: Decide) -> None:
        self.decide = decide
        self.seen: dict[str, list[Observation]] = defaultdict(list)
        self.said: dict[str, list[Verdict]] = defaultdict(list)

    def __call__(self, plan: PolicyPlan) -> Policy:
        return _Spy(self)


class _Spy:
    def __init__(self, of: Spies) -> None:
        self._of = of

    def decide(self, seen: Observation) -> Verdict:
        # What can be looked at later is looked at now: a policy has no later.
        kept = replace(seen, entropies=dict(seen.entropies), features_bytes=dict(seen.features_bytes))
        said = self._of.decide(kept)
        self._of.seen[seen.exit].append(kept)
        self._of.said[seen.exit].append(said)
        return said


def watched(deployment: Deployment, uplinks: Mapping[int, int]) -> Deployment:
    """Return *deployment* with a policy at each exit but the last ones; *uplinks* tells by exit the link that it sees.

    An exit that is not among *uplinks* sees none.
    """
    exits = tuple(
        exit_
        if exit_.threshold is None
        else replace(
            exit_, policy=PolicyPlan("spy", {}, {exit_.machine: uplinks[number]} if number in uplinks else {}, number)
        )
        for number, exit_ in enumerate(deployment.exits)
    )
    return replace(deployment, exits=exits)
