"""Spots: the places of sections and exits that a rule or a search may choose, and the nodes that come into question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from .configuration import Configuration, configuration_of
from .defaults import names_said, section
from .document import Keys, Raw, dotted
from .finding import Finding
from .names import Entries, entries, known_names, machines_named, tier_of_machines
from .wording import did_you_mean, given, listed

if TYPE_CHECKING:
    from .schema import Scenario

ALL = "all"
"""All nodes that a place may be on; a node of that name comes first."""


class Spot(NamedTuple):
    """A place that a section or an exit may be at."""

    keys: Keys
    tiers: tuple[str, ...]
    """Of the nodes that it may be on."""
    group: str | None = None

    @property
    def above_edges(self) -> bool:
        """Return whether edges send to it, where there are any."""
        return self.keys[:2] in (("placement", "cloud"), ("exits", "edge"))

    @property
    def of_group(self) -> bool:
        """Return whether it is the edge of a group, which no other group has."""
        return self.keys[:2] == ("placement", "groups")


def spots(data: dict[str, Any]) -> Iterator[Spot]:
    """Yield every place of *data* that leaves a choice, from the bottom up."""
    configuration = configuration_of(data)
    if configuration is None:
        return
    groups = section(data, "placement", "groups")
    if configuration.groups != "none" and groups:
        for group in groups:
            yield Spot(("placement", "groups", group, "edge"), ("edge",), group)
    elif configuration.edges != "none":
        yield Spot(("placement", "edge"), ("edge",))
    yield Spot(("placement", "cloud"), ("cloud",))
    above = ("gateway", "edge", "cloud") if configuration.edges != "none" else ("gateway", "cloud")
    if configuration.groups == "all":
        for group in groups:
            yield Spot(("exits", "local", "at", group), above, group)
    elif configuration.devices == "many" and len(configuration.exits) > 1:
        yield Spot(("exits", "local", "at"), above)
    if configuration.edges == "many":
        yield Spot(("exits", "edge", "at"), ("edge", "gateway"))


def searched_keys(spot: Spot) -> Keys:
    """Return where a search has its candidates for *spot*."""
    within = {"placement": spot.keys[1:3] if spot.of_group else spot.keys[1:], "exits": _but_at(spot.keys)}
    return ("placement", "search", "of", *within[str(spot.keys[0])])


def _but_at(keys: Keys) -> Keys:
    return tuple(key for number, key in enumerate(keys) if number != 2)


def placement_findings(data: dict[str, Any], nodes: Entries, configuration: Configuration) -> Iterator[Finding]:
    """Yield what is wrong with the nodes of sections that *data* name, and with what they search for."""
    tiers, placement = tier_of_machines(nodes), section(data, "placement")
    for tier in ("edge", "cloud"):
        keys, name = ("placement", tier), placement.get(tier)
        if name is not None and tier not in configuration.levels:
            yield Finding(keys, f"{configuration} has no {tier}", "leave it out", at_key=True)
        elif name is not None and tier == "edge" and section(placement, "groups"):
            yield Finding(keys, "each group has an edge of its own", "leave it out", at_key=True)
        elif isinstance(name, str) and tiers.get(name, tier) != tier:
            yield Finding(keys, f"{name!r} is of tier {tiers[name]}, not {tier}", f"name a node of tier {tier}")
    if isinstance(placement.get("search"), dict) and isinstance(section(placement, "search").get("of"), dict):
        yield from _search(data, nodes)


def _search(data: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield searches for nothing, for what leaves no choice, and among what are no nodes for it."""
    run = section(data, "run")
    replications = run.get("replications") or 1
    if data.get("sweep") or run.get("precision") or (isinstance(replications, int) and replications > 1):
        instead = "run 'ddnnsim place' without them, and repeat what it writes"
        yield Finding(("placement", "search"), "a search beside a sweep or replications", instead, at_key=True)
    of = ("placement", "search", "of")
    open_keys = {searched_keys(spot): spot for spot in spots(data)}
    asked = list(_asked(of, section(data, *of)))
    if not asked:
        yield Finding(of, "nothing is searched for", "write e.g. 'edge: [edge1, edge2]'")
    for keys in asked:
        spot = open_keys.get(keys)
        if spot is None:
            known = listed((".".join(map(str, at[3:])) for at in open_keys), last="or")
            what = f"no choice of {'.'.join(map(str, keys[3:]))!r}"
            yield Finding(keys, what, f"search for {known}", at_key=True)
        elif spot.keys[0] == "exits" and spot.keys[1] not in section(data, "exits"):
            yield Finding(keys, f"the scenario has no exit {spot.keys[1]!r}", "leave it out", at_key=True)
        else:
            yield from candidate_findings(data, nodes, spot, keys)


def _asked(of: Keys, said: dict[str, Raw]) -> Iterator[Keys]:
    """Yield the path of each list of candidates in *said*."""
    for key in ("edge", "cloud"):
        if said.get(key) is not None:
            yield (*of, key)
    for group in section(said, "groups"):
        yield (*of, "groups", group)
    for name, names in section(said, "exits").items():
        if isinstance(names, dict):
            yield from ((*of, "exits", name, group) for group in names)
        else:
            yield (*of, "exits", name)


def candidates(data: dict[str, Any], nodes: Entries, spot: Spot, said: Raw) -> list[str]:
    """Return the machines that *said*, a name or a list, stands for at *spot*, in that order."""
    if said == ALL and not machines_named(ALL, nodes):
        return all_candidates(data, nodes, spot)
    found = (machine for _, name in names_said((), said) for machine in machines_named(name, nodes))
    return list(dict.fromkeys(found))


def all_candidates(data: dict[str, Any], nodes: Entries, spot: Spot) -> list[str]:
    """Return the machines that *spot* may be on, in the order of the file, but for those that stand in for others."""
    failover = section(data, "recovery", "failover")
    standing_in = {other for said in failover.values() for _, other in names_said((), said)}
    of_tier = (machine for entry in nodes.values() if entry.tier in spot.tiers for machine in entry.machines)
    return [machine for machine in of_tier if machine not in standing_in]


def candidate_findings(data: dict[str, Any], nodes: Entries, spot: Spot, keys: Keys) -> Iterator[Finding]:
    """Yield what is wrong with the candidates for *spot* that *data* have at *keys*."""
    said = at_keys(data, keys)
    if said == ALL and not machines_named(ALL, nodes):
        if not all_candidates(data, nodes, spot):
            yield Finding(keys, f"no node is of tier {listed(spot.tiers, last='or')}", "add one")
        return
    names = list(names_said(keys, said))
    if not names or (isinstance(said, list) and len(names) < len(said)):
        yield Finding(keys, f"{given(said)} names no nodes", f"write a list of nodes, or '{ALL}'")
        return
    tiers = tier_of_machines(nodes)
    for at, name in names:
        machines = machines_named(name, nodes)
        other = sorted({tiers[machine] for machine in machines if machine in tiers} - set(spot.tiers))
        if not machines:
            yield Finding(at, f"unknown node {name!r}", did_you_mean(name, known_names(nodes, groups=True)))
        elif other:
            what = f"{name!r} is of tier {listed(other)}, not {listed(spot.tiers, last='or')}"
            yield Finding(at, what, "name another node")


def at_keys(data: Raw, keys: Keys) -> Raw:
    """Return what is at *keys* of *data*; None where there is nothing."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def with_value(data: dict[str, Any], keys: Keys, value: Raw) -> dict[str, Any]:
    """Return *data* with *value* at *keys*."""
    first, *rest = keys
    return data | {str(first): with_value(section(data, str(first)), tuple(rest), value) if rest else value}


class SearchedPlace(NamedTuple):
    """A place that a scenario searches for."""

    path: str
    """Such as `placement.edge`."""
    names: tuple[str, ...]
    """Of the nodes that it may be on."""
    at: str
    """Where it begins."""
    with_it: tuple[str, ...]
    """The paths of exits that are there and not searched for themselves: they go with it."""


def searched_places(scenario: Scenario) -> tuple[SearchedPlace, ...]:
    """Return the places that *scenario* searches for, from the bottom up; none where it has no search."""
    data = scenario.model_dump(by_alias=True, exclude_none=True)
    nodes = entries(data)
    searched = [spot for spot in spots(data) if at_keys(data, searched_keys(spot)) is not None]
    fixed = [(keys, at) for keys, at in _exits(data) if keys not in [spot.keys for spot in searched]]
    found = []
    for spot in searched:
        names, at = candidates(data, nodes, spot, at_keys(data, searched_keys(spot))), at_keys(data, spot.keys)
        with_it = [dotted(keys) for keys, place in fixed if spot.keys[0] == "placement" and place == at]
        found.append(SearchedPlace(dotted(spot.keys), tuple(names), at, tuple(with_it)))
    return tuple(found)


def _exits(data: dict[str, Any]) -> Iterator[tuple[Keys, str]]:
    """Yield the path and the node of every exit."""
    for name in section(data, "exits"):
        at = section(data, "exits", name).get("at")
        if isinstance(at, str):
            yield ("exits", name, "at"), at
        for group, node in section(at).items():
            yield ("exits", name, "at", group), node
