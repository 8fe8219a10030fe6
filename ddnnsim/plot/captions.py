"""What is written on a map of a network: at nodes, at links, and once for all in its legend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ddnnsim.plot.style import TIER_MARKERS

if TYPE_CHECKING:
    from ddnnsim.overview import LinkRow, NodeRow
    from ddnnsim.plot.sites import Sites

MOST_LABELS = 40
"""Links that a map has place for labels of."""
ROOMY = 24
"""Nodes that a map has place for badges with words of; those of more are numbers."""
MOST_TOLD = 3
"""Values that a legend lists."""
UNITS = ((10**9, "s"), (10**6, "ms"), (10**3, "µs"), (1, "ns"))


class Badge(NamedTuple):
    """What hangs on a node, of one tier."""

    tier: str
    text: str


class Entry(NamedTuple):
    """An entry of a legend."""

    key: Badge | str
    """What stands before it: a badge; the marker of a tier; a line for `link`; nothing."""
    text: str


Caption = tuple[tuple[str | Badge, ...], ...]
"""What is written at a node, line by line."""


def captions(sites: Sites) -> list[Caption]:
    """Return what is written at each of *sites*: its name, what it has but not all of its tier, and badges."""
    common = {tier: _common(nodes) for tier, nodes in _tiers(sites).items()}
    found: list[Caption] = []
    for site in sites.sites:
        own = [(one,) for one in _has(site.node) if one not in common[site.node.tier]]
        badges = [_badge(sites, tier, f"{n:,}") for tier, n in Counter(node.tier for node in site.hung).items()]
        if _crowded(sites):
            found.append(((site.node.name, *badges), *own))
        else:
            found.append(((site.node.name,), *own, *((badge,) for badge in badges)))
    return found


def labels(links: Sequence[LinkRow]) -> list[str]:
    """Return what is written at each of *links*: the rate and the delay where not all have the same; all '' if many."""
    if len(links) > MOST_LABELS:
        return [""] * len(links)
    rates, delays = len({link.rate for link in links}) > 1, len({link.delays_ns for link in links}) > 1
    return ["\n".join([link.rate] * rates + [_delay(link)] * delays) for link in links]


def legend(sites: Sites) -> list[Entry]:
    """Return what is written once: of each tier, and of all links that have no label of their own."""
    drawn = {site.node.tier for site in sites.sites}
    hung = [node for site in sites.sites for node in site.hung]
    entries = [
        Entry(
            tier if tier in drawn else _badge(sites, tier, "n"),
            _of_tier(tier, nodes, [node for node in hung if node.tier == tier]),
        )
        for tier, nodes in _tiers(sites).items()
    ]
    links = _of_links(sites.links, labelled=len(sites.links) <= MOST_LABELS)
    entries.append(Entry("link", f"links ({len(sites.links):,}){links}"))
    if hung:
        what = "devices" if {node.tier for node in hung} == {"device"} else "what hangs on a node"
        entries.append(Entry("", f"to {what}{_of_links(sites.hanging, labelled=False)}"))
    return entries


def _tiers(sites: Sites) -> dict[str, list[NodeRow]]:
    nodes = [node for site in sites.sites for node in (site.node, *site.hung)]
    return {tier: of for tier in TIER_MARKERS if (of := [node for node in nodes if node.tier == tier])}


def _has(node: NodeRow) -> list[str]:
    """Return what runs on *node*, whatever its group, and its compute."""
    return [one for one in (*dict.fromkeys(node.kinds), node.compute) if one]


def _common(nodes: Sequence[NodeRow]) -> list[str]:
    """Return what each of *nodes* has."""
    return [one for one in _has(nodes[0]) if all(one in _has(node) for node in nodes)]


def _badge(sites: Sites, tier: str, number: str) -> Badge:
    return Badge(tier, number if _crowded(sites) else f"{number} × {tier}")


def _crowded(sites: Sites) -> bool:
    return len(sites.sites) > ROOMY


def _of_tier(tier: str, nodes: Sequence[NodeRow], hung: Sequence[NodeRow]) -> str:
    """Return what all of *nodes* have, and what some that are *hung* do: they have no captions of their own."""
    common = _common(nodes)
    some = _listed((one for node in hung for one in _has(node) if one not in common), "differences")
    told = "; ".join(filter(None, (", ".join(common), f"some {some}" if some else "")))
    count = f" ({len(nodes):,})" if len(nodes) > 1 else ""
    return f"{tier}{count}: {told}" if told else f"{tier}{count}"


def _of_links(links: Sequence[LinkRow], *, labelled: bool) -> str:
    """Return rate and delay of *links*, or what there is of them; not those that differ where they are *labelled*."""
    rates, delays = {link.rate for link in links}, {link.delays_ns for link in links}
    told = [] if labelled and len(rates) > 1 else [_listed((link.rate for link in links), "rates")]
    if len(delays) == 1:
        told.append(_delay(links[0]))
    elif not labelled:
        each = [delay for link in links for delay in link.delays_ns]
        told.append(f"{_rounded(min(each))} to {_rounded(max(each))}")
    both = any(" / " in text for link in links for text in (link.rate, _delay(link)))
    return f": {', '.join(told)}{' (up / down)' if both else ''}" if told else ": up / down" if both else ""


def _listed(values: Iterable[str], plural: str) -> str:
    """Return the different ones of *values*; where they are many, how many."""
    different = list(dict.fromkeys(filter(None, values)))
    return " or ".join(different) if len(different) <= MOST_TOLD else f"{len(different):,} {plural}"


def _delay(link: LinkRow) -> str:
    return " / ".join(map(_rounded, dict.fromkeys(link.delays_ns)))


def _rounded(ns: int) -> str:
    """Return a delay in three digits."""
    if not ns:
        return "0 ms"
    factor, unit = next(((factor, unit) for factor, unit in UNITS if ns >= 0.9995 * factor), UNITS[-1])
    value = ns / factor
    decimals = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:g} {unit}" if round(value, decimals) == value else f"{value:,.{decimals}f} {unit}"
