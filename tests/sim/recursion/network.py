"""The ways of messages over the links."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ddnnsim.deployment import Deployment

from .agenda import DELIVERY, NEVER, PATIENCE, Agenda
from .conditions import Conditions
from .fluid import Fluid, Transfer
from .lanes import Lane, Transmission
from .machines import Machine
from .messages import Act, Message, Parcel
from .routes import Routes
from .wires import KINDS, Wire


class Network:
    def __init__(
        self,
        deployment: Deployment,
        agenda: Agenda,
        machines: list[Machine],
        conditions: Conditions,
        routes: Routes,
        is_over: Callable[[int], bool],
    ) -> None:
        self.d = deployment
        self.agenda = agenda
        self.machines = machines
        self.routes = routes
        self._is_over = is_over
        self.messages: list[dict[str, Any]] = []
        self.hops: list[dict[str, Any]] = []
        self._on_their_way: list[tuple[dict[str, Any], int]] = []
        """Hops of fair links that are taken together, and when each arrives."""
        self.origin_bytes = [0 for _ in machines]
        names = [m.name for m in deployment.machines]
        self.wires = [
            Wire(i, link, f"{names[link.source]}>{names[link.target]}", deployment.seed, conditions)
            for i, link in enumerate(deployment.links)
        ]
        channels = [Lane(channel, agenda) for channel in deployment.channels]
        self.lanes = [Lane(None, agenda) if k.channel is None else channels[k.channel] for k in deployment.links]
        self.fluid = Fluid(agenda, lambda wire: wire.link.channel)

    # messages

    def send(
        self, request: int, entity: int, kind: str, size: int, source: int, target: int, arrives: Act, misses: Act,
        sending: int = 1,
    ) -> None:  # fmt: skip
        """Send a message, for the *sending*-th time."""
        beat = kind == "heartbeat"
        row = {
            "message": len(self.messages),
            "request": None if beat else request,
            "kind": kind,
            "source": source,
            "target": target,
            "size_bytes": size,
            "sent_ns": self.agenda.now,
            "delivered_ns": None,
            "section": entity if entity < len(self.d.sections) and not beat else None,
            "exit": entity - len(self.d.sections) if entity >= len(self.d.sections) and not beat else None,
            "outcome": "in_flight",
        }
        self.messages.append(row)
        message = Message(row, (request, entity), arrives, misses, sending)
        if source == target:
            parcel = Parcel(message, 0, size)
            self._enter(message, act=lambda: self._is_there(parcel, target))
            return
        route = self.routes.find(source, target, size)
        if route is None:
            self._enter(message, act=lambda: self._fails(Parcel(message, 0, size), "lost"))
            return
        assert self.d.links[route[0]].source == source
        assert self.d.links[route[-1]].target == target
        sizes = self._cut(size, route)
        message.parcels = len(sizes)
        if self._is_of_a_view(message):
            self.origin_bytes[source] += size
        for packet, part in enumerate(sizes):
            self._hand_over(Parcel(message, packet, part), route)

    def _enter(self, message: Message, at: int | None = None, link: int = 0, packet: int = 0, *, act: Act) -> None:
        """Let something happen in the place of a delivery."""
        at = self.agenda.now if at is None else at
        self.agenda.enter(
            at, DELIVERY, **message.place, link=link, packet=packet, act=act, keeps_going=message.keeps_going
        )

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
        return message.kind in ("summary", "features", "raw") and self.d.sections[section].view is not None

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

    def _hop(self, parcel: Parcel, link: int, start: int | None, attempts: int) -> dict[str, Any]:
        hop = {
            "message": parcel.message.row["message"],
            "packet": parcel.packet,
            "link": link,
            "queued_ns": self.agenda.now,
            "start_ns": start,
            "end_ns": None,
            "arrived_ns": None,
            "attempts": attempts,
            "outcome": "in_flight",
        }
        self.hops.append(hop)
        return hop

    def _drop(self, parcel: Parcel, link: int) -> None:
        wire = self.wires[link]
        wire.drop(parcel.size_bytes)
        if self._is_of_a_view(parcel.message) and wire.link.source == parcel.message.row["source"]:
            self.origin_bytes[wire.link.source] -= parcel.size_bytes
        self._hop(parcel, link, None, 0)["outcome"] = "dropped"
        act = partial(self._fails, parcel, "dropped")
        self._enter(parcel.message, link=link, packet=parcel.packet, act=act)

    # one after another

    def _queue(self, parcel: Parcel, link: int, rest: list[int]) -> None:
        wire, lane, now = self.wires[link], self.lanes[link], self.agenda.now
        headers = wire.headers(parcel.size_bytes)
        size = parcel.size_bytes + headers
        if wire.loses or not lane.has_room(now, size):
            self._drop(parcel, link)
            return
        luck = wire.accept(parcel.message.kind, parcel.size_bytes, headers, now)
        self.machines[wire.link.source].meter.sends(luck.attempts * size)
        hop = self._hop(parcel, link, None, luck.attempts)

        def arrives() -> None:
            hop.update(arrived_ns=self.agenda.now, outcome="delivered")
            self.machines[wire.link.target].meter.receives(size)
            self._is_at(parcel, wire.link.target, rest)

        place = {**parcel.message.place, "link": link, "packet": parcel.packet}
        is_lost = partial(self._is_lost, parcel, wire, [hop])
        message = parcel.message
        lane.carry(Transmission(wire, parcel.size_bytes, luck, hop, place, message.keeps_going, arrives, is_lost))

    # in fair shares

    def _share(self, parcel: Parcel, links: list[int], rest: list[int]) -> None:
        wires = [self.wires[k] for k in links]
        now = self.agenda.now
        for wire in wires:
            if wire.loses:
                self._drop(parcel, wire.number)
                return
        headers = wires[0].headers(parcel.size_bytes)  # those of the first link are carried by all
        size = parcel.size_bytes + headers
        lucks = [w.accept(parcel.message.kind, parcel.size_bytes, headers, now) for w in wires]
        hops = [self._hop(parcel, k, now, 1) for k in links]
        for wire in wires:
            self.machines[wire.link.source].meter.sends(size)
            wire.busy.append((now, NEVER))
        busy = [len(w.busy) - 1 for w in wires]
        last = {"link": links[-1], "packet": parcel.packet}

        def sent() -> None:
            end = at = self.agenda.now
            arrivals = []
            for wire, luck, i in zip(wires, lucks, busy, strict=True):
                wire.busy[i] = (now, end)
                wire.sent.append((now, end, size))
                at += wire.delay.at(end) + luck.jitter_ns
                arrivals.append(at)
            losers = [w for w, luck in zip(wires, lucks, strict=True) if luck.lost]
            for hop, arrival in zip(hops, arrivals, strict=True):
                hop["end_ns"] = end
                if not losers:
                    self._on_their_way.append((hop, arrival))

            def arrives() -> None:
                for hop, arrival in zip(hops, arrivals, strict=True):
                    hop.update(arrived_ns=arrival, outcome="delivered")
                for wire in wires:
                    self.machines[wire.link.target].meter.receives(size)
                self._is_at(parcel, wires[-1].link.target, rest)

            act = partial(self._is_lost, parcel, losers[0], hops) if losers else arrives
            self._enter(parcel.message, at, **last, act=act)

        def is_cut() -> None:
            for wire, i in zip(wires, busy, strict=True):
                wire.busy[i] = (now, self.agenda.now)
            failed = next(w for w in wires if w.loses)
            self._enter(parcel.message, **last, act=partial(self._is_lost, parcel, failed, hops))

        ready = now
        while ready != NEVER and any(w.ready_ns(ready) > ready for w in wires):
            ready = max(w.ready_ns(ready) for w in wires)
        if size > 0 or ready > now:
            self.fluid.start(Transfer(wires, size, ready, parcel.message.keeps_going, sent, is_cut))
        else:
            sent()

    # links that fail

    def fail(self, wire: Wire) -> None:
        """Lose what *wire* holds."""
        self.lanes[wire.number].fails(wire)
        self.fluid.fails(wire)

    def is_whole(self, source: int, target: int, size: int) -> bool:
        """Whether no node and no link of the route is down in a way that loses; both ends are of it."""
        route = [] if source == target else self.routes.find(source, target, size)
        if route is None:
            return False
        nodes = [source, *(self.d.links[k].target for k in route)]
        return all(self.machines[m].alive for m in nodes) and not any(self.wires[k].loses for k in route)

    # what can be seen of links

    def unsent_bytes(self, link: int) -> int:
        """Return the bytes that *link* has and has not sent whole by now."""
        wire, lane = self.wires[link], self.lanes[link]
        rest = [t for t in lane.carried if t.wire is wire and t.cut_ns is None and t.end_ns > self.agenda.now]
        return sum(t.size for t in rest) + sum(t.size_bytes for t in self.fluid.under_way if wire in t.wires)

    def sent(self, link: int) -> list[tuple[int, int, int]]:
        """Return start, end and bytes of the transmissions on *link* that are over by now, repetitions included."""
        wire, lane = self.wires[link], self.lanes[link]
        over = [t for t in lane.carried if t.wire is wire and t.cut_ns is None and t.end_ns <= self.agenda.now]
        return [*wire.sent, *((t.start_ns, t.end_ns, t.luck.attempts * t.size) for t in over)]

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
            self._again(message)

    def _again(self, message: Message) -> None:
        """Have *message*, which is lost, sent again, or let it be learnt that it never comes."""
        retries, request, entity = self.d.recovery.retries, *message.place_
        if retries is None or message.kind == "heartbeat" or message.sending >= retries.attempts:
            message.misses()
            return
        row, kind = message.row, message.kind

        def again() -> None:
            if not self.machines[row["source"]].alive or (kind != "reply" and self._is_over(request)):
                message.misses()
            else:
                what = (row["size_bytes"], row["source"], row["target"])
                self.send(request, entity, kind, *what, message.arrives, message.misses, message.sending + 1)

        wait_ns = round(retries.backoff_ns * retries.factor ** (message.sending - 1))
        self.agenda.enter(self.agenda.now + wait_ns, PATIENCE, request, entity, 0, 8 + KINDS.index(kind), act=again)

    def _before_the_end(self, at_ns: int | float) -> int | None:
        if at_ns == NEVER or (self.d.until_ns is not None and at_ns >= self.d.until_ns):
            return None
        return at_ns

    def records(self, end_ns: int) -> list[dict[str, Any]]:
        """Return the rows of hops; what was still to come at the end has no time."""
        for hop, arrival in self._on_their_way:  # along fair links that are taken together
            if self._before_the_end(arrival) is not None and arrival <= end_ns:
                hop.update(arrived_ns=arrival, outcome="delivered")
        for hop in self.hops:
            for what in ("start_ns", "end_ns"):
                late = hop[what] is None or hop[what] > end_ns
                hop[what] = None if late else self._before_the_end(hop[what])
        return self.hops
