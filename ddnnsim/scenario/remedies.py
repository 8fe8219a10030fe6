"""What deadlines, recovery and policies must fit: exits that wait, nodes that can stand in, exits that decide.

Like all checks of raw data, these pass over wrong shapes, which the schema tells, and report causes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .configuration import EXITS, Configuration
from .defaults import names_said, section, sound_duration_ns
from .document import Keys
from .finding import Finding
from .names import Entries, device_groups, known_names, machines_named, machines_of_tier, tier_of_machines
from .recovery import MOST_SENDINGS
from .units import DURATION
from .ways import islands
from .wording import did_you_mean

_PATH = ("recovery",)
_LONGEST_NS = 2**62


def remedy_findings(data: dict[str, Any], nodes: Entries, configuration: Configuration) -> Iterator[Finding]:
    """Yield what of the deadlines, the recovery and the policies of *data* does not fit; *nodes* are all right."""
    waiting = [name for name in configuration.exits if _gathers(name, data, nodes, configuration)]
    yield from _deadlines(data, configuration, waiting)
    yield from _heartbeats(data, waiting)
    yield from _retries(data)
    yield from _failover(data, nodes)
    yield from _policies(data, configuration)


def _gathers(name: str, data: dict[str, Any], nodes: Entries, configuration: Configuration) -> bool:
    """Return whether the exit *name* is there and waits for anything: not on a device, in the job of its section."""
    at = section(data, "exits", name).get("at")
    if at is None or name != EXITS[0]:
        return at is not None
    if configuration.groups != "all":
        return configuration.devices != "one"
    groups = device_groups(data, nodes)
    return isinstance(at, dict) and any((at.get(group),) != devices for group, devices in groups.items())


def _deadlines(data: dict[str, Any], configuration: Configuration, waiting: list[str]) -> Iterator[Finding]:
    """Yield deadlines where nothing is waited for."""
    for name in configuration.exits:
        if section(data, "exits", name).get("deadline") is not None and name not in waiting:
            what = f"the {name} exit is on the device, and waits for nothing"
            yield Finding(("exits", name, "deadline"), what, "leave it out", at_key=True)


def _heartbeats(data: dict[str, Any], waiting: list[str]) -> Iterator[Finding]:
    """Yield beats that are always late, and exits that would wait for what they do not know to be lost."""
    beats = section(data, *_PATH, "detector")
    if not beats:
        return
    period_ns, timeout_ns = sound_duration_ns(beats.get("period")), sound_duration_ns(beats.get("timeout"))
    if period_ns == 0:
        yield Finding((*_PATH, "detector", "period"), "beats without end at once", "write a longer time, e.g. '1 s'")
    elif period_ns is not None and timeout_ns is not None and timeout_ns <= period_ns:
        what = f"all are suspected: beats come every {beats['period']}"
        yield Finding((*_PATH, "detector", "timeout"), what, f"write more, e.g. '{DURATION.text(3 * period_ns)}'")
    for name in waiting:
        deadline = section(data, "exits", name).get("deadline")
        keys = ("exits", name, "deadline")
        if deadline is None:
            what = "'deadline' is missing: heartbeats do not tell all that will not come"
            yield Finding(keys, what, "write e.g. 'deadline: 1 s'")
        elif isinstance(deadline, dict) and deadline.get("since") == "first_view":
            what = "under heartbeats there may be no first view, and nobody knows it"
            yield Finding((*keys, "since"), what, "write 'since: capture'")


def _retries(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield waits beyond all times."""
    retries = section(data, *_PATH, "retries")
    attempts, factor = retries.get("attempts"), retries.get("factor", 1)
    backoff_ns = sound_duration_ns(retries.get("backoff"))
    if not isinstance(attempts, int) or not isinstance(factor, int | float):
        return
    if backoff_ns and 2 <= attempts <= MOST_SENDINGS and 1 <= factor <= 1000:
        try:
            longest_ns = backoff_ns * float(factor) ** (attempts - 2)
        except OverflowError:
            longest_ns = float("inf")
        if longest_ns > _LONGEST_NS:
            what = f"the last of {attempts - 1} waits is longer than 146 years"
            yield Finding((*_PATH, "retries", "factor"), what, "write a smaller factor, or fewer attempts")


def _failover(data: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield nodes that need no stand-in, and those that cannot be one."""
    tiers, joined, busy = tier_of_machines(nodes), islands(data, nodes), _busy(data, nodes)
    for name, said in section(data, *_PATH, "failover").items():
        keys = (*_PATH, "failover", name)
        if (unknown := _not_one(keys, name, nodes)) is not None:
            yield unknown._replace(at_key=True)
            continue
        if tiers[name] == "device":
            yield Finding(keys, f"nothing sees in the place of the device {name!r}", "leave it out", at_key=True)
            continue
        if name not in busy:
            yield Finding(keys, f"no section and no exit is on {name!r}", "leave it out", at_key=True)
        before = {name}
        for at, other in names_said(keys, said):
            if other in before:
                what = f"{other!r} stands in for itself" if other == name else f"{other!r} is named twice"
                yield Finding(at, what, "name another node")
            elif (unknown := _not_one(at, other, nodes)) is not None:
                yield unknown
            elif tiers[other] in ("device", "router"):
                what = f"{other!r} is of tier {tiers[other]}, and computes for nobody else"
                yield Finding(at, what, "name another node")
            elif other not in joined[name]:
                yield Finding(at, f"{other!r} has no way to those that {name!r} works with", "add a link")
            before.add(other)


def _not_one(keys: Keys, name: str, nodes: Entries) -> Finding | None:
    """Return that *name* is not one node; None where it is."""
    entry = nodes.get(name)
    if entry and entry.group:
        what = f"{name!r} is a group of {len(entry.machines)}, and one node is needed"
        return Finding(keys, what, f"name a member such as {entry.machines[0]!r}")
    if machines_named(name, nodes):
        return None
    return Finding(keys, f"unknown node {name!r}", did_you_mean(name, known_names(nodes, groups=False)))


def _busy(data: dict[str, Any], nodes: Entries) -> set[str]:
    """Return the machines that sections above the devices, or exits, are on."""
    busy = {machine for tier in ("edge", "cloud") for machine in machines_of_tier(tier, nodes)}
    for name in section(data, "exits"):
        at = section(data, "exits", name).get("at")
        busy |= {node for node in (at.values() if isinstance(at, dict) else (at,)) if isinstance(node, str)}
    return busy


def _policies(data: dict[str, Any], configuration: Configuration) -> Iterator[Finding]:
    """Yield policies of exits that are not there, that always answer, or that have one already."""
    said = data.get("policy")
    listed: list[tuple[Keys, object]] = [(("policy",), said)]
    if isinstance(said, list):
        listed = [(("policy", index), choice) for index, choice in enumerate(said)]
    exits = [name for name in configuration.exits[:-1] if name in section(data, "exits")]
    taken: set[str] = set()
    for at, choice in listed:
        exit_ = section(choice).get("exit")
        if not isinstance(exit_, str):
            continue
        keys = (*at, "exit")
        if exit_ == configuration.exits[-1]:
            yield Finding(keys, f"the {exit_} exit always answers", "name an exit below it")
        elif exit_ not in exits:
            yield Finding(keys, f"unknown exit {exit_!r}", did_you_mean(exit_, exits))
        elif exit_ in taken:
            yield Finding(keys, f"two policies at the exit {exit_!r}", "keep one")
        taken.add(exit_)
