"""Routes against every way that there is: by delay, by hops, by the time of a transfer."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ddnnsim.deployment import Deployment, Link, Machine, Workload
from ddnnsim.routing import Edge, Router
from ddnnsim.sim.condition import Condition
from ddnnsim.sim.reach import NewRoutes
from ddnnsim.topology import routes_between

NS_PER_S = 10**9


@st.composite
def graphs(draw):
    """Draw a connected graph of few values, so that ties are common."""
    names = "abcdef"[: draw(st.integers(2, 6))]
    graph = nx.DiGraph()
    graph.add_nodes_from(names)
    tree = [(names[i], names[draw(st.integers(0, i - 1))]) for i in range(1, len(names))]
    more = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=6))
    for a, b in draw(st.permutations([*tree, *more])):
        for source, target in ((a, b), (b, a)):
            if a != b and not graph.has_edge(source, target):
                graph.add_edge(
                    source, target,
                    rate_bps=draw(st.sampled_from([1000, 3000, 10**6])),
                    delay_ns=draw(st.integers(0, 3)) * 10**6,
                    mtu_bytes=draw(st.sampled_from([None, 7, 100])),
                    header_bytes=draw(st.sampled_from([0, 3])),
                    overhead_ns=draw(st.sampled_from([0, 2])),
                )  # fmt: skip
    return graph


def transfer_ns(link, size):
    """Return serialisation and delay, by counting packets."""
    left, sent, extra_ns = size, 0, 0
    while left:
        payload = left if link["mtu_bytes"] is None else min(left, link["mtu_bytes"])
        sent += payload + link["header_bytes"]
        extra_ns += link["overhead_ns"]
        left -= payload
    whole, rest = divmod(8 * sent * NS_PER_S, link["rate_bps"])
    return whole + (rest > 0) + extra_ns + link["delay_ns"]


def best(graph, source, target, routing, size, broken=frozenset()):
    """Return the link numbers of the best of all simple ways without *broken* links; None where there is none."""
    numbers = {edge: number for number, edge in enumerate(graph.edges)}
    candidates = []
    for way in nx.all_simple_edge_paths(graph, source, target):
        delay_ns = sum(graph.edges[edge]["delay_ns"] for edge in way)
        links = tuple(numbers[edge] for edge in way)
        least = {
            "delay": (delay_ns, len(way)),
            "hops": (len(way), delay_ns),
            "transfer": (sum(transfer_ns(graph.edges[edge], size) for edge in way), len(way)),
        }
        if broken.isdisjoint(links):
            candidates.append((least[routing], links))
    return min(candidates, default=(None, None))[1]


@given(graphs(), st.sampled_from(["delay", "hops", "transfer"]), st.lists(st.integers(0, 300), min_size=1, max_size=3))
@settings(max_examples=80)
def test_no_way_is_better(graph, routing, sizes):
    names = list(graph.nodes)
    pairs = [(i, j) for i in range(len(names)) for j in range(len(names))]
    routes = routes_between(graph, [(i, j, size) for i, j in pairs for size in sizes], routing)
    for i, j in pairs:
        for size in sizes if i != j else ():
            taken = routes.by_size.get((i, j, size)) or routes.any_size[i, j]
            assert taken == best(graph, names[i], names[j], routing, size)
        if i == j:
            assert (i, j) not in routes.any_size
    assert not routes.by_size or routing == "transfer"
    assert all(way != routes.any_size[i, j] for (i, j, _), way in routes.by_size.items())


@given(graphs(), st.sampled_from(["delay", "hops", "transfer"]), st.integers(0, 300), st.data())
@settings(max_examples=80)
def test_routes_of_a_run_are_those_of_the_start_until_something_breaks(graph, routing, size, data):
    names = list(graph.nodes)
    pairs = [(i, j) for i in range(len(names)) for j in range(len(names)) if i != j]
    routes = routes_between(graph, [(*pair, size) for pair in pairs], routing)
    links = [
        Link("", names.index(a), names.index(b), link["rate_bps"], link["delay_ns"],
             mtu_bytes=link["mtu_bytes"], header_bytes=link["header_bytes"], overhead_ns=link["overhead_ns"])
        for a, b, link in graph.edges(data=True)
    ]  # fmt: skip
    machines = [Machine(name, "edge", 1) for name in names]
    nobody = Workload(np.zeros(0, np.int64), np.zeros(0, np.int64))
    deployment = Deployment(
        tuple(machines), tuple(links), (), (), routes.any_size, nobody, None, None,
        routes_by_size=routes.by_size, routing=routing,
    )  # fmt: skip
    condition = Condition()
    in_force = NewRoutes(deployment, condition)
    down = data.draw(st.sets(st.integers(0, len(links) - 1), max_size=4))
    dead = data.draw(st.sets(st.integers(0, len(names) - 1), max_size=2))
    for pair in pairs:
        assert in_force.route(*pair, size) == deployment.route(*pair, size)
    for link in down:
        condition.link_fails(link)
    for node in dead:
        condition.node_fails(node)
    broken = down | {n for n, link in enumerate(links) if {link.source, link.target} & dead}
    for i, j in pairs:
        assert in_force.route(i, j, size) == best(graph, names[i], names[j], routing, size, broken)
    for link in down:
        condition.link_recovers(link)
    for node in dead:
        condition.node_recovers(node)
    for pair in pairs:
        assert in_force.route(*pair, size) == deployment.route(*pair, size)


def test_only_what_is_asked_for_has_a_route():
    graph = nx.DiGraph()
    for a, b in ("ab", "ba", "bc", "cb"):
        graph.add_edge(a, b, rate_bps=1000, delay_ns=1, mtu_bytes=None, header_bytes=0, overhead_ns=0)
    assert routes_between(graph, [(0, 2, 5), (1, 1, 5)]) == ({(0, 2): (0, 2)}, {})


@given(graphs(), st.sampled_from(["delay", "hops", "transfer"]), st.integers(0, 200), st.data())
def test_one_search_for_all_sources_and_one_past_broken_links_find_the_same_ways(graph, routing, size, data):
    ids = {name: number for number, name in enumerate(graph)}
    edges = [
        Edge(ids[a], ids[b], *(link[field] for field in Edge._fields[2:])) for a, b, link in graph.edges(data=True)
    ]
    router = Router(edges, routing)
    broken = data.draw(st.sets(st.sampled_from(range(len(edges)))))
    kept = [number for number in range(len(edges)) if number not in broken]
    rest = Router([edges[number] for number in kept], routing)
    everyone = list(ids.values())
    for source in everyone:
        assert router.ways(source, everyone, size, broken) == {
            target: tuple(kept[number] for number in way) for target, way in rest.ways(source, everyone, size).items()
        }
    for target in everyone:
        assert router.ways_to(target, everyone, size) == {
            source: router.ways(source, [target], size)[target] for source in everyone
        }


def all_ways(edges, source):
    """Return by node the best links from *source* by delay, hops and numbers, by trying until nothing is better."""
    found, news = {source: (0, 0, ())}, [source]
    while news:
        node = news.pop()
        delay_ns, hops, links = found[node]
        for number, edge in enumerate(edges):
            longer = (delay_ns + edge.delay_ns, hops + 1, (*links, number))
            if edge.source == node and (edge.target not in found or longer < found[edge.target]):
                found[edge.target] = longer
                news.append(edge.target)
    return {node: links for node, (_, _, links) in found.items()}


@pytest.mark.parametrize("kind", ["hubs", "ring", "plane"])
def test_searches_from_both_ends_find_what_one_from_the_start_finds(kind):
    drawn = np.random.default_rng(1)
    graph = {
        "hubs": nx.barabasi_albert_graph(40, 2, seed=1),
        "ring": nx.cycle_graph(40),
        "plane": nx.random_geometric_graph(40, 0.22, seed=1),  # of several parts
    }[kind]
    edges = [Edge(a, b, 1, int(drawn.integers(3)), None, 0, 0) for a, b in nx.DiGraph(graph).edges]
    router = Router(edges, "delay")
    best_ways = [all_ways(edges, source) for source in range(40)]
    for one in range(40):
        for count in (1, 3, 20, 40):
            others = {int(other) for other in drawn.choice(40, count, replace=False)}
            assert router.ways(one, others, 0) == {to: best_ways[one][to] for to in others if to in best_ways[one]}
            assert router.ways_to(one, others, 0) == {at: best_ways[at][one] for at in others if one in best_ways[at]}
