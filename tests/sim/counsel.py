"""Policies under test: those that are built in, one to which everything matters that it sees, and notes of them all."""

from __future__ import annotations

import zlib
from collections import defaultdict
from dataclasses import asdict, replace
from typing import Any

from hypothesis import strategies as st

from ddnnsim.deployment import Deployment, Exit
from ddnnsim.escalations import with_escalations
from ddnnsim.policy import ESCALATE, EXIT, Escalates, Observation, Policy, Verdict
from ddnnsim.policy.making import make
from ddnnsim.recovery import PolicyPlan


class Whimsical:
    """Says anything, by all that it has seen so far."""

    def __init__(self, seed: int) -> None:
        self._seen = seed

    def decide(self, seen: Observation) -> Verdict:
        self._seen = zlib.crc32(repr((self._seen, _plain(seen))).encode())
        kind, which = divmod(self._seen, 2**30)
        names = [name for i, name in enumerate(seen.features_bytes) if which >> i & 1]
        return [EXIT, ESCALATE, *[Escalates(frozenset(names)) if names else ESCALATE] * 2][kind]


class Notes:
    """Makes policies, and notes by exit what they see and say."""

    def __init__(self) -> None:
        self.of_exit: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def __call__(self, plan: PolicyPlan) -> Policy:
        return _Noted(make(plan), self)


class _Noted:
    def __init__(self, policy: Policy, notes: Notes) -> None:
        self._policy = policy
        self._notes = notes

    def decide(self, seen: Observation) -> Verdict:
        said = self._policy.decide(seen)
        self._notes.of_exit[seen.exit].append({**_plain(seen), "said": said})
        return said


def _plain(seen: Observation) -> dict[str, Any]:
    """Return what is *seen*, in its order, and nothing that is worked out later."""
    plain = replace(seen, entropies=dict(seen.entropies), features_bytes=dict(seen.features_bytes))
    return {name: list(v.items()) if isinstance(v, dict) else v for name, v in asdict(plain).items()}


@st.composite
def advised(draw: st.DrawFn, deployment: Deployment, times: st.SearchStrategy[int]) -> Deployment:
    """Draw policies for some exits of *deployment* that have a choice, and the deadline of its workload.

    Some of them see the queue of another link than that over which an escalation leaves: a busier one, maybe.
    """
    plans = _plans(times)
    exits = tuple(
        exit_ if exit_.threshold is None or not draw(st.integers(0, 4)) else replace(exit_, policy=draw(plans))
        for exit_ in deployment.exits
    )
    deployment = with_escalations(replace(deployment, exits=exits, deadline_ns=draw(st.none() | times)))
    return replace(deployment, exits=tuple(_watching(draw, deployment, exit_) for exit_ in deployment.exits))


def _watching(draw: st.DrawFn, deployment: Deployment, exit_: Exit) -> Exit:
    if exit_.policy is None or not deployment.links or draw(st.booleans()):
        return exit_
    machines = exit_.machine, *(at.machine for at in exit_.stand_ins)
    links = st.integers(0, len(deployment.links) - 1)
    return replace(exit_, policy=replace(exit_.policy, uplinks={machine: draw(links) for machine in machines}))


def _plans(times: st.SearchStrategy[int]) -> st.SearchStrategy[PolicyPlan]:
    some = times.map(lambda ns: ns + 1)

    def ours(name: str, **parameters: st.SearchStrategy[Any]) -> st.SearchStrategy[PolicyPlan]:
        return st.builds(PolicyPlan, st.just(f"ddnnsim.policy:{name}"), st.fixed_dictionaries(parameters))

    whimsical = st.builds(lambda seed: PolicyPlan("counsel:Whimsical", {"seed": seed}), st.integers(0, 1000))
    return st.one_of(
        whimsical,
        whimsical,
        whimsical,
        ours("Fixed", threshold=st.sampled_from([None, 0.0, 0.5, 1.0])),
        ours("FollowLoad", queue_target_ns=some, jobs_target=st.none() | st.integers(1, 3)),
        ours("MeetDeadline", margin_ns=times),
        ours("MostUseful", views=st.integers(1, 3)),
    )
