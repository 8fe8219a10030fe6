"""Making a topology: from a recipe to nodes and links as a file has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ddnnsim.scenario import Node
from ddnnsim.scenario.complaints import schema_findings
from ddnnsim.scenario.finding import Finding, Unmade
from ddnnsim.scenario.making import GRAPH
from ddnnsim.scenario.recipe import AnyGraph, File, Hosting, Recipe, Sndlib, Zoo
from ddnnsim.topology.attributes import NODE_KEYS
from ddnnsim.topology.defaults import fill
from ddnnsim.topology.folding import Fields, fold
from ddnnsim.topology.generators import check_size, generate
from ddnnsim.topology.graph_files import collected_graph, read_graph
from ddnnsim.topology.naming import by_role
from ddnnsim.topology.plain import plain_graph, values
from ddnnsim.topology.roles import assign

if TYPE_CHECKING:
    from ddnnsim.topology.plain import Graph, Plain


def make(recipe: Recipe, written: Mapping[str, object]) -> tuple[dict[str, Fields], dict[str, Fields]]:
    """Return the nodes and the links of *recipe*, as a file has them; nodes that are *written* have what that says.

    Raises Unmade where the graph cannot be had, or a rule does not fit it.
    """
    plain = plain_graph(_graph(recipe.graph))
    if isinstance(recipe.graph, File):
        check_size("path", len(plain), plain.number_of_edges() // 2)
    assign(plain, recipe.roles)
    if not isinstance(recipe.graph, File | Zoo | Sndlib):
        plain = by_role(plain)
    if isinstance(recipe.graph, Hosting):
        _hang_devices(plain, recipe.graph.devices)
    _change(plain, written)
    fill(plain, recipe.defaults)
    return fold(plain)


def _graph(spec: AnyGraph) -> Graph:
    """Return the graph that *spec* asks for."""
    match spec:
        case File():
            return read_graph(Path(spec.path))
        case Zoo() | Sndlib():
            return collected_graph(spec)
        case _:
            return generate(spec)


def _hang_devices(plain: Plain, each: int) -> None:
    """Hang as many devices on each edge of *plain*; on each gateway where there is no edge."""
    tiers = values(plain, "tier")
    hosting = next((tier for tier in ("edge", "gateway") if tier in tiers.values()), None)
    hosts = [name for name, tier in tiers.items() if tier == hosting]
    if each and not hosts:
        what = "devices on edges or gateways, and no node is one"
        raise Unmade(Finding((*GRAPH, "devices"), what, "write e.g. 'roles: {edge: rest}'"))
    check_size("devices", len(plain) + each * len(hosts), plain.number_of_edges() // 2 + each * len(hosts))
    for host in hosts if each else ():
        group = f"{host}-device"
        names = [group, *(f"{group}{number}" for number in range(1, each + 1))]
        if taken := next((name for name in names if name in plain), None):
            what = f"a device or a group of devices of {host!r} would be called {taken!r}, and a node is"
            raise Unmade(Finding((*GRAPH, "devices"), what, "call that node otherwise, or hang no devices"))
        for number in range(1, each + 1):
            plain.add_node(f"{group}{number}", tier="device", group=group)
            plain.add_edge(host, f"{group}{number}")
            plain.add_edge(f"{group}{number}", host)


def _change(plain: Plain, written: Mapping[str, object]) -> None:
    """Give nodes of *plain* what is *written* of them, so that a member of a group can differ from the others.

    Raises Unmade for tiers that are none.
    """
    findings: list[Finding] = []
    for name, fields in written.items():
        if name in plain and isinstance(fields, Mapping):
            known = {key: value for key, value in fields.items() if key in NODE_KEYS - {"group"}}
            findings += _tier_findings(name, known)
            plain.nodes[name].update(known)
    if findings:
        raise Unmade(*findings)


def _tier_findings(name: str, fields: Mapping[str, object]) -> Iterator[Finding]:
    """Yield what is wrong with the tier that is written for the node *name*, in the words of loading."""
    if "tier" in fields:
        for finding in schema_findings({"tier": fields["tier"]}, Node):
            yield finding._replace(keys=("topology", "nodes", name, *finding.keys))
