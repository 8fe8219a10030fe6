"""How many nodes of each tier there are, and how many a configuration has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .configuration import Configuration
from .defaults import cameras, section
from .finding import Finding
from .names import Entries, all_sure, machines_of_tier
from .wording import listed

_PATH = ("topology", "nodes")
_EXAMPLES = {"device": "camera", "edge": "edge", "cloud": "cloud"}


def tier_findings(data: dict[str, Any], nodes: Entries, configuration: Configuration) -> Iterator[Finding]:
    """Yield nodes too many or too few of a tier; nothing where some tier is not known."""
    if not isinstance(section(data, "topology").get("nodes"), dict) or not all_sure(nodes):
        return
    for tier in configuration.levels:
        if not machines_of_tier(tier, nodes):
            example = f"add e.g. '{_EXAMPLES[tier]}: {{tier: {tier}}}'"
            yield Finding(_PATH, f"no node of tier {tier}", example, at_key=True)
    yield from _at_most_one("cloud", nodes, configuration)
    if configuration.edges == "none":
        yield from _no_edge(nodes, configuration)
    elif configuration.edges == "one":
        yield from _at_most_one("edge", nodes, configuration)
    if configuration.devices == "one":
        yield from _at_most_one("device", nodes, configuration)
        yield from _one_view(data, configuration)
    else:
        yield from _devices(data, nodes)


def _at_most_one(tier: str, nodes: Entries, configuration: Configuration) -> Iterator[Finding]:
    """Yield that there are several machines of *tier*."""
    machines = machines_of_tier(tier, nodes)
    if len(machines) > 1:
        last = [name for name, entry in nodes.items() if entry.tier == tier and not entry.spares][-1]
        what = f"{len(machines)} {tier} nodes ({listed(machines[:3])}{', ...' if len(machines) > 3 else ''})"
        instead = f"{configuration} has one {tier}"
        if tier != "device":
            instead += f": name it in placement.{tier}"
        yield Finding((*_PATH, last), what, instead, at_key=True)


def _no_edge(nodes: Entries, configuration: Configuration) -> Iterator[Finding]:
    """Yield nodes of a tier that there is not."""
    for name, entry in nodes.items():
        if entry.tier == "edge" and not entry.spares.issuperset(entry.machines):
            what = f"{configuration} has no edge"
            instead = "write 'tier: gateway', or a configuration with edges: d, e or f"
            yield Finding((*_PATH, name, "tier"), what, instead)


def _one_view(data: dict[str, Any], configuration: Configuration) -> Iterator[Finding]:
    """Yield views that no device sees."""
    used = cameras(data)
    if used is not None and len(used) != 1:
        chosen = section(data, "data").get("cameras") is not None
        key, instead = ("cameras", "name one") if chosen else ("views", "write 1, or leave 'views' out")
        what = f"{len(used)} {key}, but {configuration} has one device, which sees one"
        yield Finding(("data", key), what, instead)


def _devices(data: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield as many devices as are not views."""
    used, devices = cameras(data), len(machines_of_tier("device", nodes))
    if devices and used is not None and devices != len(used):
        last = [name for name, entry in nodes.items() if entry.tier == "device"][-1]
        counted = section(data, *_PATH, last).get("count") is not None
        chosen = section(data, "data").get("cameras") is not None
        wanted = f"data.cameras names {len(used)}" if chosen else f"data.views is {len(used)}"
        what = f"{devices} device nodes, but {wanted}"
        path = (*_PATH, last, "count") if counted else (*_PATH, last)
        yield Finding(path, what, "give one device for each view", at_key=not counted)
