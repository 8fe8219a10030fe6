"""What a configuration of the paper demands of the rest of a scenario, and what its parts demand of another.

Like `references`, these checks read raw data, pass over wrong shapes, and report causes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .defaults import EXITS, LEVELS, section, view_shape, views
from .names import Entry, entries
from .references import Finding
from .wording import given, listed


def configuration_findings(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield where *data* contradicts its configuration or itself."""
    yield from _pace(data)
    if data.get("configuration") == "c":
        nodes = entries(data)
        yield from _levels(data)
        yield from _blocks(data)
        yield from _exit_keys(data)
        yield from _presence(data)
        if isinstance(section(data, "topology").get("nodes"), dict):
            yield from _tiers(data, nodes)
            yield from _exit_places(data, nodes)


def _pace(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield a workload that does not say, or says twice, how often requests come."""
    workload = section(data, "workload")
    if workload.get("arrivals") == "periodic":
        if "rate" not in workload and "every" not in workload:
            what = "'every' is missing: how often do requests come"
            yield Finding(("workload", "rate"), what, "write e.g. 'every: 100 ms'")
        elif "rate" in workload and "every" in workload:
            what = "'rate' and 'every' say the same thing"
            yield Finding(("workload", "every"), what, "keep one", at_key=True)
    elif workload.get("arrivals") == "poisson" and "every" in workload:
        what = "poisson arrivals have a 'rate', not 'every'"
        yield Finding(("workload", "every"), what, "write e.g. 'rate: 5 /s'", at_key=True)


def _levels(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield levels too many or too few, and a feature merge where nothing is below."""
    levels = section(data, "model").get("levels")
    if not isinstance(levels, dict):
        return
    has = f"configuration c has levels {listed(LEVELS)}"
    for name in levels:
        if name not in LEVELS:
            yield Finding(("model", "levels", name), f"unknown level {name!r}", has, at_key=True)
    for name in LEVELS:
        if name not in levels:
            what = f"level {name!r} is missing: {has}"
            yield Finding(("model", "levels", name), what, f"write e.g. '{name}: {{convp: [4]}}'")
    if section(levels, "device").get("merge") is not None:
        what = "the device level has nothing below it to merge"
        yield Finding(("model", "levels", "device", "merge"), what, "leave 'merge' out", at_key=True)


def _blocks(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield the first block that gets a picture of one pixel: each ConvP block halves its picture."""
    shape = view_shape(data)
    if shape is None:
        return
    size, blocks = max(shape[1:]), 0
    for level in LEVELS:
        convp = section(data, "model", "levels", level).get("convp")
        for index in range(len(convp)) if isinstance(convp, list) else ():
            if size == 1:
                what = f"block {blocks + 1} from the bottom would get a picture of 1x1"
                view = "x".join(map(str, shape[1:]))
                limit = f"a view of {view} has room for {blocks} blocks"
                yield Finding(("model", "levels", level, "convp", index), what, limit)
                return
            size = (size - 1) // 2 + 1  # pooling 3x3, stride 2, padding 1
            blocks += 1


def _presence(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield a presence that is not one share for each camera."""
    presence = section(data, "data").get("presence")
    if isinstance(presence, list) and views(data) not in (None, len(presence)):
        what = f"{len(presence)} shares for {views(data)} views"
        yield Finding(("data", "presence"), what, "write one for each view, in their order")


def _exit_keys(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield exits that the configuration has not, and weights of such."""
    has = f"configuration c has exits {listed(EXITS)}"
    for keys in (("exits",), ("model", "training", "exit_weights")):
        for name in section(data, *keys):
            if name not in EXITS:
                yield Finding((*keys, name), f"unknown exit {name!r}", has, at_key=True)


def _tiers(data: dict[str, Any], nodes: dict[str, Entry]) -> Iterator[Finding]:
    """Yield as many devices as are not views, and clouds other than one."""
    if not all(entry.sure for entry in nodes.values()):
        return
    keys = ("topology", "nodes")
    of = {tier: [name for name, e in nodes.items() if e.tier == tier] for tier in ("device", "cloud")}
    clouds = [machine for name in of["cloud"] for machine in nodes[name].machines]
    if not clouds:
        yield Finding(keys, "no node of tier cloud", "add e.g. 'cloud: {tier: cloud}'", at_key=True)
    elif len(clouds) > 1:
        what = f"{len(clouds)} cloud nodes ({listed(clouds[:3])}{', ...' if len(clouds) > 3 else ''})"
        yield Finding((*keys, of["cloud"][-1]), what, "configuration c has one cloud", at_key=True)
    wanted = views(data)
    devices = sum(len(nodes[name].machines) for name in of["device"])
    if not of["device"]:
        yield Finding(keys, "no node of tier device", "add e.g. 'camera: {tier: device}'", at_key=True)
    elif wanted is not None and devices != wanted:
        last = of["device"][-1]
        counted = section(data, *keys, last).get("count") is not None
        what = f"{devices} device nodes, but data.views is {wanted}"
        path = (*keys, last, "count") if counted else (*keys, last)
        yield Finding(path, what, "give one device for each view", at_key=not counted)


def _exit_places(data: dict[str, Any], nodes: dict[str, Entry]) -> Iterator[Finding]:
    """Yield a local exit on a device, and a cloud exit off the cloud."""
    tier = {machine: e.tier for e in nodes.values() if e.sure and not e.group for machine in e.machines}
    tier |= {machine: e.tier for e in nodes.values() if e.sure and e.group for machine in e.machines}
    local = section(data, "exits", "local").get("at")
    if isinstance(local, str) and tier.get(local) == "device":
        what = f"the local exit joins all devices in configuration c, and {local!r} is one of them"
        yield Finding(("exits", "local", "at"), what, "place it on a gateway or on the cloud")
    cloud = section(data, "exits", "cloud").get("at")
    if isinstance(cloud, str) and tier.get(cloud) not in (None, "cloud"):
        clouds = [machine for machine, t in tier.items() if t == "cloud"]
        what = f"the cloud exit is on the cloud node, not on {given(cloud)}"
        instead = f"write {clouds[0]!r}, or leave 'at' out" if clouds else "leave 'at' out"
        yield Finding(("exits", "cloud", "at"), what, instead)
