"""Roles: which nodes of a graph are of which tier, rule by rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from math import dist
from typing import TYPE_CHECKING
from unicodedata import normalize

from ddnnsim.scenario import Tier
from ddnnsim.scenario.finding import Finding, Unmade
from ddnnsim.scenario.recipe import Rule
from ddnnsim.scenario.wording import did_you_mean, listed
from ddnnsim.topology.attributes import LEVEL, ON_EARTH, PLACE, SAID, SUGGESTED
from ddnnsim.topology.distances import great_circle_m
from ddnnsim.topology.plain import values

if TYPE_CHECKING:
    from ddnnsim.topology.plain import Plain

_ROLES = ("topology", "roles")
_SHOWN = 3


def assign(plain: Plain, roles: Mapping[Tier, Rule]) -> None:
    """Give each node of *plain* a tier: by the first of *roles* that takes it, else its own, or `rest`.

    Where there is neither it is of the tier that its level suggests. Of equals those that stand first in the graph are
    taken. Raises Unmade where a rule takes fewer than it should, and where a
    node is left.
    """
    taken: dict[str, Tier] = {}
    for tier, rule in roles.items():
        if rule.rest is None:
            left = [name for name in plain if name not in taken]
            taken |= dict.fromkeys(_chosen(plain, left, tier, rule), tier)
    rest = next((tier for tier, rule in roles.items() if rule.rest is not None), None)
    for name, node in plain.nodes(data=True):
        suggested = node.pop(SUGGESTED, None)
        if chosen := taken.get(name) or node.get("tier") or rest or suggested:
            node["tier"] = chosen
    left = [name for name, tier in values(plain, "tier").items() if tier is None]
    if left:
        what = f"{len(left)} nodes have no role: {', '.join(left[:_SHOWN])}{', ...' if len(left) > _SHOWN else ''}"
        raise Unmade(Finding(_ROLES, what, "add e.g. 'device: rest'", at_key=True))


def _chosen(plain: Plain, left: Sequence[str], tier: str, rule: Rule) -> Collection[str]:
    """Return those of *left* that *rule* takes."""
    if rule.name is not None:
        return _named(left, tier, rule.name, values(plain, SAID))
    if rule.level is not None:
        return _on_level(plain, left, tier, rule.level)
    if rule.near is not None:
        place, apart = rule.near, great_circle_m if plain.graph[ON_EARTH] else dist
        if plain.graph[ON_EARTH] and (abs(place[0]) > 180 or abs(place[1]) > 90):
            what = f"{place[0]:g}, {place[1]:g} is no longitude and latitude"
            raise Unmade(Finding((*_ROLES, tier, "near"), what, "write e.g. '[8.68, 50.11]'"))
        places = {name: place for name, place in values(plain, PLACE).items() if place is not None}
        if not places:
            what = "nodes of this graph have no places"
            raise Unmade(Finding((*_ROLES, tier, "near"), what, "choose them by degree, name or level"))
        left = [name for name in left if name in places]
        ranked = sorted(left, key=lambda name: apart(place, places[name]))
    else:
        sign = -1 if rule.most else 1
        ranked = sorted(left, key=lambda name: sign * plain.out_degree(name))
    count = rule.count or 1
    if count > len(ranked):
        raise Unmade(Finding((*_ROLES, tier), f"{count} nodes, but {len(ranked)} are left", "write a smaller count"))
    return ranked[:count]


def _named(left: Sequence[str], tier: str, patterns: Sequence[str], said: Mapping[str, str]) -> list[str]:
    """Return those of *left* that one of *patterns* names, by their names or by what the graph has *said* of each."""
    found: list[str] = []
    for pattern in patterns:
        of_pattern = {name for name, original in said.items() if _matches(pattern, name, original)}
        named = [name for name in left if name in of_pattern]
        if not named:
            what = f"{pattern!r} names only nodes that have a role" if of_pattern else f"no node is called {pattern!r}"
            raise Unmade(Finding((*_ROLES, tier, "name"), what, "" if of_pattern else did_you_mean(pattern, said)))
        found += [name for name in named if name not in found]
    return found


def _matches(pattern: str, name: str, original: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(normalize("NFC", original), normalize("NFC", pattern))


def _on_level(plain: Plain, left: Sequence[str], tier: str, level: int) -> list[str]:
    """Return those of *left* on *level*."""
    of_node = values(plain, LEVEL)
    found = [name for name in left if of_node[name] == level]
    if not found:
        levels = sorted({level for level in of_node.values() if level is not None})
        instead = f"there are {listed(levels)}" if levels else "choose by degree, name or near"
        raise Unmade(Finding((*_ROLES, tier, "level"), f"no node is left on level {level}", instead))
    return found
