"""Nothing but messages over links: the engine's own links and flows, without sections and exits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from deployments import an_oracle

from ddnnsim.deployment import Channel, Deployment, Link, Machine, Workload
from ddnnsim.sim import rules
from ddnnsim.sim.happening import Happening
from ddnnsim.sim.journal import Journal
from ddnnsim.sim.message import Message
from ddnnsim.sim.power import Meter
from ddnnsim.sim.recorded import RecordedSimulation
from ddnnsim.sim.request import Request
from ddnnsim.trace import Trace

S = 10**9
MS = 10**6
MB = 10**6
MBYTE_PER_S = 8 * 10**6
BYTE_PER_NS = 8 * 10**9
"""Rates in bit/s."""


class Sent(NamedTuple):
    """A message that someone sends at some time along some links."""

    at_ns: int
    size_bytes: int
    route: tuple[int, ...] = (0,)


class Traffic:
    """What became of messages, numbered in the order of (time, place in the list)."""

    def __init__(self, trace: Trace, missed: dict[int, int]) -> None:
        self.missed = missed
        """When who expected a message was told that it will never come."""
        self.messages = rows(trace, "messages")
        self.hops = rows(trace, "hops")
        self.links = [{name: plain(column)[i] for name, column in trace.links.items()} for i in trace.links["link"]]
        self.end_ns = trace.end_ns

    @property
    def delivered_ns(self) -> list[int | None]:
        return [message["delivered_ns"] for message in self.messages]

    def on_hops(self, *columns: str) -> list[tuple[Any, ...]]:
        return [tuple(hop[column] for column in columns) for hop in self.hops]


def plain(column: Any) -> list[Any]:
    return np.ma.asarray(column).tolist()


def rows(trace: Trace, table: str) -> list[dict[str, Any]]:
    columns = {name: plain(column) for name, column in trace.tables[table].items()}
    for name in columns.keys() & {"kind", "outcome"}:
        columns[name] = [trace.names[name][code] for code in columns[name]]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def a_link(
    number: int, rate_bps: int = BYTE_PER_NS, delay_ns: int = 0, source: int | None = None, **shape: Any
) -> Link:
    """Return the link *number*, by default from the machine of this number to the next."""
    source = number if source is None else source
    return Link(f"{source}>{source + 1}", source, source + 1, rate_bps, delay_ns, **shape)


def carry(
    links: Sequence[Link],
    sent: Iterable[Sent],
    channels: Sequence[Channel] = (),
    until_ns: int | None = None,
    meters: Mapping[int, Meter] | None = None,
    **deployment: Any,
) -> Traffic:
    """Return what becomes of the messages *sent* over *links*, the k-th of which is about request k.

    *meters* pay, machine by machine, for what is sent and received.
    """
    sent = sorted(sent, key=lambda message: message.at_ns)
    ends = 1 + max((max(link.source, link.target) for link in links), default=0)
    plan = Deployment(
        machines=tuple(Machine(f"machine {i}", "device", 1) for i in range(ends)),
        links=tuple(links),
        sections=(),
        exits=(),
        routes={_ends(links, message): message.route for message in sent},
        workload=Workload(np.zeros(0, np.int64), np.zeros(0, np.int64)),
        reply_to=None,
        until_ns=until_ns,
        channels=tuple(channels),
        **deployment,
    )
    simulation = _Metered(plan, meters or {})
    missed: dict[int, int] = {}

    def miss(message: Message) -> None:
        missed[message.request.id] = simulation.clock.now

    for number, message in enumerate(sent):
        flow = simulation.flows.flow(
            rules.FEATURES, 0, message.size_bytes, *_ends(links, message), lambda message: None
        )
        flow.miss = miss
        flow.note_misses()
        send = lambda _, flow=flow, number=number: flow.send(Request(number, 0, 1), 0)  # noqa: E731
        simulation.clock.arrange(Happening(simulation.clock), (send,), rules.key(rules.CAPTURE, number), message.at_ns)
    return Traffic(simulation.run(), missed)


def _ends(links: Sequence[Link], message: Sent) -> tuple[int, int]:
    return links[message.route[0]].source, links[message.route[-1]].target


class _Metered(RecordedSimulation):
    def __init__(self, deployment: Deployment, meters: Mapping[int, Meter]) -> None:
        self.meters = meters
        super().__init__(deployment, an_oracle([]), Journal(0), lambda done, total: None)

    def meter(self, machine: int) -> Meter | None:
        return self.meters.get(machine)
