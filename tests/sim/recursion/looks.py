"""What is written down beside what happens: faults, and how long queues are at times."""

from __future__ import annotations

from typing import Any

from ddnnsim.deployment import Deployment
from ddnnsim.faults import Crash, Degradation, Misreading, Outage, Slowdown

from .agenda import LOOK, Agenda
from .machines import Machine
from .network import Network
from .spells import Spells

KINDS = {Crash: "crash", Outage: "outage", Slowdown: "slow", Degradation: "degrade"}


def faults(deployment: Deployment, spells: Spells, end_ns: int) -> list[dict[str, Any]]:
    """Return a row for each victim of each spell that began before the end."""
    hits = [
        (spell.begin, spell.fault, what, victim, spell.end)
        for spell in spells.until(end_ns)
        for what, victims in enumerate((spell.machines, spell.links))
        for victim in victims
        if spell.begin < end_ns
    ]
    rows = []
    for begin, number, what, victim, end in sorted(hits):
        fault = deployment.faults[number]
        kind = fault.effect.kind if isinstance(fault.effect, Misreading) else KINDS[type(fault.effect)]
        target = (deployment.machines, deployment.links)[what][victim].name
        row = {"fault": fault.name, "kind": kind, "target": target, "from_ns": begin}
        rows.append({**row, "until_ns": end if end < end_ns else None})
    return rows


class Looks:
    """Looks at queues at every window's end."""

    def __init__(self, deployment: Deployment, agenda: Agenda, machines: list[Machine], network: Network) -> None:
        self.agenda = agenda
        self.network = network
        self.rows: list[dict[str, Any]] = []
        working = {s.machine for s in deployment.sections} | {x.machine for x in deployment.exits}
        stand_ins = {i.machine for one in (*deployment.sections, *deployment.exits) for i in one.stand_ins}
        self.machines = [machines[m] for m in sorted(working | stand_ins)]
        self._window_ns = deployment.window_ns
        if self._window_ns is not None:
            self._expect()

    def _expect(self) -> None:
        at = self.agenda.now + self._window_ns
        self.agenda.enter(at, LOOK, 0, 0, act=self._look, keeps_going=False)

    def _look(self) -> None:
        now = self.agenda.now
        for machine in self.machines:
            serving = sum(len(batch.jobs) for batch in machine.running)
            self._note(machine.number, None, len(machine.waiting), serving)
        for wire, lane in zip(self.network.wires, self.network.lanes, strict=True):
            waiting = sum(t.wire is wire for t in lane.waiting(now))
            serving = sum(t.wire is wire for t in lane.serving(now))
            fair = sum(wire in transfer.wires for transfer in self.network.fluid.under_way)
            self._note(None, wire.number, waiting, serving + fair)
        self._expect()

    def _note(self, node: int | None, link: int | None, waiting: int, serving: int) -> None:
        row = {"at_ns": self.agenda.now, "node": node, "link": link, "waiting": waiting, "serving": serving}
        self.rows.append(row)
