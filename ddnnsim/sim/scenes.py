"""Captures at times of their own: requests of some views alone, and of views that come one after another."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

import numpy as np
from simpy.events import Event

from ddnnsim.sim import rules
from ddnnsim.sim.happening import Inbox
from ddnnsim.sim.request import Request
from ddnnsim.sim.workload import REPORT_EVERY, Capture

if TYPE_CHECKING:
    from ddnnsim.deployment import Captures
    from ddnnsim.deployment import Workload as WorkloadPlan
    from ddnnsim.sim.absence import Absences
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.outcome import Outcome
    from ddnnsim.sim.workload import Sensors


class Scenes:
    """Captures as they are planned, chained: only the next one is ever scheduled."""

    def __init__(
        self,
        clock: Clock,
        plan: WorkloadPlan,
        captures: Captures,
        sensing: Sensors,
        absences: Absences,
        outcome: Outcome,
        progress: Callable[[int, int], None],
    ) -> None:
        self.clock = clock
        self.samples = plan.samples
        self.captures = captures
        self.sensing = {section.entity: (section, inbox) for section, inbox in sensing}
        self.absences = absences
        self.outcome = outcome
        self.progress = progress
        clock.process(self.live())

    def live(self) -> Generator[Event, None, None]:
        """Live: let each capture happen at its time and in its place; a request begins with its first."""
        clock, plan = self.clock, self.captures
        moment = Inbox(clock)
        who = self._who_senses()
        left = np.bincount(plan.requests).tolist()
        under_way: dict[int, Request] = {}
        for at_ns, number, sensed in zip(
            plan.at_ns.tolist(), plan.requests.tolist(), plan.sections.tolist(), strict=True
        ):
            section, inbox = self.sensing[sensed]
            first = number not in under_way
            if first:
                under_way[number] = self._begin(number, who[number])
            capture = Capture(under_way[number], section)
            clock.arrange(capture, (moment,), rules.key(rules.CAPTURE, number, sensed), at_ns - clock.now)
            yield moment
            if first:
                self.outcome.capture(capture.request)
            left[number] -= 1
            if not left[number]:
                del under_way[number]
            inbox(capture)
        self.progress(len(self.samples), len(self.samples))

    def _who_senses(self) -> list[int]:
        """Return by request the sections that sense it, as a bit mask."""
        who = [0] * len(self.samples)
        for number, sensed in zip(self.captures.requests.tolist(), self.captures.sections.tolist(), strict=True):
            who[number] |= 1 << sensed
        return who

    def _begin(self, number: int, sensing: int) -> Request:
        if not number % REPORT_EVERY:
            self.progress(number, len(self.samples))
        arrived = self.absences.arrived(sensing)
        request = Request(number, int(self.samples[number]), len(arrived))
        request.arrived = arrived
        return request
