"""What a policy sees at a decision of its exit: what the node there could have, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from ddnnsim.deployment import Deployment
from ddnnsim.oracle import Decision, Oracle
from ddnnsim.policy import Observation

from .agenda import Agenda
from .machines import Machine
from .network import Network
from .requests import Request

LAST = 32
"""So many transmissions are measured."""


def asks(oracle: Oracle, request: Request, e: int, mask: int) -> Decision:
    """Return what the exit *e* says of the views in *mask*, as their sensors show them."""
    others = {v: r for v, r in request.readings.items() if r is None or r.noise or r.sample != request.sample}
    variant = oracle.variants.id(tuple(sorted(others.items(), key=lambda of_view: of_view[0])))
    return oracle.decide(e, request.sample, oracle.view_sets.id(mask), variant)


class Sights:
    def __init__(
        self, deployment: Deployment, oracle: Oracle, agenda: Agenda, machines: list[Machine], network: Network
    ) -> None:
        self.d = deployment
        self.oracle = oracle
        self.agenda = agenda
        self.machines = machines
        self.network = network

    def of(self, request: Request, e: int, decision: Decision, machine: int, summaries: dict[int, int]) -> Observation:
        """Return what is seen at the *decision* of the exit *e* on *machine*; *summaries* has views by section."""
        exit_, now, captured = self.d.exits[e], self.agenda.now, request.row["captured_ns"]
        named = [(self.d.sections[i].name, i) for i in exit_.sections]
        link = exit_.policy.uplinks.get(machine)
        return Observation(
            exit=exit_.name,
            now_ns=now,
            captured_ns=captured,
            rule=exit_.rule,
            threshold=exit_.threshold,
            entropy=decision.entropy,
            top=decision.top,
            margin=decision.margin,
            entropies={
                name: asks(self.oracle, request, e, summaries[i]).entropy for name, i in named if summaries.get(i)
            },
            features_bytes={name: self.d.sections[i].features_bytes for name, i in named},
            waiting=len(self.machines[machine].waiting),
            serving=sum(len(batch.jobs) for batch in self.machines[machine].running),
            backlog_bytes=0 if link is None else self.network.unsent_bytes(link),
            rate_bps=None if link is None else measured_bps(self.network.sent(link)),
            slack_ns=None if self.d.deadline_ns is None else captured + self.d.deadline_ns - now,
            escalation_ns=exit_.policy.escalation_ns,
        )


def measured_bps(sent: Iterable[tuple[int, int, int]]) -> float | None:
    """Return the rate of the last of what was *sent*: (start, end, bytes), in the order of handing over."""
    last = sorted((s for s in sent if s[0] < s[1]), key=lambda s: s[1])[-LAST:]
    if not last:
        return None
    took, until = 0, 0
    for start, end, _ in sorted(last):
        took += max(0, end - max(start, until))
        until = max(until, end)
    return 8 * sum(size for *_, size in last) * 10**9 / took
