"""Requests, and all that is done about them on all levels."""

from __future__ import annotations

from collections.abc import Callable

from ddnnsim.deployment import Deployment
from ddnnsim.oracle import Oracle
from ddnnsim.policy import Policy
from ddnnsim.recovery import PolicyPlan

from .agenda import Agenda
from .beats import Beats
from .exits import Exits
from .fates import Fates
from .gathers import Gathers
from .machines import Machine
from .network import Network
from .requests import Gather, Request
from .sections import Sections
from .sensors import Sensors
from .sights import Sights
from .sites import Sites


class Levels:
    def __init__(
        self,
        deployment: Deployment,
        oracle: Oracle,
        agenda: Agenda,
        machines: list[Machine],
        network: Network,
        sites: Sites,
        sensors: Sensors,
        make: Callable[[PolicyPlan], Policy],
        over: Callable[[int], None],
    ) -> None:
        self.d = deployment
        self.machines = machines
        self.requests: dict[int, Request] = {}
        self.fates = Fates(deployment, agenda, machines, network, sites, over)
        self.gathers = Gathers(deployment, agenda, machines, sites, self._closed)
        self.sections = Sections(deployment, agenda, machines, network, sites, sensors, self.gathers)
        sights = Sights(deployment, oracle, agenda, machines, network)
        self.exits = Exits(
            deployment, oracle, make, agenda, machines, network, sites, self.gathers, self.sections, self.fates, sights
        )
        self.sections.exit_decides, self.sections.exit_never = self.exits.decides, self.exits.never
        self.beats = Beats(deployment, agenda, machines, network, self._suspects)
        self.gathers.beats = self.exits.beats = self.beats

    def opens(self, number: int, sample: int, sensing: set[int]) -> None:
        """Open the record of a request of which the device sections *sensing* have a view."""
        expects = set(sensing)
        for i, section in enumerate(self.d.sections):  # bottom up
            if i in expects and section.parent is not None:
                expects.add(section.parent)
        request = Request(number, sample, frozenset(expects), self.fates.row(number, sample))
        self.requests[number] = request
        self.gathers.is_captured(request)

    def captured(self, number: int, section: int) -> None:
        self.sections.captured(self.requests[number], section)

    def is_over(self, number: int) -> bool:
        return not self.requests[number].is_open

    def forget(self, machine: int) -> None:
        """Lose what is held and has come together on *machine*."""
        for request in self.requests.values():
            self.sections.forget(request, machine)
            if not self.machines[machine].is_empty:  # what a battery's end takes along is said by itself
                self.gathers.forget(request, machine)

    def _closed(self, request: Request, gather: Gather) -> None:
        what, number = gather.key
        if what == "judge":
            self.exits.judged(request, gather)
            return
        if gather.expired and not gather.views and not self.d.blanks:
            e = self.d.sections[number].exit if what == "section" else number
            request.too_late.add(e)
        (self.sections if what == "section" else self.exits).gathered(request, gather)

    def _suspects(self, target: int, source: int) -> None:
        for _, request in sorted(self.requests.items()):
            for gather in self.gathers.are_on(request, target):
                if not gather.closed and request.is_open:
                    self.gathers.look(request, gather)
