"""Names of those that faults hit: nodes, links and regions that are there, and what may fail alone.

Like all checks of raw data, these pass over wrong shapes, which the schema tells, and report causes only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .defaults import names_said, section
from .document import Keys
from .fault import kind_of
from .finding import Finding
from .names import Entries, is_name, known_names, machines_named, tier_of_machines
from .naming import all_faults
from .places import BOTH, Places
from .units import QuantityError, parse_share
from .wording import did_you_mean, listed

_OF_LINKS = ("outage", "degrade")
_NOUNS = {"crash": "a crash", "slow": "a slow node", "partition": "a side", "outage": "an outage", "degrade": "a link"}


def victim_findings(data: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield regions and victims of *data* that are not there, or that cannot be hit so."""
    regions = list(_regions(data, nodes))
    yield from regions
    if regions:  # unknown names would follow
        return
    places, tiers = places_of(data, nodes), tier_of_machines(nodes)
    for keys, fault in all_faults(data.get("faults")):
        kind = kind_of(fault)
        found = list(_unknown(keys, kind, _names(fault, kind), places))
        yield from found
        if found:
            continue
        if kind == "partition":
            yield from _one_side((*keys, kind), _names(fault, kind), places)
        elif kind == "sensor":
            yield from _no_sensor(keys, _names(fault, kind), places, tiers)
        yield from _held_up(keys, fault, places, data)


def places_of(data: dict[str, Any], nodes: Entries) -> Places:
    """Return what faults may hit, as far as *data* say it rightly."""
    machines: dict[str, tuple[str, ...]] = {member: (member,) for entry in nodes.values() for member in entry.machines}
    machines |= {name: entry.machines for name, entry in nodes.items()}
    regions = {
        name: tuple(machine for _, part in names_said((), said) for machine in machines_named(part, nodes))
        for name, said in section(data, "topology", "regions").items()
    }
    links = {
        name: tuple(
            ends
            for a in machines_named(section(link).get("from"), nodes)
            for b in machines_named(section(link).get("to"), nodes)
            for ends in ((a, b), (b, a))
        )
        for name, link in section(data, "topology", "links").items()
    }
    return Places(machines, regions, links)


def _names(fault: dict[str, Any], kind: str) -> list[tuple[Keys, str]]:
    """Return the names of the victims of *fault*, with their paths in it."""
    return list(names_said((kind,), fault.get(kind)))


def _regions(data: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield regions that have no name of their own, or nodes that are not there."""
    path = ("topology", "regions")
    links = section(data, "topology", "links")
    for name, said in section(data, *path).items():
        if not is_name(name):
            yield Finding((*path, name), f"{name!r} is not a name", "use letters, digits, '_' and '-'", at_key=True)
        elif machines_named(name, nodes) or name in links:
            other = "link" if name in links else "node"
            yield Finding((*path, name), f"{name!r} is the name of a {other}", "rename the region", at_key=True)
        for keys, node in names_said((*path, name), said):
            if not machines_named(node, nodes):
                yield Finding(keys, f"unknown node {node!r}", did_you_mean(node, known_names(nodes, groups=True)))


def _unknown(keys: Keys, kind: str, names: Iterable[tuple[Keys, str]], places: Places) -> Iterator[Finding]:
    """Yield *names* that stand for nothing that *kind* of fault may hit."""
    for at, name in names:
        if kind in _OF_LINKS and not places.directions_of(name):
            yield Finding((*keys, *at), *_no_link(kind, name, places))
        elif kind not in _OF_LINKS and not places.machines_of(name):
            yield Finding((*keys, *at), *_no_node(kind, name, places))


def _no_link(kind: str, name: str, places: Places) -> tuple[str, str]:
    """Return what is wrong with the link *name*, and what would be right."""
    if places.machines_of(name):
        example = next((f"{a}{BOTH}{b}" for a, b in places.directions() if a in places.machines_of(name)), "a<>b")
        return f"{name!r} is a node, and {_NOUNS[kind]} is of links", f"name a link, such as '{example}'"
    if ">" in name:
        ends = [end.strip() for end in name.split(BOTH if BOTH in name else ">")]
        strange = next((end for end in ends if not places.machines_of(end)), None)
        if strange is not None:
            return f"unknown node {strange!r}", did_you_mean(strange, [*places.machines, *places.regions])
        return f"no link leads from {ends[0]!r} to {ends[-1]!r}", ""
    return f"unknown link {name!r}", did_you_mean(name, [*places.links, *places.regions])


def _no_node(kind: str, name: str, places: Places) -> tuple[str, str]:
    """Return what is wrong with the node *name*, and what would be right."""
    if places.directions_of(name):
        of_nodes = {"crash": "a crash is of nodes", "slow": "a link is not slow but degraded"}
        instead = f"write 'degrade: {name}'" if kind == "slow" else f"name nodes, or write 'outage: {name}'"
        return f"{name!r} is a link, and {of_nodes.get(kind, f'{kind!r} names nodes')}", instead
    return f"unknown node {name!r}", did_you_mean(name, [*places.machines, *places.regions])


def _one_side(keys: Keys, names: Iterable[tuple[Keys, str]], places: Places) -> Iterator[Finding]:
    """Yield a side that no link leaves."""
    if not places.between(machine for _, name in names for machine in places.machines_of(name)):
        yield Finding(keys, "no link leads from these nodes to any other", "name the nodes of one side")


def _no_sensor(
    keys: Keys, names: Iterable[tuple[Keys, str]], places: Places, tiers: dict[str, str]
) -> Iterator[Finding]:
    """Yield what senses nothing."""
    for at, name in names:
        hit = {tiers.get(machine, "device") for machine in places.machines_of(name)}
        if "device" not in hit or (name not in places.regions and hit != {"device"}):
            what = f"{name!r} is of tier {listed(sorted(hit))}, and senses nothing"
            yield Finding((*keys, *at), what, "name devices")


def _held_up(keys: Keys, fault: dict[str, Any], places: Places, data: dict[str, Any]) -> Iterator[Finding]:
    """Yield links of a FIFO channel that would stop, with what they carry, and hold up the others of it."""
    kind = kind_of(fault)
    word = "on_crash" if kind == "crash" else "on_outage"
    if fault.get(word) != "resume":
        return
    names = [name for _, name in _names(fault, kind)]
    machines = {machine for name in names for machine in places.machines_of(name)}
    if kind == "crash":
        down = {ends for ends in places.directions() if ends[0] in machines}
    elif kind == "partition":
        down = set(places.between(machines))
    else:
        down = {ends for name in names for ends in places.directions_of(name)}
    apart = fault.get("each") is True or not _always(fault.get("chance", 1))
    for name, ends in places.links.items():
        link = section(data, "topology", "links", name)
        shared = link.get("medium") == "shared" and link.get("sharing") != "fair"
        if shared and len(ends) > 1 and down.intersection(ends) and (apart or not down.issuperset(ends)):
            what = f"some directions of the shared medium {name!r} would stop, and hold up the others"
            yield Finding((*keys, word), what, f"write '{word}: lose', or let all of {name!r} fail at once")
            return


def _always(chance: object) -> bool:
    """Return whether every spell hits everyone; what is no chance is a fault by itself."""
    try:
        return parse_share(chance) == 1
    except QuantityError:
        return True
