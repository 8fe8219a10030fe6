"""An excerpt of a deployment: the part of it that a request with the view of one device alone has to do with."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ddnnsim.deployment import Deployment, Exit, Link, Machine, Section

    Ways = Mapping[tuple[int, int], tuple[int, ...]]

_Named = TypeVar("_Named", "Machine", "Link", "Section", "Exit")


@dataclass(frozen=True)
class Excerpt:
    """The sections and exits that get something of the request, and the ways between them."""

    deployment: Deployment
    exits: tuple[int, ...]
    """By exit of the excerpt, its number in the whole."""

    def kind(self) -> Hashable:
        """Return what is equal for excerpts in which the same happens at the same times, if nothing is drawn."""
        plan = self.deployment
        parts = (_nameless(plan.machines), _nameless(plan.links), _nameless(plan.sections), _nameless(plan.exits))
        ways = (tuple(sorted(plan.routes.items())), tuple(sorted(plan.routes_by_size.items())))
        return parts, ways, plan.channels, plan.reply_to


class Excerpts:
    """What takes excerpts of a *deployment* in which nothing fails: stand-ins are left out."""

    def __init__(self, deployment: Deployment) -> None:
        self.whole = deployment
        self._by_size: dict[tuple[int, int], list[int]] = {}
        for source, target, size in deployment.routes_by_size:
            self._by_size.setdefault((source, target), []).append(size)

    def of(self, sensing: int) -> Excerpt:
        """Return the part of what happens to a request that the section *sensing* alone senses."""
        whole = self.whole
        sections = self._upwards(sensing)
        exits = self._reading(sections)
        routes, by_size = self._routes(self._hosts(sections, exits))
        links = _ordered(link for ways in (routes, by_size) for way in ways.values() for link in way)
        ends = (end for link in links for end in (whole.links[link].source, whole.links[link].target))
        machines = _ordered([*ends, *self._hosts(sections, exits)])
        channels = _ordered(number for link in links if (number := whole.links[link].channel) is not None)
        machine, link, channel = _numbers(machines), _numbers(links), _numbers(channels)
        section, exit_ = _numbers(sections), _numbers(exits)

        def linked(plan: Link) -> Link:
            of = None if plan.channel is None else channel[plan.channel]
            return replace(plan, source=machine[plan.source], target=machine[plan.target], channel=of)

        def placed(plan: Section) -> Section:
            return replace(
                plan,
                machine=machine[plan.machine],
                exit=None if plan.exit is None else exit_[plan.exit],
                parent=None if plan.parent is None else section[plan.parent],
                view=None if plan.view is None else 0,
                stand_ins=(),
            )

        def asked(plan: Exit) -> Exit:
            return replace(
                plan,
                machine=machine[plan.machine],
                sections=tuple(section[number] for number in plan.sections if number in section),
                coordinator=None if plan.coordinator is None else exit_.get(plan.coordinator),
                stand_ins=(),
            )

        part = replace(
            whole,
            machines=tuple(whole.machines[number] for number in machines),
            links=tuple(linked(whole.links[number]) for number in links),
            sections=tuple(placed(whole.sections[number]) for number in sections),
            exits=tuple(asked(whole.exits[number]) for number in exits),
            channels=tuple(whole.channels[number] for number in channels),
            routes={(machine[a], machine[b]): tuple(link[on] for on in way) for (a, b), way in routes.items()},
            routes_by_size={
                (machine[a], machine[b], size): tuple(link[on] for on in way) for (a, b, size), way in by_size.items()
            },
            reply_to=None if whole.reply_to is None else machine[whole.reply_to],
        )
        return Excerpt(part, tuple(exits))

    def _upwards(self, sensing: int) -> list[int]:
        """Return the section *sensing* and, level by level, those that get something of what it sends."""
        found, at = [sensing], self.whole.sections[sensing].parent
        while at is not None:
            found.append(at)
            at = self.whole.sections[at].parent
        return found

    def _reading(self, sections: Iterable[int]) -> list[int]:
        """Return the exits that get the scores of *sections*, and their coordinators."""
        reading = {number for of in sections if (number := self.whole.sections[of].exit) is not None}
        coordinators = {number for exit_ in reading if (number := self.whole.exits[exit_].coordinator) is not None}
        return _ordered(reading | coordinators)

    def _hosts(self, sections: Iterable[int], exits: Iterable[int]) -> list[int]:
        """Return the machines that *sections* and *exits* are on, and that which is told the answer."""
        at = [*(self.whole.sections[number].machine for number in sections)]
        at += [self.whole.exits[number].machine for number in exits]
        return _ordered(at if self.whole.reply_to is None else [*at, self.whole.reply_to])

    def _routes(self, hosts: list[int]) -> tuple[Ways, Mapping[tuple[int, int, int], tuple[int, ...]]]:
        """Return the routes between *hosts*: for messages of any size, and those for messages of some."""
        whole = self.whole
        pairs = [(a, b) for a in hosts for b in hosts if a != b]
        by_size = [(a, b, size) for a, b in pairs for size in self._by_size.get((a, b), ())]
        any_size = {pair: whole.routes[pair] for pair in pairs if pair in whole.routes}
        return any_size, {key: whole.routes_by_size[key] for key in by_size}


def _ordered(numbers: Iterable[int]) -> list[int]:
    """Return each of *numbers* once: in their order, which says who is first of those at one instant."""
    return sorted(set(numbers))


def _numbers(kept: Iterable[int]) -> dict[int, int]:
    """Return by number in the whole, of those that are *kept*, the number in the excerpt."""
    return {number: position for position, number in enumerate(kept)}


def _nameless(plans: tuple[_Named, ...]) -> tuple[_Named, ...]:
    return tuple(replace(plan, name="") for plan in plans)
