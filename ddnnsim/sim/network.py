"""The network: links of the kinds that a deployment needs, and the ways along them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ddnnsim.deployment import Channel as ChannelPlan
from ddnnsim.sim.brittle import BrittleLink
from ddnnsim.sim.channel import Channel
from ddnnsim.sim.detour import Detours
from ddnnsim.sim.fair import FairLink, Stretch
from ddnnsim.sim.fifo import FifoLink
from ddnnsim.sim.frail import FrailChannel, FrailLink
from ddnnsim.sim.frail_fair import FrailFairLink, FrailStretch
from ddnnsim.sim.gauge import Gauge, gauge_on
from ddnnsim.sim.link import Link, PlainLink
from ddnnsim.sim.lossy import LossyLink
from ddnnsim.sim.packet import Packets
from ddnnsim.sim.shaped import Shape
from ddnnsim.sim.way import Ways

if TYPE_CHECKING:
    from ddnnsim.deployment import Link as LinkPlan
    from ddnnsim.sim.downtime import Downtime
    from ddnnsim.sim.fluid import Fluid
    from ddnnsim.sim.happening import Inbox
    from ddnnsim.sim.message import Carrier
    from ddnnsim.sim.mishaps import Frailty
    from ddnnsim.sim.power import Meter
    from ddnnsim.sim.reach import Route, Routes
    from ddnnsim.sim.stage import Stage


class Network:
    """All links of a run; each is of the plainest kind that does what it has to."""

    def __init__(self, stage: Stage, inboxes: Sequence[Inbox], meters: Sequence[Meter | None]) -> None:
        self.clock = clock = stage.clock
        self.deployment = deployment = stage.deployment
        self.routes: Routes = stage.reach.routes
        """Those in force."""
        self.inboxes = inboxes
        """By machine, where it takes what arrives."""
        self.meters = meters
        """By machine, what pays for the bytes that it sends and receives; None where they cost nothing."""
        policies = [plan.policy for plan in deployment.exits if plan.policy is not None]
        self._gauged = {link for policy in policies for link in policy.uplinks.values()}
        self._gauges: dict[int, Gauge] = {}
        self.mishaps = stage.mishaps
        self.condition = stage.condition
        """Told when a link fails."""
        self._frailties = [stage.mishaps.of_link(number) for number in range(len(deployment.links))]
        self._frail = {plan.channel for plan, f in zip(deployment.links, self._frailties, strict=True) if f is not None}
        self._channels = [self._channel(number) for number in range(len(deployment.channels))]
        self.links = [self._link(number, plan) for number, plan in enumerate(deployment.links)]
        self._ways = Ways(clock, self.links, self._stretched(), self._stretch)

    def way(self, kind: int, entity: int, size_bytes: int, source: int, target: int) -> Sequence[Carrier]:
        """Return what carries messages of *kind* about *entity*, of *size_bytes*, from *source* to *target*."""
        along = partial(self._along, kind, entity, target)
        if self.deployment.recovery.reroute and source != target:
            return [Detours(self.routes, source, target, along)]
        return along(self.deployment.route(source, target, size_bytes))

    def gauge(self, link: int | None) -> Gauge:
        """Return the gauge on *link*, one of those that policies see; None: there is no link."""
        if link is None:
            return Gauge(self.clock)
        if link not in self._gauges:
            self._gauges[link] = gauge_on(self.links[link])
        return self._gauges[link]

    # -- parts, of which a network that keeps more on record has others -------------------------------

    def plain_link(self, number: int, plan: LinkPlan) -> Link:
        """Return the link *number*, which has a rate, a delay, and nothing else."""
        return PlainLink(self.clock, number, plan, self.inboxes[plan.target])

    def lossy_link(self, shape: Shape) -> Link:
        """Return the link of *shape*, which is plain but for its losses."""
        return LossyLink(shape.clock, shape.number, shape.plan, shape.inbox, shape.seed)

    def brittle_link(self, shape: Shape) -> Link:
        """Return the link of *shape*, which is plain but for its losses, and loses what it has when it fails."""
        return BrittleLink(shape)

    def fifo_link(self, shape: Shape, channel: Channel) -> Link:
        """Return the link of *shape*, which takes turns in *channel*."""
        return FifoLink(shape, channel)

    def frail_link(self, shape: Shape, channel: FrailChannel) -> Link:
        """Return the link of *shape*, which may fail, and takes turns in *channel*."""
        return FrailLink(shape, channel)

    def fair_link(self, shape: Shape, channel: int) -> FairLink:
        """Return the link of *shape*, of *channel*, which is fair."""
        return FairLink(shape, channel)

    def frail_fair_link(self, shape: Shape, channel: int) -> FairLink:
        """Return the link of *shape*, of *channel*, which is fair, where the link may fail."""
        return FrailFairLink(shape, channel)

    def stretch(self, links: Sequence[FairLink], fluid: Fluid) -> Stretch:
        """Return *links*, which follow one another, as what *fluid* flows through."""
        return Stretch(self.clock, links, fluid)

    def frail_stretch(self, links: Sequence[FairLink], fluid: Fluid) -> Stretch:
        """Return *links*, of which some may fail, as above."""
        return FrailStretch(self.clock, links, fluid)

    # -- building ------------------------------------------------------------------------------------

    def _stretched(self) -> Sequence[Route]:
        """Return the routes along which fair links are taken together, or may be when routes change."""
        fair = [number for number, link in enumerate(self.links) if isinstance(link, FairLink)]
        if not fair:
            return []
        if not self.deployment.recovery.reroute:
            return [*self.deployment.routes.values(), *self.deployment.routes_by_size.values()]
        plans, leaving = self.deployment.links, dict[int, list[int]]()
        for number in fair:
            leaving.setdefault(plans[number].source, []).append(number)
        pairs = ((number, after) for number in fair for after in leaving.get(plans[number].target, ()))
        return [*((number,) for number in fair), *pairs]

    def _along(self, kind: int, entity: int, target: int, route: Route) -> Sequence[Carrier]:
        """Return what carries messages of *kind* about *entity* to *target* along *route*."""
        way = self._ways.along(route)
        if not way or self.deployment.forwarding == "message":
            return way
        mtus = [mtu for link in route if (mtu := self.deployment.links[link].mtu_bytes) is not None]
        return [Packets(self.clock, kind, entity, min(mtus, default=None), way, self.inboxes[target])]

    def _link(self, number: int, plan: LinkPlan) -> Link:
        meters = self.meters[plan.source], self.meters[plan.target]
        frailty = self._frailty(number)
        shape = Shape(self.clock, number, plan, self.inboxes[plan.target], self.deployment.seed, *meters, frailty)
        if plan.channel is not None and self.deployment.channels[plan.channel].sharing == "fair":
            make = self.fair_link if frailty is None else self.frail_fair_link
            return make(shape, plan.channel)
        plain = plan.channel is None and _is_plain(plan) and meters == (None, None) and number not in self._gauged
        if frailty is not None:
            if plain and frailty.wear.is_none:
                return self.brittle_link(shape)
            channel = FrailChannel(ChannelPlan()) if plan.channel is None else self._channels[plan.channel]
            assert isinstance(channel, FrailChannel)
            return self.frail_link(shape, channel)
        if plan.channel is not None:
            return self.fifo_link(shape, self._channels[plan.channel])
        if not plain:
            return self.fifo_link(shape, Channel(ChannelPlan()))
        return self.plain_link(number, plan) if plan.loss is None else self.lossy_link(shape)

    def _channel(self, number: int) -> Channel:
        plan = self.deployment.channels[number]
        return FrailChannel(plan) if number in self._frail else Channel(plan)

    def _frailty(self, number: int) -> Frailty | None:
        """Return what may go wrong with the link *number*, at least nothing where others of its channel may fail."""
        frailty, channel = self._frailties[number], self.deployment.links[number].channel
        if frailty is None:
            return self.mishaps.nothing(number) if channel is not None and channel in self._frail else None
        downtime = frailty.downtime
        downtime.when_failed.append(partial(self._fails, number, downtime))
        downtime.when_recovered.append(partial(self.condition.link_recovers, number))
        return frailty

    def _fails(self, link: int, downtime: Downtime) -> None:
        if downtime.loses:
            self.condition.link_fails(link)

    def _stretch(self, links: Sequence[FairLink], fluid: Fluid) -> Stretch:
        frail = any(isinstance(link, FrailFairLink) for link in links)
        return (self.frail_stretch if frail else self.stretch)(links, fluid)


def _is_plain(plan: LinkPlan) -> bool:
    """Tell whether *plan* has a rate, a delay, perhaps losses, and nothing else."""
    shapes = (plan.rates, plan.delays, plan.jitter)
    return all(shape is None for shape in shapes) and not (plan.header_bytes or plan.overhead_ns)
