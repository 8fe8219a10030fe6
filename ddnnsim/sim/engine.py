"""Build the simulation of a deployment, run it, and return what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ddnnsim.deployment import REPLY_BYTES
from ddnnsim.sim import rules
from ddnnsim.sim.clock import Clock
from ddnnsim.sim.exit import Exit
from ddnnsim.sim.link import Link
from ddnnsim.sim.message import Flow
from ddnnsim.sim.node import Node
from ddnnsim.sim.section import Section
from ddnnsim.sim.workload import Workload
from ddnnsim.trace import FATES, REASONS, STOPPED, WAITING, Recorder, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ddnnsim.deployment import Deployment
    from ddnnsim.deployment import Exit as ExitPlan
    from ddnnsim.oracle import Oracle
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.message import Message
    from ddnnsim.sim.request import Request
    from ddnnsim.trace import Column


def simulate(
    deployment: Deployment, oracle: Oracle, progress: Callable[[int, int], None] = lambda done, total: None
) -> Trace:
    """Return what happens when *deployment* serves its workload and its exits answer as *oracle* says.

    *progress* is told now and then how many requests have been captured, and of how many.
    """
    return _Simulation(Clock(), deployment, oracle, progress).run()


class _Simulation:
    """Nodes, links, sections and exits of one run, wired to each other by flows."""

    def __init__(
        self,
        clock: Clock,
        deployment: Deployment,
        oracle: Oracle,
        progress: Callable[[int, int], None],
    ) -> None:
        self.clock = clock
        self.deployment = deployment
        self.oracle = oracle
        self.recorder = Recorder()
        self.nodes = [Node(clock, plan) for plan in deployment.machines]
        self.links = [
            Link(clock, number, plan, self.nodes[plan.target].inbox) for number, plan in enumerate(deployment.links)
        ]
        self.sections = self._sections()
        self.exits = self._exits()
        self.flows: dict[int, list[Flow]] = {}  # by section, what it sends
        self._connect_sections()
        self._connect_exits()
        Workload(clock, deployment.workload, self._sensing(), self._entities, self.recorder, progress)

    @property
    def _entities(self) -> int:
        return len(self.deployment.sections) + len(self.deployment.exits)

    def run(self) -> Trace:
        """Run until nothing is left to happen, or until the instant that the deployment names."""
        until_ns = self.deployment.until_ns
        self.clock.run(until=until_ns)
        return Trace(
            requests=self.recorder.requests(WAITING if until_ns is None else STOPPED),
            links=self._link_columns(),
            nodes=self._node_columns(),
            names=self._names(),
            replies=self.deployment.reply_to is not None,
            end_ns=self.clock.now,
        )

    # -- building ------------------------------------------------------------------------------

    def _sections(self) -> list[Section]:
        plans = self.deployment.sections
        children = [0] * len(plans)
        for number, plan in enumerate(plans):
            if plan.parent is not None:
                children[plan.parent] |= 1 << number
        return [
            Section(number, plan, self.nodes[plan.machine].processor, children[number])
            for number, plan in enumerate(plans)
        ]

    def _exits(self) -> list[Exit]:
        above = len(self.deployment.sections)
        return [
            Exit(
                self.clock,
                number,
                above + number,
                plan,
                self.nodes[plan.machine].processor,
                self.oracle,
                self.recorder,
            )
            for number, plan in enumerate(self.deployment.exits)
        ]

    def _connect_sections(self) -> None:
        for section, plan in zip(self.sections, self.deployment.sections, strict=True):
            exit_ = self.exits[plan.exit]
            exit_plan = self.deployment.exits[plan.exit]
            flows = self.flows.setdefault(section.number, [])
            if exit_plan.service_ns is None:
                section.give_scores = exit_.decide
            else:
                summary = self._flow(
                    rules.SUMMARY,
                    section.number,
                    plan.summary_bytes,
                    plan.machine,
                    exit_plan.machine,
                    exit_.gather,
                )
                section.give_scores = summary.send
                flows.append(summary)
            if plan.parent is not None:
                parent = self.deployment.sections[plan.parent]
                gather = self.sections[plan.parent].gather
                features = self._flow(
                    rules.FEATURES, section.number, plan.features_bytes, plan.machine, parent.machine, gather
                )
                section.send_features = features.send
                flows.append(features)

    def _connect_exits(self) -> None:
        for exit_, plan in zip(self.exits, self.deployment.exits, strict=True):
            if plan.threshold is not None:
                exit_.orders = [self._order(plan, number) for number in plan.sections]
            if self.deployment.reply_to is not None:
                target = self.deployment.reply_to
                exit_.reply = self._flow(rules.REPLY, exit_.entity, REPLY_BYTES, plan.machine, target, exit_.replied)

    def _order(self, plan: ExitPlan, number: int) -> Callable[[Request, int], None]:
        """Return how the exit of *plan* asks the section *number* for its features."""
        section = self.sections[number]
        if plan.service_ns is None:
            return section.send_features
        target = self.deployment.sections[number].machine
        return self._flow(rules.CONTROL, number, plan.control_bytes, plan.machine, target, section.escalate).send

    def _flow(
        self,
        kind: int,
        entity: int,
        size_bytes: int,
        source: int,
        target: int,
        deliver: Callable[[Message], None],
    ) -> Flow:
        links = () if source == target else self.deployment.routes[source, target]
        way = [self.links[link] for link in links]
        return Flow(self.clock, kind, entity, size_bytes, way, self.nodes[target].inbox, deliver)

    def _sensing(self) -> list[tuple[Section, Inbox]]:
        return [
            (section, self.nodes[plan.machine].inbox)
            for section, plan in zip(self.sections, self.deployment.sections, strict=True)
            if plan.view is not None
        ]

    # -- what happened -------------------------------------------------------------------------

    def _link_columns(self) -> dict[str, Column]:
        sent = np.array([link.bytes for link in self.links], np.int64).reshape(-1, len(rules.KINDS))
        return {
            "link": np.arange(len(self.links)),
            "source": np.array([plan.source for plan in self.deployment.links], np.int64),
            "target": np.array([plan.target for plan in self.deployment.links], np.int64),
            "messages": np.array([link.messages for link in self.links], np.int64),
            **{f"{kind}_bytes": sent[:, i] for i, kind in enumerate(rules.KINDS)},
            "lost": np.zeros(len(self.links), np.int64),
            "dropped": np.zeros(len(self.links), np.int64),
            "busy_ns": np.array([link.busy_ns() for link in self.links], np.int64),
            "queue_max": np.array([link.queue_max for link in self.links], np.int64),
        }

    def _node_columns(self) -> dict[str, Column]:
        plans = self.deployment.machines
        processors = [node.processor for node in self.nodes]
        tiers = self._tiers()
        return {
            "node": np.arange(len(plans)),
            "tier": np.array([tiers.index(plan.tier) for plan in plans], np.int64),
            "servers": np.array([plan.servers for plan in plans], np.int64),
            "jobs": np.array([processor.jobs for processor in processors], np.int64),
            "lost": np.zeros(len(plans), np.int64),
            "busy_ns": np.array([processor.busy_ns() for processor in processors], np.int64),
            "down_ns": np.zeros(len(plans), np.int64),
            "queue_max": np.array([processor.queue_max for processor in processors], np.int64),
            "origin_bytes": self._origin_bytes(),
            "energy_j": np.ma.array(np.zeros(len(plans)), mask=True),
        }

    def _origin_bytes(self) -> NDArray[np.int64]:
        """Return by node the payload that its sensing sections put on a first hop: c of eq. (1), ICDCS 2017."""
        sent = np.zeros(len(self.nodes), np.int64)
        for number, flows in self.flows.items():
            plan = self.deployment.sections[number]
            if plan.view is not None:
                sent[plan.machine] += sum(flow.messages * flow.size_bytes for flow in flows if flow.links)
        return sent

    def _tiers(self) -> list[str]:
        return sorted({plan.tier for plan in self.deployment.machines})

    def _names(self) -> dict[str, Sequence[str]]:
        machines = [plan.name for plan in self.deployment.machines]
        sensed = [plan.name for plan in self.deployment.sections if plan.view is not None]
        return {
            "fate": FATES,
            "reason": REASONS,
            "exit": [plan.name for plan in self.deployment.exits],
            "views": [mask_text(mask, len(sensed)) for mask in self.oracle.view_sets.masks],
            "link": [plan.name for plan in self.deployment.links],
            "source": machines,
            "target": machines,
            "node": machines,
            "tier": self._tiers(),
        }


def mask_text(mask: int, views: int) -> str:
    """Return *mask* as one character a view, the first view first: `101` has the first and the third."""
    return "".join("1" if mask >> view & 1 else "0" for view in range(views))
