"""What sections do about a request: sense or gather, compute, send scores, keep features and send them up."""

from __future__ import annotations

from ddnnsim.deployment import Deployment

from .agenda import COMPLETION, Agenda
from .gathers import Gathers
from .machines import Act, Machine
from .network import Network
from .requests import Gather, Request
from .sensors import Sensors
from .sites import Sites


class Sections:
    def __init__(
        self,
        deployment: Deployment,
        agenda: Agenda,
        machines: list[Machine],
        network: Network,
        sites: Sites,
        sensors: Sensors,
        gathers: Gathers,
    ) -> None:
        self.d = deployment
        self.agenda = agenda
        self.machines = machines
        self.network = network
        self.sites = sites
        self.sensors = sensors
        self.gathers = gathers
        self.captures = [0 for _ in deployment.machines]
        self.exit_decides: Act = lambda *_: None
        self.exit_never: Act = lambda *_: None

    def captured(self, request: Request, section: int) -> None:
        s = self.d.sections[section]
        request.views[section] = 1 << s.view
        self.captures[s.machine] += self.machines[s.machine].alive
        if not self.machines[s.machine].alive:
            self._never_comes(request, section)
            return
        request.readings[s.view] = self.sensors.captures(section, request.sample)
        if s.raw_bytes is None:
            self._queue(request, section)
        else:
            self._goes_up(request, section, "raw", s.raw_bytes[request.sample])

    def gathered(self, request: Request, gather: Gather) -> None:
        """Compute on what has come together, where there is something to compute on."""
        section = gather.key[1]
        if gather.views or self.d.blanks:
            request.views[section] = gather.views
            self._queue(request, section)
        else:
            self._never_comes(request, section)

    def _queue(self, request: Request, section: int) -> None:
        self.machines[self.sites.section(request, section)].queue(
            request.number, section, section, None,
            lambda: self.sites.section_ns(request, section),
            lambda: self._is_complete(request, section),
            lambda: self._never(request, section),
        )  # fmt: skip

    def _is_over(self, request: Request) -> bool:
        """Whether nothing more is done about *request*."""
        return self.d.recovery.cancel and not request.is_open

    def _is_complete(self, request: Request, section: int) -> None:
        if self._is_over(request):
            return
        s = self.d.sections[section]
        request.complete.add(section)
        if s.exit is None:
            self._goes_up(request, section, "features", s.features_bytes)
            return
        exit_, is_told = self.d.exits[s.exit], section in request.ordered
        if exit_.service_ns is None:  # part of this very job
            assert exit_.sections == (section,)
            if exit_.coordinator is not None and not is_told:
                self._keep(request, section)
            request.behind[s.exit] = request.views[section]
            self.exit_decides(request, s.exit)
        else:
            if not is_told:
                self._keep(request, section)
            machine = self.sites.section(request, section)
            key = self.gathers.whose_exits(section)
            self.network.send(
                request.number, section, "summary", s.summary_bytes, machine, self.sites.exit(request, s.exit),
                lambda: self.gathers.arrives(request, key, section, request.views[section]),
                lambda: self.gathers.misses(request, key, section, machine),
            )  # fmt: skip
        if is_told:
            self._goes_up(request, section, "features", s.features_bytes)

    def _never_comes(self, request: Request, section: int) -> None:
        """Let it be known in the place of its completion that a job will never be."""
        self.agenda.enter(
            self.agenda.now, COMPLETION, request.number, section, act=lambda: self._never(request, section)
        )

    def _never(self, request: Request, section: int) -> None:
        """Tell who expects something of *section* that it will never come."""
        request.failed.add(section)
        s, machine = self.d.sections[section], self.sites.section(request, section)
        if s.exit is None:
            self._nothing_goes_up(request, section, machine)
            return
        if self.d.exits[s.exit].service_ns is None:
            self.exit_never(request, s.exit)
        else:
            self.gathers.misses(request, self.gathers.whose_exits(section), section, machine)
        if section in request.ordered:
            self._nothing_goes_up(request, section, machine)

    def _keep(self, request: Request, section: int) -> None:
        s = self.d.sections[section]
        machine = self.machines[self.sites.section(request, section)]
        if s.parent is None:
            return
        if machine.plan.memory is not None and not request.is_open:
            return
        if machine.keeps(request.number, section, s.features_bytes):
            request.features.add(section)

    def _goes_up(self, request: Request, section: int, kind: str, size: int) -> None:
        """Send features or a raw view of *section* to its parent."""
        s, machine = self.d.sections[section], self.sites.section(request, section)
        assert s.parent is not None
        self.network.send(
            request.number, section, kind, size, machine, self.sites.section(request, s.parent),
            lambda: self.gathers.arrives(request, ("section", s.parent), section, request.views[section]),
            lambda: self._nothing_goes_up(request, section, machine),
        )  # fmt: skip

    def _nothing_goes_up(self, request: Request, section: int, machine: int | None) -> None:
        """Let the parent learn that nothing will come of *section*, where it hears of what happens on *machine*.

        None stands for the way between two nodes.
        """
        self.gathers.misses(request, ("section", self.d.sections[section].parent), section, machine)

    # orders

    def is_told(self, request: Request, section: int, source: int) -> None:
        """Tell *section* from the node *source* to send its features up."""
        s, target = self.d.sections[section], self.sites.section(request, section)
        self.sites.section(request, s.parent)
        lost_on = source if source == target else None
        self.network.send(
            request.number, section, "control", self.d.exits[s.exit].control_bytes, source, target,
            lambda: self._order_arrives(request, section),
            lambda: self._nothing_goes_up(request, section, lost_on),
        )  # fmt: skip

    def sends_at_once(self, request: Request, section: int) -> None:
        """Send the features of *section*, in whose job the exit was that did not answer."""
        self._goes_up(request, section, "features", self.d.sections[section].features_bytes)

    def _order_arrives(self, request: Request, section: int) -> None:
        if self._is_over(request):
            return
        machine = self.sites.section(request, section)
        if section in request.features:
            request.features.remove(section)
            self.machines[machine].releases(request.number, section)
            self.sends_at_once(request, section)
        elif request.is_pending(section):
            request.ordered.add(section)
        else:
            self._nothing_goes_up(request, section, machine)

    def forget(self, request: Request, machine: int) -> None:
        """Lose the features that are on *machine*."""
        request.features -= {i for i in request.features if self.sites.section(request, i) == machine}
