"""Random deployments, with numbers of which sums meet all the time."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from recursion import expected

from ddnnsim.deployment import Deployment, Exit, Link, Machine, Section, Workload
from ddnnsim.oracle import DecisionTable, TableOracle

NS_A_BYTE = 8 * 10**9
"""The rate at which a byte takes a nanosecond."""


class Tree:
    """Machines joined two by two into a tree, so that there is one route between any two."""

    def __init__(self) -> None:
        self.machines: list[Machine] = []
        self.links: list[Link] = []
        self._above: dict[int, tuple[int, int, int]] = {}

    def machine(self, name: str, tier: str, servers: int = 1) -> int:
        self.machines.append(Machine(name, tier, servers))
        return len(self.machines) - 1

    def join(self, below: int, above: int, up: tuple[int, int], down: tuple[int, int]) -> None:
        """Join two machines by a link each way; *up* and *down* are (rate_bps, delay_ns)."""
        n, one, other = len(self.links), self.machines[below].name, self.machines[above].name
        self.links.append(Link(f"{one}>{other}", below, above, *up))
        self.links.append(Link(f"{other}>{one}", above, below, *down))
        self._above[below] = (above, n, n + 1)

    def path(self, source: int, target: int) -> tuple[int, ...]:
        ups, downs = self._climb(source), self._climb(target)
        while ups and downs and ups[-1] == downs[-1]:
            ups.pop()
            downs.pop()
        return tuple(u for u, _ in ups) + tuple(d for _, d in reversed(downs))

    def _climb(self, machine: int) -> list[tuple[int, int]]:
        steps = []
        while machine in self._above:
            machine, up, down = self._above[machine]
            steps.append((up, down))
        return steps

    def deployment(
        self,
        sections: list[Section],
        exits: list[Exit],
        captured_ns: list[int],
        samples: list[int],
        reply_to: int | None = None,
        until_ns: int | None = None,
    ) -> Deployment:
        pairs = {(s.machine, sections[s.parent].machine) for s in sections if s.parent is not None}
        for e in exits:
            judge = e.machine if e.coordinator is None else exits[e.coordinator].machine
            pairs.add((e.machine, judge))
            pairs |= {(sections[i].machine, e.machine) for i in e.sections}
            pairs |= {(judge, sections[i].machine) for i in e.sections}
        if reply_to is not None:
            pairs |= {(e.machine, reply_to) for e in exits}
        return Deployment(
            machines=tuple(self.machines),
            links=tuple(self.links),
            sections=tuple(sections),
            exits=tuple(exits),
            routes={(a, b): self.path(a, b) for a, b in sorted(pairs) if a != b},
            workload=Workload(np.array(captured_ns, dtype=np.int64), np.array(samples, dtype=np.int64)),
            reply_to=reply_to,
            until_ns=until_ns,
        )


def an_oracle(*entropies: list[float]) -> TableOracle:
    """Return an oracle of *entropies* exit by exit; what exit e says of sample k is the class 10 e + k."""
    tables = []
    for e, column in enumerate(entropies):
        rest = np.array(column, dtype=np.float64)
        tables.append(DecisionTable(10 * e + np.arange(len(column)), rest, 1 - rest, 1 - rest))
    return TableOracle(tables)


TINY = {"service": (0, 0, 1, 2, 3, 4, 6), "delay": (0, 0, 1, 2, 3), "rate": (NS_A_BYTE, NS_A_BYTE, 4 * 10**9),
        "size": (0, 1, 2, 3, 4), "gap": (0, 0, 1, 2, 3, 4, 5, 6)}  # fmt: skip
"""Numbers of which sums meet all the time."""

NAUGHT = {"service": (0, 0, 0, 1), "delay": (0, 0, 0, 1), "rate": (NS_A_BYTE,), "size": (0, 0, 0, 1),
          "gap": (0, 0, 1)}  # fmt: skip
"""Numbers with which nearly everything happens at one instant."""

ODD = {"service": (0, 5, 997, 6007, 10_000), "delay": (0, 13, 1000, 4999), "size": (0, 1, 4, 129, 1024),
       "rate": (3 * 10**9, 7 * 10**8, 999_999_937, 250_000_000), "gap": (0, 1, 500, 6007, 20000)}  # fmt: skip
"""Numbers that divide badly."""


RULES = ("entropy", "probability", "margin")
"""In the order of the columns of a table."""


@st.composite
def two_levels(draw: st.DrawFn, stopped: bool = False, alone: bool = False) -> tuple[Deployment, TableOracle]:
    """Draw a network of devices and a cloud, with a gateway between them that may hold the local exit.

    *alone* is configuration (b): a single device with the local exit as part of its job.
    """
    of = draw(st.sampled_from([TINY, TINY, TINY, ODD]))
    pick = {name: st.sampled_from(values) for name, values in of.items()}
    servers = st.sampled_from([1, 1, 1, 2, 3, 4])
    devices = 1 if alone else draw(st.integers(1, 6))
    tree = Tree()

    def link() -> tuple[int, int]:
        return draw(pick["rate"]), draw(pick["delay"])

    # machines in an order of their own, so that ids say nothing of the level
    cloud_first = draw(st.booleans())
    cloud = tree.machine("cloud", "cloud", draw(servers)) if cloud_first else -1
    shared_machine = devices > 1 and draw(st.integers(0, 5)) == 0
    n_machines = 1 if shared_machine else devices
    cameras = [tree.machine(f"device {i}", "device", draw(servers)) for i in range(n_machines)]
    if not cloud_first:
        cloud = tree.machine("cloud", "cloud", draw(servers))
    gateway = tree.machine("gateway", "edge", draw(servers))
    forwarders = [tree.machine(f"forwarder {i}", "edge") for i in range(draw(st.integers(0, 2)))]

    shared_uplink = draw(st.booleans())
    foot = gateway
    if shared_uplink:
        foot = tree.machine("access point", "edge")
        tree.join(foot, gateway, link(), link())
    equal_links = draw(st.booleans())
    up, down = link(), link()
    for camera in cameras:
        tree.join(camera, foot, *((up, down) if equal_links else (link(), link())))
    chain = [gateway, *forwarders, cloud]
    for below, above in pairwise(chain):
        tree.join(below, above, link(), link())

    place = draw(st.sampled_from(["gateway", "gateway", "apart", "cloud", *["device"] * (devices > 1)]))
    if alone:
        at = cameras[0]
    elif place == "gateway":
        at = gateway
    elif place == "apart":
        at = tree.machine("judge", "edge", draw(servers))
        tree.join(at, gateway, link(), link())
    elif place == "cloud":
        at = cloud
    else:
        at = cameras[0]

    equal = draw(st.booleans())
    service, summary, features = draw(pick["service"]), draw(pick["size"]), draw(pick["size"])
    sections = []
    for i in range(devices):
        camera = cameras[0] if shared_machine else cameras[i]
        if not equal:
            service, summary, features = draw(pick["service"]), draw(pick["size"]), draw(pick["size"])
        sections.append(Section(f"d{i}", 0, camera, 0, devices, i, service, summary, features))
    sections.append(Section("top", 1, cloud, 1, None, None, draw(pick["service"]), 4, 0))

    # the cloud's exit may be elsewhere: then its section sends a summary
    upstairs = cloud if draw(st.integers(0, 3)) else gateway
    top_service = None if upstairs == cloud else draw(pick["service"])
    threshold = draw(st.sampled_from([0.0, 1.0, 0.5, 0.5, 0.3]))
    exits = [
        Exit("local", 0, at, tuple(range(devices)), "entropy", threshold, None if alone else draw(pick["service"]),
             draw(st.sampled_from([0, 0, 1, 4]))),
        Exit("cloud", 1, upstairs, (devices,), "entropy", None, top_service, 0),
    ]  # fmt: skip

    n = draw(st.integers(1, 10))
    captured = _captures(draw, n, [s.service_ns for s in sections], pick["gap"])
    samples = draw(st.integers(1, 5))
    entropy = st.sampled_from([threshold, 0.0, 1.0, 0.1, 0.3, 0.5, 0.7, float(np.nextafter(threshold, 0))])
    oracle = an_oracle(*([draw(entropy) for _ in range(samples)] for _ in exits))

    everywhere = st.integers(0, len(tree.machines) - 1)
    reply_to = draw(st.none() | everywhere)
    arguments = (sections, exits, captured, [k % samples for k in range(n)], reply_to)
    until = draw(ends(tree.deployment(*arguments), oracle)) if stopped else None
    return tree.deployment(*arguments, until), oracle


def _times(run: dict[str, Any]) -> list[int]:
    columns = ("captured_ns", "answered_ns", "replied_ns")
    return sorted({r[c] for r in run["requests"] for c in columns if r[c] is not None} | {run["end_ns"]})


# --- any number of levels -------------------------------------------------------------------------

SHAPES = ("a", "d", "e", "f", "any")
"""Configurations of Teerapittayanon et al., ICDCS 2017, Fig. 2, and more than these: see `docs/scenario.md`."""


class _Plan(NamedTuple):
    """Levels of sections, who is whose parent, and which sections of a level an exit reads."""

    sizes: list[int]
    parents: list[list[int]]
    """By level below the top and section, its parent's number on the level above."""
    readers: list[list[list[int]]]
    """By level, for each of its exits the numbers of the sections that it reads."""
    sensors: set[int]
    """The sections of level 0 that send what they see."""


@st.composite
def networks(draw: st.DrawFn, shape: str, stopped: bool = False) -> tuple[Deployment, TableOracle]:
    """Draw a deployment of *shape*, one of `SHAPES`: sections and exits anywhere on a tree of machines."""
    plan = draw(_plans(shape))
    of = draw(st.sampled_from([TINY, TINY, NAUGHT, ODD]))
    pick = {name: st.sampled_from(values) for name, values in of.items()}
    firsts = [sum(plan.sizes[:level]) for level in range(len(plan.sizes))]
    tree, places = draw(_grounds(plan, pick))
    samples = draw(st.integers(1, 4))

    sections = []
    for level, size in enumerate(plan.sizes):
        top = level + 1 == len(plan.sizes)
        exit_of = _exit_of(plan, level)
        equal = draw(st.booleans())
        for i in range(size):
            if i == 0 or not equal:
                service, summary, features = draw(pick["service"]), draw(pick["size"]), draw(pick["size"])
            sensor = level == 0 and i in plan.sensors
            raw = st.lists(pick["size"], min_size=samples, max_size=samples)
            sections.append(
                Section(
                    name=f"{level}.{i}",
                    level=level,
                    machine=places[level][i],
                    exit=exit_of.get(i),
                    parent=None if top else firsts[level + 1] + plan.parents[level][i],
                    view=i if level == 0 else None,
                    service_ns=service,
                    summary_bytes=summary,
                    features_bytes=features,
                    raw_bytes=tuple(draw(raw)) if sensor else None,
                )
            )
    exits: list[Exit] = []
    for level, readers in enumerate(plan.readers):
        coordinator = None
        if len(readers) > 1:
            upper = next(above for above in range(level + 1, len(plan.sizes)) if plan.readers[above])
            coordinator = draw(st.sampled_from(sorted(_exit_of(plan, upper).values())))
        for i, numbers in enumerate(readers):
            mine = tuple(firsts[level] + n for n in numbers)
            exits.append(draw(_exits(f"{level}.{i}", mine, coordinator, sections, len(tree.machines), pick)))

    n = draw(st.integers(1, 8))
    captured = _captures(draw, n, [s.service_ns for s in sections], pick["gap"])
    oracle = draw(_oracles(sections, exits, samples))
    reply_to = draw(st.none() | st.integers(0, len(tree.machines) - 1))
    order = draw(st.lists(st.integers(0, samples - 1), min_size=n, max_size=n))
    arguments = (sections, exits, captured, order, reply_to)
    until = draw(ends(tree.deployment(*arguments), oracle)) if stopped else None
    return tree.deployment(*arguments, until), oracle


@st.composite
def _plans(draw: st.DrawFn, shape: str) -> _Plan:
    """Draw levels of *shape*. No request gets two answers but from groups of the same level."""
    sensors: set[int] = set()
    if shape == "a":
        sizes = [draw(st.integers(1, 6)), 1]
        sensors = set(range(sizes[0]))
    elif shape == "d":
        sizes = [1, 1, 1]
    elif shape == "e":
        devices = draw(st.integers(1, 6))
        sizes = [devices, draw(st.integers(1, min(3, devices))), 1]
    elif shape == "f":
        devices = draw(st.integers(2, 6))
        sizes = [devices, *draw(st.sampled_from([[min(devices, 2)], [min(devices, 3)], [1], []])), 1]
    else:
        sizes = sorted(draw(st.lists(st.integers(1, 4), min_size=2, max_size=4)), reverse=True)
        sizes[-1] = min(sizes[-1], draw(st.sampled_from([1, 1, 1, 2])))
    parents = [draw(_partitions(below, above)) for below, above in pairwise(sizes)]

    readers = [[list(range(sizes[-1]))]]
    above = {"one"}
    for level in reversed(range(len(sizes) - 1)):
        n = sizes[level]
        how = {"a": ["none"], "f": ["groups"] if level == 0 else ["one", "one", "none"]}.get(
            shape, ["one", "one", "none"]
        )
        if shape == "any" and n > 1:
            how = [*how, "groups", *(["some"] if above <= {"one", "none"} else [])]
        how = draw(st.sampled_from(how))
        above.add(how)
        if how == "groups":
            like_parents = level + 2 < len(sizes) and sizes[level + 1] > 1 and draw(st.booleans())
            groups = sizes[level + 1] if like_parents else draw(st.integers(2, min(n, 3)))
            group_of = parents[level] if like_parents else draw(_partitions(n, groups))
            readers.append([[i for i in range(n) if group_of[i] == g] for g in range(groups)])
        elif how == "some":
            readers.append([sorted(draw(st.sets(st.integers(0, n - 1), min_size=1, max_size=n - 1)))])
        else:
            readers.append([list(range(n))] if how == "one" else [])
    readers.reverse()
    if shape == "any":
        unread = set(range(sizes[0])) - {i for numbers in readers[0] for i in numbers}
        sensors = {i for i in sorted(unread) if draw(st.booleans())}
    return _Plan(sizes, parents, readers, sensors)


@st.composite
def _partitions(draw: st.DrawFn, n: int, parts: int) -> list[int]:
    """Draw for each of *n* the number of its part; no part is empty."""
    rest = draw(st.lists(st.integers(0, parts - 1), min_size=n - parts, max_size=n - parts))
    return draw(st.permutations([*range(parts), *rest]))


def _exit_of(plan: _Plan, level: int) -> dict[int, int]:
    """Return by section of *level* the id of the exit that reads it, where one does."""
    first = sum(map(len, plan.readers[:level]))
    return {i: first + e for e, numbers in enumerate(plan.readers[level]) for i in numbers}


@st.composite
def _grounds(draw: st.DrawFn, plan: _Plan, pick: dict[str, Any]) -> tuple[Tree, list[list[int]]]:
    """Draw a tree of machines, and by level and section the machine that it is on."""
    above: list[int | None] = [None]
    where: list[list[int]] = [[0] * size for size in plan.sizes]

    def machine(upon: int) -> int:
        above.append(upon)
        return len(above) - 1

    for level in reversed(range(len(plan.sizes))):
        top = level + 1 == len(plan.sizes)
        foot = None if top else where[level + 1][0]
        if not top and draw(st.integers(0, 2)) == 0:
            foot = machine(foot)  # an access point whose uplink all share
            shared = True
        else:
            shared = draw(st.booleans())
        for i in range(plan.sizes[level]):
            upon = 0 if top else foot if shared else where[level + 1][plan.parents[level][i]]
            how = draw(st.sampled_from(["own"] * 7 + ["neighbour", "parent"]))
            if how == "own":
                where[level][i] = 0 if top and i == 0 else machine(upon)
            elif how == "parent" or i == 0:
                where[level][i] = 0 if top else where[level + 1][plan.parents[level][i]]
            else:
                where[level][i] = where[level][i - 1]
    if draw(st.booleans()):
        machine(draw(st.integers(0, len(above) - 1)))

    ids = draw(st.permutations(range(len(above))))
    servers = st.sampled_from([1, 1, 1, 2, 3])
    equal = draw(st.booleans())
    tree = Tree()
    for i in range(len(above)):
        tree.machine(f"machine {i}", "edge", 1 if equal else draw(servers))
    links = st.tuples(pick["rate"], pick["delay"])
    both = draw(links), draw(links)
    for i in draw(st.permutations(range(1, len(above)))):
        tree.join(ids[i], ids[above[i]], *(both if equal else (draw(links), draw(links))))
    return tree, [[ids[i] for i in level] for level in where]


@st.composite
def _exits(
    draw: st.DrawFn,
    name: str,
    numbers: tuple[int, ...],
    coordinator: int | None,
    sections: list[Section],
    machines: int,
    pick: dict[str, Any],
) -> Exit:
    """Draw an exit that reads the sections *numbers*: with one of them, at a parent's, or anywhere."""
    of = [sections[i] for i in numbers]
    parents = [sections[s.parent].machine for s in of if s.parent is not None]
    usual = [s.machine for s in of] + parents
    at = draw(st.sampled_from(usual) | st.sampled_from(usual) | st.integers(0, machines - 1))
    last = of[0].parent is None
    return Exit(
        name=name,
        level=of[0].level,
        machine=at,
        sections=numbers,
        rule=draw(st.sampled_from(RULES)),
        threshold=None if last else draw(st.sampled_from([0.0, 1.0, 0.5, 0.5, 0.5, 0.3])),
        service_ns=None if [s.machine for s in of] == [at] else draw(pick["service"]),
        control_bytes=draw(st.sampled_from([0, 0, 1, 4])),
        coordinator=coordinator,
    )


@st.composite
def _oracles(draw: st.DrawFn, sections: list[Section], exits: list[Exit], samples: int) -> TableOracle:
    """Draw what the exits say: of the views that are behind them, near their thresholds; of others, class 9999.

    What the exit's rule does not read is as likely to mislead.
    """
    tables, by_views = [], {}
    for e, exit_ in enumerate(exits):
        t = 0.5 if exit_.threshold is None else exit_.threshold
        near = [t, t, float(np.nextafter(t, 0)), float(np.nextafter(t, 1)), 0.0, 1.0, 0.3, 0.5, 0.7]
        column = np.array(draw(st.lists(st.sampled_from(near), min_size=samples, max_size=samples)))
        columns = dict.fromkeys(RULES, np.full(samples, draw(st.sampled_from([0.0, 0.5, 1.0]))))
        columns[exit_.rule] = column
        mask = sum(1 << view for view in _views_behind(sections, exit_.sections))
        others = np.array(draw(st.lists(st.sampled_from(near), min_size=samples, max_size=samples)))
        tables.append(DecisionTable(np.full(samples, 9999), others, 1 - others, 1 - others))
        by_views[e, mask] = DecisionTable(10 * e + np.arange(samples), *columns.values())
    return TableOracle(tables, by_views)


def _views_behind(sections: list[Section], numbers: Iterable[int]) -> set[int]:
    """Return the views from which one gets up to a section of *numbers*."""
    views = set()
    for section in sections:
        if section.view is not None:
            above = sections.index(section)
            while above is not None and above not in numbers:
                above = sections[above].parent
            views |= set() if above is None else {section.view}
    return views


def _captures(draw: st.DrawFn, n: int, services_ns: list[int], gaps: st.SearchStrategy[int]) -> list[int]:
    """Draw *n* instants: with gaps of all sorts, or with a period that is a sum of times in the network."""
    if draw(st.booleans()):
        period = sum(draw(st.lists(st.sampled_from(services_ns), min_size=1, max_size=3)))
        phase = draw(st.integers(0, 2))
        return [phase + k * period for k in range(n)]
    return np.cumsum([draw(gaps) for _ in range(n)]).tolist()


@st.composite
def ends(draw: st.DrawFn, drained: Deployment, oracle: TableOracle) -> int:
    """Draw an instant at which something happens in *drained*, the one after it, or any other."""
    times = _times(expected(drained, oracle))
    return max(1, draw(st.sampled_from(times) | st.integers(1, times[-1] + 3)) + draw(st.integers(0, 1)))
