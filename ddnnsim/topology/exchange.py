"""Topologies as plain graphs of networkx, out of a scenario and into one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ddnnsim.errors import Fault, ScenarioError
from ddnnsim.scenario.document import dotted, plain_data
from ddnnsim.scenario.finding import Unmade
from ddnnsim.scenario.making import recipe_findings
from ddnnsim.scenario.recipe import Recipe
from ddnnsim.topology.defaults import fill
from ddnnsim.topology.folding import DIRECTED, Fields, fold, value_of
from ddnnsim.topology.plain import plain_graph
from ddnnsim.topology.roles import assign

if TYPE_CHECKING:
    from ddnnsim.scenario import Scenario
    from ddnnsim.topology.plain import Graph, Plain

_NONE: Mapping[str, object] = {}
_ANY_GRAPH = {"kind": "star", "leaves": 1}
"""What stands for a graph where the keys beside it are checked."""


def graph_of(scenario: Scenario) -> Plain:
    """Return the topology of *scenario* as a plain graph: a node for each machine, an edge for each direction.

    Attributes are text and numbers as in a file, every default written out: of nodes the keys of an entry, and `group`
    where it has a count; of edges those of a link, the value of their direction, and `link` and `direction`. The
    graph's own attributes are the other keys of `topology`, and `links`, the names of the links in their order.
    """
    import networkx as nx

    written: dict[str, Any] = scenario.topology.model_dump(by_alias=True, exclude_none=True)
    nodes, links = written.pop("nodes"), written.pop("links")
    graph: Plain = nx.DiGraph(**{key: value for key, value in written.items() if value}, links=list(links))
    for name, node in nodes.items():
        fields = {key: value for key, value in node.items() if key != "count"}
        for machine in scenario.machines_of(name):
            graph.add_node(machine, **fields, **({} if machine == name else {"group": name}))
    for link in scenario.topology.directed_links():
        fields = _one_way(links[link.link], link.direction)
        graph.add_edge(link.source, link.target, **fields, link=link.link, direction=link.direction)
    return graph


def topology_of(
    graph: Graph, roles: Mapping[str, object] = _NONE, defaults: Mapping[str, object] = _NONE
) -> dict[str, Any]:
    """Return *graph*, any of networkx, as what a scenario has under `topology`.

    Node attributes are the keys of a node, edge attributes those of a direction of a link, and the graph's own those
    of the topology, as `graph_of` gives them; others are left aside. *roles* and *defaults* are as in a file.
    Raises ScenarioError where a rule does not fit the graph.
    """
    said = plain_data({"roles": roles, "defaults": defaults}, ())
    findings = list(recipe_findings({"graph": _ANY_GRAPH} | said))
    try:
        if findings:
            raise Unmade(*(found._replace(keys=("topology", *found.keys)) for found in findings))
        recipe = Recipe.model_validate({"graph": _ANY_GRAPH} | said)
        plain = plain_graph(graph)
        assign(plain, recipe.roles)
        fill(plain, recipe.defaults)
        nodes, links = fold(plain)
    except Unmade as why:
        faults = [Fault(dotted(finding.keys), finding.what, finding.instead) for finding in why.findings]
        raise ScenarioError(faults) from None
    order = {name: rank for rank, name in enumerate(graph.graph.get("links", ()))}
    ordered = dict(sorted(links.items(), key=lambda item: order.get(item[0], len(order))))
    rest = {key: graph.graph[key] for key in ("regions", "routing", "forwarding") if key in graph.graph}
    return {"nodes": nodes, "links": ordered} | rest


def _one_way(link: Mapping[str, Any], direction: str) -> Fields:
    """Return what *link* has in *direction*."""
    fields = {key: value for key, value in link.items() if key not in ("from", "to")}
    for key in DIRECTED:
        if key in fields:
            fields[key] = value_of(fields[key], direction)
    if "steps" in fields:
        fields["steps"] = [{key: value_of(value, direction) for key, value in step.items()} for step in fields["steps"]]
    return fields
