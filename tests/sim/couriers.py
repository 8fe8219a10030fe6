"""Single messages over given links: each is the raw view of a sensor, and a request of its own."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from deployments import an_oracle
from twin import check

from ddnnsim.deployment import Captures, Channel, Deployment, Exit, Link, Machine, Section, Workload

S = 10**9
MS = 10**6


class Courier(NamedTuple):
    route: tuple[int, ...]
    size_bytes: int
    at_ns: int = 0


def link(source: int, target: int, rate_bps: int, delay_ns: int = 0, **more: Any) -> Link:
    return Link(f"m{source}>m{target}", source, target, rate_bps, delay_ns, **more)


def deployed(
    links: list[Link],
    couriers: list[Courier],
    *,
    channels: tuple[Channel, ...] = (),
    forwarding: str = "message",
    seed: int = 0,
    until_ns: int | None = None,
) -> Deployment:
    """Return a deployment in which *couriers*, in order of time, go their ways over *links*.

    Whatever arrives is told a judge over a link of its own that takes no time.
    """
    ends = [(links[c.route[0]].source, links[c.route[-1]].target) for c in couriers]
    targets = sorted({target for _, target in ends})
    judge = 1 + max(max(k.source, k.target) for k in links)
    machines = (*(Machine(f"m{i}", "edge", 1) for i in range(judge)), Machine("judge", "cloud", 1))
    routes = {(target, judge): (len(links) + i,) for i, target in enumerate(targets)}
    tell = [Link(f"m{target}>judge", target, judge, S, 0) for target in targets]
    n = len(couriers)
    sections = []
    for i, (courier, (source, target)) in enumerate(zip(couriers, ends, strict=True)):
        assert routes.setdefault((source, target), courier.route) == courier.route
        parent = n + targets.index(target)
        sections.append(Section(f"s{i}", 0, source, None, parent, i, 0, 0, 0, (courier.size_bytes,)))
    sections += [Section(f"top{i}", 1, target, 0, None, None, 0, 0, 0) for i, target in enumerate(targets)]
    at = np.array([c.at_ns for c in couriers], dtype=np.int64)
    numbers = np.arange(n)
    return Deployment(
        machines=machines,
        links=(*links, *tell),
        sections=tuple(sections),
        exits=(Exit("last", 1, judge, tuple(range(n, n + len(targets))), "entropy", None, 0, 0),),
        routes=routes,
        workload=Workload(at, np.zeros(n, dtype=np.int64), Captures(at, numbers, numbers)),
        reply_to=None,
        until_ns=until_ns,
        channels=channels,
        forwarding=forwarding,
        seed=seed,
    )


def sent(deployment: Deployment) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Run *deployment* by both implementations; return its couriers' messages, in the order of sending, and all."""
    due = check(deployment, an_oracle([0.5]))
    return [m for m in due["messages"] if m["kind"] == "raw"], due


def arrivals(deployment: Deployment) -> list[int | None]:
    return [m["delivered_ns"] for m in sent(deployment)[0]]
