"""Reach: the routes in force, and whether they are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ddnnsim.routing import Router

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment
    from ddnnsim.sim.condition import Condition

Route = tuple[int, ...]
"""Links, one after another."""
Ask = tuple[int, int, int]
"""Source, target, and size in bytes."""
_MOST_STATES = 1000
"""So many are remembered."""


class Routes(Protocol):
    """The routes in force."""

    def route(self, source: int, target: int, size_bytes: int) -> Route | None:
        """Return the links that a message of *size_bytes* sent now takes from *source* to *target*; None: no way."""
        ...


class NewRoutes:
    """Routes that avoid what is known to be broken: where nothing is, those of the deployment."""

    def __init__(self, deployment: Deployment, known: Condition) -> None:
        self.deployment = deployment
        self.known = known
        self._router = Router([link.edge for link in deployment.links], deployment.routing)
        self._at: list[set[int]] = [set() for _ in deployment.machines]  # the links that begin or end at a machine
        for number, link in enumerate(deployment.links):
            self._at[link.source].add(number)
            self._at[link.target].add(number)
        self._states: dict[tuple[frozenset[int], frozenset[int]], dict[Ask, Route | None]] = {}
        self._found: dict[Ask, Route | None] = {}  # in the state that is known
        known.when_changed.append(self._look_up)

    def route(self, source: int, target: int, size_bytes: int) -> Route | None:
        """Return the links that a message of *size_bytes* sent now takes from *source* to *target*; None: no way."""
        known = self.known
        if source == target or not (known.nodes or known.links):
            return self.deployment.route(source, target, size_bytes)
        ask = source, target, size_bytes
        if ask not in self._found:
            broken = known.links.union(*(self._at[node] for node in known.nodes))
            self._found[ask] = self._router.ways(source, (target,), size_bytes, broken).get(target)
        return self._found[ask]

    def _look_up(self) -> None:
        """Remember what was found when the same was broken."""
        if len(self._states) == _MOST_STATES:
            self._states.clear()
        self._found = self._states.setdefault((self.known.nodes, self.known.links), {})


class Reach:
    """Who can be reached from where, as it is."""

    def __init__(self, deployment: Deployment, routes: Routes, condition: Condition, known: Condition) -> None:
        self._ends = [{link.source, link.target} for link in deployment.links]
        self.routes = routes
        self.condition = condition
        self.known = known
        """What of it is known, and so is the case for routes."""
        self._whole: dict[Ask, bool] = {}  # as long as nothing changes
        condition.when_changed.append(self._whole.clear)
        known.when_changed.append(self._whole.clear)

    def is_whole(self) -> bool:
        """Tell whether every route is: nothing is broken, nor known to be."""
        return self.condition.is_whole() and self.known.is_whole()

    def whole(self, source: int, target: int, size_bytes: int) -> bool:
        """Tell whether the route of *size_bytes* from *source* to *target* is whole.

        No node on it is down, both ends included, and no link that loses what it is given.
        """
        ask = source, target, size_bytes
        whole = self._whole.get(ask)
        if whole is None:
            whole = self._whole[ask] = self.is_whole() or self._has_whole_route(source, target, size_bytes)
        return whole

    def _has_whole_route(self, source: int, target: int, size_bytes: int) -> bool:
        nodes, links = self.condition.nodes, self.condition.links
        if source in nodes or target in nodes:
            return False
        route = self.routes.route(source, target, size_bytes)
        return route is not None and all(link not in links and nodes.isdisjoint(self._ends[link]) for link in route)
