"""What a map shows of a network: sites, which are nodes with what hangs on them alone, and the links between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ddnnsim.overview import LinkRow, NodeRow, Overview

MOST = 60
"""Sites that a map of two columns has place for, with their names in letters that can be read."""


@dataclass(frozen=True)
class Site:
    """A node that is drawn, and those that hang on it and are not."""

    node: NodeRow
    hung: tuple[NodeRow, ...]


@dataclass(frozen=True)
class Sites:
    """The sites of a network: in the order of the scenario."""

    sites: tuple[Site, ...]
    links: tuple[LinkRow, ...]
    """Between them."""
    hanging: tuple[LinkRow, ...]
    """To what hangs on them."""


def sites_of(shown: Overview) -> Sites | None:
    """Return the sites of *shown*; None where they are more than `MOST`.

    Devices hang on the only node that they are joined with, unless devices are joined with devices. Where that leaves
    too many, all nodes but clouds do that have one neighbour.
    """
    neighbours = neighbours_of(shown.nodes, shown.links)
    for hosts in _hosts(shown.nodes, neighbours):
        if len(shown.nodes) - len(hosts) <= MOST:
            return _sites(shown, hosts)
    return None


def neighbours_of(nodes: Sequence[NodeRow], links: Sequence[LinkRow]) -> dict[str, set[str]]:
    """Return by name of a node those that it has a link with."""
    neighbours: dict[str, set[str]] = {node.name: set() for node in nodes}
    for link in links:
        neighbours[link.source].add(link.target)
        neighbours[link.target].add(link.source)
    return neighbours


def _hosts(nodes: Sequence[NodeRow], neighbours: Mapping[str, set[str]]) -> Iterator[dict[str, str]]:
    """Yield by name of what may hang on a node which one that is, fewer first."""
    leaves = {
        node.name: next(iter(neighbours[node.name]))
        for node in nodes
        if node.tier != "cloud" and len(neighbours[node.name]) == 1
    }
    leaves = {leaf: host for leaf, host in leaves.items() if host not in leaves}
    devices = {node.name for node in nodes if node.tier == "device"}
    meshed = any(neighbours[device] & devices for device in devices)
    yield {} if meshed else {leaf: host for leaf, host in leaves.items() if leaf in devices}
    yield leaves


def _sites(shown: Overview, hosts: Mapping[str, str]) -> Sites:
    hung: dict[str, list[NodeRow]] = {}
    for node in shown.nodes:
        if node.name in hosts:
            hung.setdefault(hosts[node.name], []).append(node)
    sites = tuple(Site(node, tuple(hung.get(node.name, ()))) for node in shown.nodes if node.name not in hosts)
    hanging = [hosts.keys() & {link.source, link.target} for link in shown.links]
    return Sites(
        sites,
        tuple(link for link, ends in zip(shown.links, hanging, strict=True) if not ends),
        tuple(link for link, ends in zip(shown.links, hanging, strict=True) if ends),
    )
