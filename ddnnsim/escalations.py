"""Escalations as planned: over which link they leave, and how long they take at least."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ddnnsim.deployment import REPLY_BYTES, VERDICT_BYTES
from ddnnsim.distribution import NS_PER_S
from ddnnsim.routing import Router, serialisation_ns

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment, Exit, Section


def with_escalations(deployment: Deployment) -> Deployment:
    """Return *deployment* with policies that know what an escalation of their exit takes, and its uplinks."""
    if all(exit_.policy is None for exit_ in deployment.exits):
        return deployment
    planned = _Planned(deployment)
    return replace(deployment, exits=tuple(map(planned.told, deployment.exits)))


class _Planned:
    """Escalations of one request that is alone in the system, as it is at t = 0, and loses nothing.

    Messages are sent whole, each as if it were the only one; jobs take their mean.
    """

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.edges = [link.edge for link in deployment.links]
        self.router = Router(self.edges, deployment.routing)

    def told(self, exit_: Exit) -> Exit:
        """Return *exit_*, whose policy, where it has one, knows what an escalation takes."""
        if exit_.policy is None:
            return exit_
        machines = (exit_.machine, *(at.machine for at in exit_.stand_ins))
        uplinks = {machine: way[0] for machine in machines if (way := self._uplink(exit_, machine))}
        return replace(exit_, policy=replace(exit_.policy, uplinks=uplinks, escalation_ns=self._escalation_ns(exit_)))

    def _uplink(self, exit_: Exit, machine: int) -> tuple[int, ...]:
        """Return the way from *machine* to the parent of the first section of *exit_*."""
        first = self.deployment.sections[exit_.sections[0]]
        return self._way(machine, self._parent(first).machine, first.features_bytes)

    def _escalation_ns(self, exit_: Exit) -> int:
        """Return how long it takes at least from a decision of *exit_* to the answer of the next, or its reply."""
        sections = [self.deployment.sections[number] for number in exit_.sections]
        return max(self._order_ns(exit_, section) + self._rise_ns(section) for section in sections)

    def _order_ns(self, exit_: Exit, section: Section) -> int:
        """Return how long the order of *exit_* to *section* takes; before it the verdict, where it has a judge."""
        if exit_.coordinator is None:
            alone = exit_.service_ns is None
            return 0 if alone else self._transfer_ns(exit_.machine, section.machine, exit_.control_bytes)
        judge = self.deployment.exits[exit_.coordinator].machine
        verdict_ns = self._transfer_ns(exit_.machine, judge, VERDICT_BYTES)
        return verdict_ns + self._transfer_ns(judge, section.machine, exit_.control_bytes)

    def _rise_ns(self, section: Section) -> int:
        """Return how long it takes from the sending of the features of *section* to the next answer or its reply."""
        parent = self._parent(section)
        up_ns = self._transfer_ns(section.machine, parent.machine, section.features_bytes) + _mean_ns(parent)
        if parent.exit is None:
            return up_ns + self._rise_ns(parent)
        exit_, reply_to = self.deployment.exits[parent.exit], self.deployment.reply_to
        if exit_.service_ns is not None:
            up_ns += self._transfer_ns(parent.machine, exit_.machine, parent.summary_bytes) + exit_.service_ns
        return up_ns if reply_to is None else up_ns + self._transfer_ns(exit_.machine, reply_to, REPLY_BYTES)

    def _transfer_ns(self, source: int, target: int, size_bytes: int) -> int:
        """Return how long a message of *size_bytes* takes from *source* to *target*."""
        way = [self.edges[number] for number in self._way(source, target, size_bytes)]
        return sum(serialisation_ns(edge, size_bytes) + edge.delay_ns for edge in way)

    def _way(self, source: int, target: int, size_bytes: int) -> tuple[int, ...]:
        """Return the links from *source* to *target*; none where there is no way, or both are one."""
        return self.router.ways(source, {target}, size_bytes).get(target, ())

    def _parent(self, section: Section) -> Section:
        assert section.parent is not None, "sections of an exit that is not the last have parents"
        return self.deployment.sections[section.parent]


def _mean_ns(section: Section) -> int:
    """Return how long a job of *section* takes on average."""
    return section.service_ns if section.service is None else round(section.service.mean_s * NS_PER_S)
