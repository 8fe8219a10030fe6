"""Ways from machine to machine: links one after another, and fair ones that follow each other taken together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ddnnsim.sim.fair import FairLink, Stretch
from ddnnsim.sim.fluid import Fluid

if TYPE_CHECKING:
    from ddnnsim.sim.clock import Clock
    from ddnnsim.sim.link import Link
    from ddnnsim.sim.message import Carrier
    from ddnnsim.sim.reach import Route


class Ways:
    """What carries messages along routes; two routes that have fair links in common share what flows there."""

    def __init__(
        self,
        clock: Clock,
        links: Sequence[Link],
        routes: Iterable[Route],
        stretch: Callable[[Sequence[FairLink], Fluid], Stretch],
    ) -> None:
        self.links = links
        self.stretch = stretch
        self._stretches: dict[tuple[FairLink, ...], Stretch] = {}
        self._fluids: dict[int, Fluid] = {}  # by channel: of those that routes join, the same
        for fair in (piece for route in routes for piece in self._pieces(route) if isinstance(piece, tuple)):
            self._pool({link.channel for link in fair}, Fluid(clock))

    def along(self, route: Route) -> list[Carrier]:
        """Return what carries a message along *route*, piece by piece."""
        return [self._stretch(piece) if isinstance(piece, tuple) else piece for piece in self._pieces(route)]

    def _pieces(self, route: Route) -> list[Link | tuple[FairLink, ...]]:
        pieces: list[Link | tuple[FairLink, ...]] = []
        for fair, links in groupby((self.links[number] for number in route), lambda link: isinstance(link, FairLink)):
            if fair:
                pieces.append(tuple(link for link in links if isinstance(link, FairLink)))
            else:
                pieces.extend(links)
        return pieces

    def _pool(self, channels: set[int], fluid: Fluid) -> None:
        """Let *channels* and all that have to do with them share *fluid*."""
        old = {self._fluids[channel] for channel in channels if channel in self._fluids}
        channels |= {channel for channel, its_fluid in self._fluids.items() if its_fluid in old}
        self._fluids |= dict.fromkeys(channels, fluid)

    def _stretch(self, links: tuple[FairLink, ...]) -> Stretch:
        if links not in self._stretches:
            self._stretches[links] = self.stretch(links, self._fluids[links[0].channel])
        return self._stretches[links]
