"""Random troubles: faults, deadlines and what is done about them, on random deployments.

What goes wrong does so at instants at which something happens, or at any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from circumstances import ODD, TINY, Numbers, durations, maybe
from counsel import advised
from discerning import Discerning
from hypothesis import strategies as st
from recursion import best_route, expected

from ddnnsim.deployment import ClosedLoop, Deployment, Exit, Link, Section, Workload
from ddnnsim.distribution import Distribution
from ddnnsim.faults import Consequence, Crash, Degradation, Drawn, Fault, Given, Misreading, Outage, Periodic, Slowdown
from ddnnsim.oracle import Oracle, TableOracle
from ddnnsim.recovery import Deadline, Heartbeats, Recovery, Retries, StandIn

FAULTS = ("crashes", "outages", "slow", "degraded")
REMEDIES = ("deadlines", "fallback", "retries", "cancel", "blanks", "reroute")
HEARTBEATS = ("heartbeats",)
FAILOVER = ("failover",)
SENSORS = ("sensors",)
POLICIES = ("policies",)
TROUBLES = (*FAULTS, *REMEDIES, *HEARTBEATS, *FAILOVER, *SENSORS, *POLICIES)


@st.composite
def in_trouble(
    draw: st.DrawFn,
    cases: st.SearchStrategy[tuple[Deployment, TableOracle]],
    uses: tuple[str, ...],
    always: tuple[str, ...] = (),
) -> tuple[Deployment, Oracle]:
    """Draw one of *cases* with some of the troubles in *uses*; those of *always* are there, and have time to show."""
    deployment, given = draw(cases)
    some = draw(st.sets(st.sampled_from(uses), min_size=1)) | set(always)
    oracle: Oracle = given
    if some & {*SENSORS, *POLICIES}:
        oracle = Discerning(draw(st.integers(0, 1000)), deployment.exits, given.samples)
    if always:
        deployment = _again_and_again(deployment, draw(st.integers(1, 6)))
    odd = max((s.service_ns for s in deployment.sections), default=0) > 6
    of = ODD if odd else TINY
    run = expected(deployment, oracle)
    instants = _instants(run)
    times = st.sampled_from(instants)
    captured = sorted({row["captured_ns"] for row in run["requests"]}) or [0]
    if "reroute" in some:
        deployment = _with_detours(draw, deployment)
    if "failover" in some:
        deployment = _with_stand_ins(draw, deployment, of)
    if "deadlines" in some or "heartbeats" in some:
        all_have = "heartbeats" in some
        exits = tuple(_with_deadline(draw, deployment, exit_, times, all_have) for exit_ in deployment.exits)
        deployment = replace(deployment, exits=exits)
    faults: list[Fault] = []
    for what in (*FAULTS, *SENSORS):
        at = times | st.sampled_from(captured) if what == "sensors" else times
        for _ in range(draw(st.integers(1, 2)) if what in some else 0):
            faults.append(_fault(draw, deployment, what, faults, at, of))
    recovery = Recovery(
        heartbeats=draw(_heartbeats(of, instants[-1])) if "heartbeats" in some else None,
        fallback="best_effort" if "fallback" in some else "drop",
        reroute="reroute" in some,
        delay_ns=draw(st.sampled_from(of.times)) if some & {"reroute", "failover"} else 0,
        retries=draw(_retries(of)) if "retries" in some else None,
        cancel="cancel" in some,
    )
    few = instants[-1] // 20 + 1  # in trouble runs get longer: or there would be looks without number
    window_ns = draw(st.none() | st.sampled_from([max(t, few) for t in of.times]))
    troubled = replace(
        deployment, faults=tuple(faults), recovery=recovery, blanks="blanks" in some, window_ns=window_ns
    )
    return draw(advised(troubled, times)) if "policies" in some else troubled, oracle


def _instants(run: dict[str, Any]) -> list[int]:
    """Return when something happened in *run*, and a bit later."""
    columns = ("captured_ns", "sent_ns", "delivered_ns", "start_ns", "end_ns", "arrived_ns", "at_ns")
    rows = [row for table in ("requests", "messages", "hops", "executions", "decisions") for row in run[table]]
    found = {row[c] for row in rows for c in columns if row.get(c) is not None}
    return sorted({0} | found | {t + 1 for t in found})


def _again_and_again(deployment: Deployment, times: int) -> Deployment:
    """Return *deployment* with a load that comes several *times*, or as it is: where captures are not all at once."""
    load, until_ns = deployment.workload, deployment.until_ns
    if isinstance(load, ClosedLoop) or load.captures is not None:
        return deployment
    span = int(load.captured_ns[-1]) + 1
    captured = np.concatenate([load.captured_ns + k * span for k in range(times)])
    return replace(
        deployment,
        workload=Workload(captured, np.tile(load.samples, times)),
        until_ns=None if until_ns is None else until_ns + (times - 1) * span,
    )


# what goes wrong


def _fault(
    draw: st.DrawFn,
    deployment: Deployment,
    what: str,
    before: list[Fault],
    times: st.SearchStrategy[int],
    of: Numbers,
) -> Fault:
    machines, links = range(len(deployment.machines)), range(len(deployment.links))
    devices = sorted({s.machine for s in deployment.sections if s.view is not None})
    part = st.sampled_from([0, 3 * 10**8, 5 * 10**8, 10**9])
    work = draw(st.sampled_from(["lose", "resume"]))
    effect: Any
    victims: Sequence[int]
    if what == "crashes":
        effect, victims = Crash(work), machines
    elif what == "outages":
        effect, victims = Outage(work), links
    elif what == "slow":
        effect, victims = Slowdown(draw(part)), machines
    elif what == "sensors":
        kind = draw(st.sampled_from(["blank", "noisy", "stuck", "stuck"]))
        effect, victims = Misreading(kind, draw(st.sampled_from([0.1, 0.5])) if kind == "noisy" else 0.0), devices
    else:
        loss = draw(st.sampled_from([0.0, 0.0, 0.5]))
        effect, victims = Degradation(draw(part), draw(st.sampled_from(of.times)), loss), links
    if not victims:
        effect, victims = Slowdown(draw(part)), machines
    hit = tuple(sorted(draw(st.sets(st.sampled_from(victims), min_size=1, max_size=3))))
    if _would_hold_others_up(deployment, effect, hit):
        effect = replace(effect, work="lose")
    return Fault(
        name=f"fault {len(before)}",
        effect=effect,
        spells=draw(_spells(before, times, of)),
        machines=() if victims is links else hit,
        links=hit if victims is links else (),
        chance=draw(st.sampled_from([1.0, 1.0, 0.5])) if getattr(effect, "work", "lose") == "lose" else 1.0,
    )


def _would_hold_others_up(deployment: Deployment, effect: Any, hit: tuple[int, ...]) -> bool:
    """Whether links that go on later would hold up others of their channel, which the text has refused."""
    if getattr(effect, "work", None) != "resume":
        return False
    down = [i for i, k in enumerate(deployment.links) if (k.source if isinstance(effect, Crash) else i) in hit]
    shared = [k.channel for k in deployment.links if k.channel is not None]
    return any(
        deployment.links[i].channel is not None
        and deployment.channels[deployment.links[i].channel].sharing == "fifo"
        and shared.count(deployment.links[i].channel) > 1
        for i in down
    )


@st.composite
def _spells(draw: st.DrawFn, before: list[Fault], times: st.SearchStrategy[int], of: Numbers) -> Any:
    kind = draw(st.sampled_from(["given", "given", "periodic", "drawn", "consequence"]))
    some = st.sampled_from([t for t in of.times if t])
    length = draw(some)
    if kind == "periodic":
        first, period = draw(times), length + draw(some)
        return Periodic(first, period, draw(st.sampled_from([length, period])), first + 3 * period)
    if kind == "drawn":
        start = draw(times)
        return Drawn(start, draw(_some_time(of)), draw(durations(of)), start + 3 * length)
    if kind == "consequence" and before:
        cause = draw(st.integers(0, len(before) - 1))
        return Consequence(cause, draw(durations(of)), draw(maybe(durations(of))))
    spells, at = [], draw(times)
    for _ in range(draw(st.integers(1, 3))):
        lasts = draw(st.sampled_from([1, *of.times]) | times | st.none())
        spells.append((at, None if lasts is None else at + lasts))
        if lasts is None:
            break
        at += lasts + draw(st.sampled_from([1, *of.times]))
    return Given(tuple(spells))


def _some_time(of: Numbers) -> st.SearchStrategy[Distribution]:
    """Draw durations that are never 0, so that time goes on."""
    some = st.sampled_from([t * 1e-9 for t in of.times if t])
    return st.one_of(
        st.builds(lambda t: Distribution("constant", (t,)), some),
        st.builds(lambda a, b: Distribution("mixture", (a, 0.5, b, 0.5)), some, some),
    )


# what is waited for, and done about it


def _with_deadline(
    draw: st.DrawFn, deployment: Deployment, exit_: Exit, times: st.SearchStrategy[int], all_have: bool
) -> Exit:
    gathers = exit_.service_ns is not None or deployment.sections[exit_.sections[0]].view is None
    if not gathers or not (all_have or draw(st.booleans())):
        return exit_
    since = "capture" if all_have else draw(st.sampled_from(["capture", "first_view"]))
    return replace(exit_, deadline=Deadline(draw(times | st.integers(0, 6)), since))


def _heartbeats(of: Numbers, end_ns: int) -> st.SearchStrategy[Heartbeats]:
    """Draw beats of a period that is not too short for what they are sent over, or for a run of so long."""
    some = st.sampled_from([t for t in of.times if t])
    least = 4 + end_ns // 20
    return st.builds(lambda a, b, c: Heartbeats(a + least, a + least + b, c), some, some, st.sampled_from([0, 1, 4]))


def _retries(of: Numbers) -> st.SearchStrategy[Retries]:
    return st.builds(Retries, st.integers(2, 3), st.sampled_from(of.times), st.sampled_from([1.0, 1.5, 2.0]))


def _with_detours(draw: st.DrawFn, deployment: Deployment) -> Deployment:
    """Add links, both ways, and route anew."""
    links = list(deployment.links)
    n = len(deployment.machines)
    joined = {(k.source, k.target) for k in links}
    for _ in range(draw(st.integers(1, 3))):
        a, b = draw(st.integers(0, n - 1)), draw(st.integers(0, n - 1))
        if a != b and (a, b) not in joined:
            joined |= {(a, b), (b, a)}
            like = draw(st.sampled_from(deployment.links)) if deployment.links else None
            if like is not None:
                links += [_between(deployment, like, a, b), _between(deployment, like, b, a)]
    ordered = tuple(sorted(links, key=lambda link: link.source))
    routing = draw(st.sampled_from(["delay", "delay", "hops"]))
    return _routed(replace(deployment, links=ordered, routing=routing), set(deployment.routes))


def _between(deployment: Deployment, like: Link, a: int, b: int) -> Link:
    name = f"{deployment.machines[a].name}>{deployment.machines[b].name}"
    return replace(like, name=name, source=a, target=b, channel=None)


def _routed(deployment: Deployment, pairs: set[tuple[int, int]]) -> Deployment:
    routes = {}
    for a, b in sorted(pairs):
        way = best_route(deployment, a, b, 0)
        assert way is not None
        routes[a, b] = tuple(way)
    return replace(deployment, routes=routes)


def _with_stand_ins(draw: st.DrawFn, deployment: Deployment, of: Numbers) -> Deployment:
    """Have nodes above the devices that others stand in for."""
    n = len(deployment.machines)
    stand_ins: dict[int, list[int]] = {}
    for machine in sorted({s.machine for s in deployment.sections if s.view is None}):
        others = [m for m in range(n) if m != machine]
        stand_ins[machine] = draw(st.lists(st.sampled_from(others), max_size=2, unique=True)) if others else []

    def ones(of_one: Section | Exit, drawn: bool) -> tuple[StandIn, ...]:
        in_the_job = isinstance(of_one, Exit) and of_one.service_ns is None
        return tuple(
            StandIn(m, None if in_the_job else draw(st.sampled_from(of.times)), draw(durations(of)) if drawn else None)
            for m in stand_ins.get(of_one.machine, [])
        )

    sections = tuple(
        s if s.view is not None else replace(s, stand_ins=ones(s, s.service is not None)) for s in deployment.sections
    )
    exits = tuple(
        x
        if x.service_ns is None and deployment.sections[x.sections[0]].view is not None
        else replace(x, stand_ins=ones(x, drawn=False))
        for x in deployment.exits
    )
    deployment = replace(deployment, sections=sections, exits=exits)
    return _routed(deployment, set(deployment.routes) | _pairs(deployment))


def _pairs(deployment: Deployment) -> set[tuple[int, int]]:
    """Return who sends to whom, wherever they are."""

    def places(one: Section | Exit) -> list[int]:
        return [one.machine, *(s.machine for s in one.stand_ins)]

    found: set[tuple[int, int]] = set()
    for s in deployment.sections:
        if s.parent is not None:
            found |= set(product(places(s), places(deployment.sections[s.parent])))
    for x in deployment.exits:
        judge = x if x.coordinator is None else deployment.exits[x.coordinator]
        found |= set(product(places(x), places(judge)))
        for i in x.sections:
            found |= set(product(places(deployment.sections[i]), places(x)))
            found |= set(product(places(judge), places(deployment.sections[i])))
        if deployment.reply_to is not None:
            found |= set(product(places(x), [deployment.reply_to]))
    return {(a, b) for a, b in found if a != b}
