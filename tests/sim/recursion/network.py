"""Messages, the packets that they are cut into, and their ways over the links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ddnnsim.deployment import Deployment

from .agenda import DELIVERY, NEVER, Agenda
from .fluid import Fluid, Transfer
from .machines import Machine
from .wires import KINDS, Queue, Wire

Act = Callable[[], None]


@dataclass
class Message:
    row: dict[str, Any]
    entity: int
    arrives: Act
    misses: Act
    """What happens where it is known never to come."""
    parcels: int = 1
    """Of which it is not known what has become of them."""
    failed: str | None = None
    """What has become of those that do not come."""

    @property
    def place(self) -> dict[str, int]:
        return {"request": self.row["request"], "entity": self.entity, "kind": KINDS.index(self.row["kind"])}


@dataclass
class Parcel:
    """What is handed over from link to link: a whole message or a packet of it."""

    message: Message
    packet: int
    size_bytes: int


class Network:
    def __init__(self, deployment: Deployment, agenda: Agenda, machines: list[Machine]) -> None:
        self.d = deployment
        self.agenda = agenda
        self.machines = machines
        self.messages: list[dict[str, Any]] = []
        self.hops: list[dict[str, Any]] = []
        self.origin_bytes = [0 for _ in machines]
        names = [m.name for m in deployment.machines]
        self.wires = [
            Wire(i, link, f"{names[link.source]}>{names[link.target]}", deployment.seed)
            for i, link in enumerate(deployment.links)
        ]
        channels = [Queue(channel) for channel in deployment.channels]
        self.queues = [Queue(None) if k.channel is None else channels[k.channel] for k in deployment.links]
        self.fluid = Fluid(agenda, lambda wire: wire.link.channel)

    def send(
        self, request: int, entity: int, kind: str, size: int, source: int, target: int, arrives: Act, misses: Act
    ) -> None:
        """Send a message."""
        row = {
            "message": len(self.messages),
            "request": request,
            "kind": kind,
            "source": source,
            "target": target,
            "size_bytes": size,
            "sent_ns": self.agenda.now,
            "delivered_ns": None,
            "section": entity if entity < len(self.d.sections) else None,
            "exit": entity - len(self.d.sections) if entity >= len(self.d.sections) else None,
            "outcome": "in_flight",
        }
        self.messages.append(row)
        message = Message(row, entity, arrives, misses)
        if source == target:
            parcel = Parcel(message, 0, size)
            self.agenda.enter(self.agenda.now, DELIVERY, **message.place, act=lambda: self._is_there(parcel, target))
            return
        route = list(self.d.route(source, target, size))
        assert self.d.links[route[0]].source == source
        assert self.d.links[route[-1]].target == target
        sizes = self._cut(size, route)
        message.parcels = len(sizes)
        if self._is_of_a_view(message):
            self.origin_bytes[source] += size
        for packet, part in enumerate(sizes):
            self._hand_over(Parcel(message, packet, part), route)

    def _cut(self, size: int, route: list[int]) -> list[int]:
        """Return the sizes of what is stored and forwarded by itself: whole packets first, the rest last."""
        mtus = [self.d.links[k].mtu_bytes for k in route if self.d.links[k].mtu_bytes is not None]
        if self.d.forwarding == "message" or not mtus or size == 0:
            return [size]
        whole, rest = divmod(size, min(mtus))
        return [min(mtus)] * whole + [rest] * (rest > 0)

    def _is_of_a_view(self, message: Message) -> bool:
        """Tell whether a section with a view sends it."""
        section = message.row["section"]
        return message.row["kind"] in ("summary", "features", "raw") and self.d.sections[section].view is not None

    def _is_fair(self, link: int) -> bool:
        channel = self.d.links[link].channel
        return channel is not None and self.d.channels[channel].sharing == "fair"

    def _hand_over(self, parcel: Parcel, route: list[int]) -> None:
        """Hand *parcel* over to the first link of *route*; fair ones that follow one another take it together."""
        if not self._is_fair(route[0]):
            self._queue(parcel, route[0], route[1:])
            return
        fair = 1
        while fair < len(route) and self._is_fair(route[fair]):
            fair += 1
        self._share(parcel, route[:fair], route[fair:])

    def _hop(self, parcel: Parcel, link: int, start: int | float | None, attempts: int) -> dict[str, Any]:
        hop = {
            "message": parcel.message.row["message"],
            "packet": parcel.packet,
            "link": link,
            "queued_ns": self.agenda.now,
            "start_ns": None if start is None else self._before_the_end(start),
            "end_ns": None,
            "arrived_ns": None,
            "attempts": attempts,
            "outcome": "in_flight",
        }
        self.hops.append(hop)
        return hop

    # one after another

    def _queue(self, parcel: Parcel, link: int, rest: list[int]) -> None:
        wire, queue, now = self.wires[link], self.queues[link], self.agenda.now
        headers = wire.headers(parcel.size_bytes)
        size = parcel.size_bytes + headers
        place = {**parcel.message.place, "link": link, "packet": parcel.packet}
        if not queue.has_room(now, size):
            wire.drop(parcel.size_bytes)
            if self._is_of_a_view(parcel.message) and wire.link.source == parcel.message.row["source"]:
                self.origin_bytes[wire.link.source] -= parcel.size_bytes
            self._hop(parcel, link, None, 0)["outcome"] = "dropped"
            self.agenda.enter(now, DELIVERY, **place, act=lambda: self._fails(parcel, "dropped"))
            return
        luck = wire.accept(parcel.message.row["kind"], parcel.size_bytes, headers)
        self.machines[wire.link.source].meter.sends(luck.attempts * size)
        start = queue.start_ns(now)
        end = wire.transmitted_ns(start, parcel.size_bytes, luck.attempts)
        queue.carry(now, start, end, size)
        wire.busy.append((start, end))
        hop = self._hop(parcel, link, start, luck.attempts)
        hop["end_ns"] = self._before_the_end(end)
        if end == NEVER:
            return
        arrival = max(wire.last_arrival_ns, end + wire.delay_ns(end) + luck.jitter_ns)
        if luck.lost:
            self.agenda.enter(arrival, DELIVERY, **place, act=lambda: self._is_lost(parcel, wire, [hop]))
            return
        wire.last_arrival_ns = arrival

        def arrives() -> None:
            hop.update(arrived_ns=arrival, outcome="delivered")
            self.machines[wire.link.target].meter.receives(size)
            self._is_at(parcel, wire.link.target, rest)

        self.agenda.enter(arrival, DELIVERY, **place, act=arrives)

    # in fair shares

    def _share(self, parcel: Parcel, links: list[int], rest: list[int]) -> None:
        wires = [self.wires[k] for k in links]
        now = self.agenda.now
        headers = wires[0].headers(parcel.size_bytes)  # those of the first link are carried by all
        size = parcel.size_bytes + headers
        lucks = [w.accept(parcel.message.row["kind"], parcel.size_bytes, headers) for w in wires]
        hops = [self._hop(parcel, k, now, 1) for k in links]
        for wire in wires:
            self.machines[wire.link.source].meter.sends(size)
            wire.busy.append((now, NEVER))
        busy = [len(w.busy) - 1 for w in wires]

        def sent() -> None:
            end = at = self.agenda.now
            arrivals = []
            for wire, luck, i in zip(wires, lucks, busy, strict=True):
                wire.busy[i] = (now, end)
                at += wire.delay_ns(end) + luck.jitter_ns
                arrivals.append(at)
            losers = [w for w, luck in zip(wires, lucks, strict=True) if luck.lost]
            for hop, arrival in zip(hops, arrivals, strict=True):
                hop["end_ns"] = end
                if not losers and self._before_the_end(arrival) is not None:
                    hop.update(arrived_ns=arrival, outcome="delivered")

            def arrives() -> None:
                for wire in wires:
                    self.machines[wire.link.target].meter.receives(size)
                self._is_at(parcel, wires[-1].link.target, rest)

            act = (lambda: self._is_lost(parcel, losers[0], hops)) if losers else arrives
            self.agenda.enter(at, DELIVERY, **parcel.message.place, link=links[-1], packet=parcel.packet, act=act)

        if size == 0:
            sent()
        else:
            self.fluid.start(Transfer(wires, size, sent))

    # at the end of a link

    def _is_lost(self, parcel: Parcel, wire: Wire, hops: list[dict[str, Any]]) -> None:
        wire.lost += 1
        for hop in hops:
            hop["outcome"] = "lost"
        self._fails(parcel, "lost")

    def _is_at(self, parcel: Parcel, machine: int, rest: list[int]) -> None:
        if rest and self.machines[machine].alive:
            self._hand_over(parcel, rest)
        else:
            self._is_there(parcel, machine)

    def _is_there(self, parcel: Parcel, machine: int) -> None:
        if self.machines[machine].alive:
            self._is_known(parcel.message)
        else:
            self.machines[machine].lost += 1
            self._fails(parcel, "lost")

    def _fails(self, parcel: Parcel, outcome: str) -> None:
        parcel.message.failed = "lost" if self.d.forwarding == "packet" else outcome
        self._is_known(parcel.message)

    def _is_known(self, message: Message) -> None:
        """Take note that it is known what has become of one more of its parcels."""
        message.parcels -= 1
        if message.parcels > 0:
            return
        if message.failed is None:
            message.row.update(delivered_ns=self.agenda.now, outcome="delivered")
            message.arrives()
        else:
            message.row["outcome"] = message.failed
            message.misses()

    def _before_the_end(self, at_ns: int | float) -> int | None:
        if at_ns == NEVER or (self.d.until_ns is not None and at_ns >= self.d.until_ns):
            return None
        return at_ns
