"""The network of a scenario as what it is: levels of sections, who merges whom, and the exits above them.

The six configurations of Teerapittayanon et al., ICDCS 2017, Fig. 2, are all of this one shape:

| | sections of each level, bottom to top | exits |
|---|---|---|
| (a) | V devices, a cloud (all of them run in the cloud) | cloud |
| (b) | a device, a cloud | local, cloud |
| (c) | V devices, a cloud | local, cloud |
| (d) | a device, an edge, a cloud | local, edge, cloud |
| (e) | V devices, edges, a cloud | local, edge, cloud |
| (f) | V devices in groups, an edge for each, a cloud | local of each group, edge, cloud |

An exit that a scenario leaves out, such as the local one, is not there, and neither is what it would read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ddnnsim.scenario import CONFIGURATIONS, Level, Model, cameras_used

if TYPE_CHECKING:
    from ddnnsim.scenario import Scenario

EXIT_LEVELS = {"local": "device", "edge": "edge", "cloud": "cloud"}
"""By exit, the level whose scores it joins."""


@dataclass(frozen=True, slots=True)
class NetworkLevel:
    """The sections of one level: the same layers, with weights of their own or shared."""

    name: str
    layers: Level
    """The merge of what comes from below, the blocks, their precision; no blocks where a user gives modules."""
    children: tuple[tuple[int, ...], ...]
    """By section, the sections of the level below that it merges; on the lowest level the view that it senses."""
    weights: tuple[int, ...]
    """By section, the number of its set of weights, from 0: sections with the same number share one."""

    @property
    def sections(self) -> int:
        """Return how many sections there are."""
        return len(self.children)


@dataclass(frozen=True, slots=True)
class NetworkExit:
    """An exit: it joins the scores of sections of one level."""

    name: str
    """`local`, `edge`, `cloud`; `local.north` for the local exit of the group `north`."""
    key: str
    """Its name in the scenario."""
    group: str | None
    """The group whose exit it is; None where the whole level has one."""
    level: int
    sections: tuple[int, ...]
    """The sections that it joins, by their numbers within the level."""
    merge: Literal["MP", "AP", "CC"]
    temperature: float


@dataclass(frozen=True, slots=True)
class Network:
    """Levels of sections from the bottom up, and the exits above them."""

    view_shape: tuple[int, int, int]
    """Channels, height, width of one view."""
    classes: int
    levels: tuple[NetworkLevel, ...]
    exits: tuple[NetworkExit, ...]
    """From the bottom up, those of groups in the order of the groups: their positions are the exits' ids."""
    absent: Literal["leave_out", "blank"]
    """What stands for a view that did not arrive."""

    @property
    def views(self) -> int:
        """Return how many views a sample has: one for each section of the lowest level."""
        return self.levels[0].sections

    def exits_of(self, level: int) -> list[int | None]:
        """Return by section of *level* the id of the exit that joins its scores; None where none does."""
        found: list[int | None] = [None] * self.levels[level].sections
        for number, exit_ in enumerate(self.exits):
            for section in exit_.sections if exit_.level == level else ():
                found[section] = number
        return found

    def parents_of(self, level: int) -> list[int | None]:
        """Return by section of *level* the one of the level above that merges it; None on the top level."""
        found: list[int | None] = [None] * self.levels[level].sections
        above = self.levels[level + 1].children if level + 1 < len(self.levels) else ()
        for number, children in enumerate(above):
            for section in children:
                found[section] = number
        return found

    def exit_views(self, exit_: int) -> int:
        """Return the views that the exit of id *exit_* may have, as a bit mask."""
        mask = 0
        for section in self.exits[exit_].sections:
            mask |= self.views_of(self.exits[exit_].level, section)
        return mask

    def answering(self, exit_: int, mask: int) -> bool:
        """Return whether the exit of id *exit_* says anything when the views in *mask* arrived, and no others."""
        return self.absent == "blank" or bool(self.exit_views(exit_) & mask)

    def views_of(self, level: int, section: int) -> int:
        """Return the views that *section* of *level* is made of, as a bit mask."""
        children = self.levels[level].children[section]
        if level == 0:
            return sum(1 << view for view in children)
        mask = 0
        for child in children:
            mask |= self.views_of(level - 1, child)
        return mask


def network_of(scenario: Scenario) -> Network:
    """Return the network that *scenario* describes; its devices have the cameras in the order of their nodes."""
    groups = device_groups(scenario)
    devices = len(cameras_used(scenario.data))
    levels: list[NetworkLevel] = []
    for name, layers in _layers(scenario).items():
        children = _children(name, levels[-1].sections if levels else None, devices, groups)
        levels.append(NetworkLevel(name, layers, children, _weight_sets(name, layers, len(children), groups)))
    return Network(
        view_shape=scenario.data.view_shape,
        classes=len(scenario.data.classes),
        levels=tuple(levels),
        exits=tuple(_exits(scenario, levels, groups)),
        absent=scenario.model.absent,
    )


def _layers(scenario: Scenario) -> dict[str, Level]:
    """Return by level, bottom to top, its layers; those of a user's modules are their own affair."""
    if isinstance(scenario.model, Model):
        return dict(scenario.model.levels)
    return {name: Level() for name in CONFIGURATIONS[scenario.configuration].levels}


def device_groups(scenario: Scenario) -> dict[str, tuple[int, ...]]:
    """Return by group the numbers of its devices; empty where the scenario has no groups."""
    numbers = {name: number for number, name in enumerate(scenario.devices())}
    return {
        name: tuple(sorted(numbers[device] for device in scenario.machines_of(group.devices)))
        for name, group in scenario.placement.groups.items()
    }


def _children(
    level: str, below: int | None, views: int, groups: dict[str, tuple[int, ...]]
) -> tuple[tuple[int, ...], ...]:
    """Return by section of *level* what it merges of *below* sections, or which view it senses."""
    if below is None:
        return tuple((view,) for view in range(views))
    if level == "edge" and groups:
        return tuple(groups.values())
    return (tuple(range(below)),)


def _weight_sets(level: str, layers: Level, sections: int, groups: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    """Return by section of *level* the number of its set of weights: only devices share theirs."""
    if layers.share == "none" or level != "device":
        return tuple(range(sections))
    of_group = {device: number for number, devices in enumerate(groups.values()) for device in devices}
    return tuple(of_group.get(section, 0) for section in range(sections))


def _exits(scenario: Scenario, levels: list[NetworkLevel], groups: dict[str, tuple[int, ...]]) -> list[NetworkExit]:
    """Return the exits from the bottom up; a local exit at several nodes is one for each group."""
    exits = []
    for number, level in enumerate(levels):
        for key, spec in scenario.exits.items():
            if EXIT_LEVELS[key] == level.name:
                everyone = {None: tuple(range(level.sections))}
                joined = everyone if isinstance(spec.at, str) else groups
                exits += [
                    NetworkExit(
                        name=key if group is None else f"{key}.{group}",
                        key=key,
                        group=group,
                        level=number,
                        sections=sections,
                        merge=spec.merge,
                        temperature=spec.temperature,
                    )
                    for group, sections in joined.items()
                ]
    return exits
