"""What the exits demand: which there are, who needs a threshold, and on which nodes they may be."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from .configuration import EXITS, ONLY_LOWER, Configuration
from .defaults import by_numbers, section
from .finding import Finding
from .names import Entries, all_sure, device_groups, machines_of_tier, tier_of_machines
from .wording import did_you_mean, given, listed

_ARTICLES = {
    "device": "a device", "gateway": "a gateway", "edge": "an edge", "cloud": "the cloud", "router": "a router",
}  # fmt: skip
_BELOW = {"local": ("device",), "edge": ("device", "cloud")}
"""By exit, the tiers that it may not be on where it joins many sections."""


def exit_findings(data: dict[str, Any], nodes: Entries, configuration: Configuration) -> Iterator[Finding]:
    """Yield what is wrong with the exits of *data*; unknown nodes are for `references`."""
    if not isinstance(data.get("exits"), dict):
        return
    yield from _keys(data, configuration)
    yield from _thresholds(data, configuration)
    if nodes and all_sure(nodes):
        yield from _merges(data, nodes, configuration)
        of_tier = {tier: machines_of_tier(tier, nodes) for tier in _ARTICLES}
        places = _Places(configuration, tier_of_machines(nodes), of_tier, device_groups(data, nodes))
        for name in configuration.exits:
            spec = section(data, "exits").get(name)
            if isinstance(spec, dict):
                yield from places.findings(name, spec.get("at"))


def _keys(data: dict[str, Any], configuration: Configuration) -> Iterator[Finding]:
    """Yield exits that the configuration has not, no last exit, and weights of exits that are not there."""
    exits, weights_path = section(data, "exits"), ("model", "training", "exit_weights")
    has = f"{configuration} has {'exits' if len(configuration.exits) > 1 else 'the exit'} {listed(configuration.exits)}"
    for keys in (("exits",), weights_path):
        for name in section(data, *keys):
            if name not in configuration.exits:
                yield Finding((*keys, name), f"unknown exit {name!r}", has, at_key=True)
            elif name not in exits:
                what = f"a weight of the exit {name!r}, which is not among the exits"
                yield Finding((*keys, name), what, "leave it out", at_key=True)
    if EXITS[-1] not in exits:
        yield Finding(("exits", "cloud"), "'cloud' is missing: the last exit always answers", "write 'cloud: {}'")


def _thresholds(data: dict[str, Any], configuration: Configuration) -> Iterator[Finding]:
    """Yield exits without a threshold, and what the last exit, which always answers, has no use for."""
    for name in () if by_numbers(data) else configuration.exits[:-1]:
        spec = section(data, "exits").get(name)
        if isinstance(spec, dict) and spec.get("threshold") is None:
            keys = ("exits", name, "threshold")
            yield Finding(keys, "'threshold' is missing", "write e.g. 'threshold: 0.8'")
    for key in sorted(ONLY_LOWER):
        if section(data, "exits", EXITS[-1]).get(key) is not None:
            what = f"the cloud exit always answers, and has no {key!r}"
            yield Finding(("exits", EXITS[-1], key), what, "leave it out", at_key=True)


def _merges(data: dict[str, Any], nodes: Entries, configuration: Configuration) -> Iterator[Finding]:
    """Yield merges of several sections by CC where the user's modules stand for all that is trained."""
    if "module" not in section(data, "model"):
        return
    groups = device_groups(data, nodes)
    devices = groups.values() if configuration.groups == "all" else [machines_of_tier("device", nodes)]
    joined = {"local": max(map(len, devices), default=0), "edge": len(groups)}
    for name, sections in joined.items():
        if sections > 1 and section(data, "exits", name).get("merge") == "CC":
            what = f"exit {name!r} would need a trained layer to merge by CC"
            yield Finding(("exits", name, "merge"), what, "use MP or AP")


@dataclass(frozen=True)
class _Places:
    """Where exits may be."""

    configuration: Configuration
    tiers: dict[str, str]
    """By machine."""
    of_tier: dict[str, tuple[str, ...]]
    groups: dict[str, tuple[str, ...]]
    """By group, its devices."""

    def findings(self, name: str, at: object) -> Iterator[Finding]:
        """Yield what is wrong with the exit *name* being at *at*."""
        yield from self._at_routers(name, at)
        if name == "local" and self.configuration.groups == "all":
            yield from self._of_groups(at)
        elif isinstance(at, dict):
            what = f"the {name} exit of {self.configuration} is on one node, not on one for each group"
            yield Finding(("exits", name, "at"), what, f"write e.g. 'at: {self._example(name)}'")
        elif name == "cloud":
            yield from self._at_the(name, "cloud", at)
        elif name == "local" and self.configuration.devices == "one":
            yield from self._at_the(name, "device", at)
        elif name == "edge" and self.configuration.edges == "one":
            yield from self._at_the(name, "edge", at)
        else:
            yield from self._joining(name, at)

    def _at_routers(self, name: str, at: object) -> Iterator[Finding]:
        """Yield an exit on a node that only forwards."""
        places = {(group,): node for group, node in at.items()} if isinstance(at, dict) else {(): at}
        for keys, node in places.items():
            if isinstance(node, str) and self.tiers.get(node) == "router":
                what = f"{node!r} is a router, which only forwards"
                yield Finding(("exits", name, "at", *keys), what, "write 'tier: gateway', or place the exit elsewhere")

    def _at_the(self, name: str, tier: str, at: object) -> Iterator[Finding]:
        """Yield an exit off the only node of *tier*."""
        if isinstance(at, str) and self.tiers.get(at, tier) != tier:
            what = f"the {name} exit is on the {tier} node, not on {at!r}"
            known = self.of_tier[tier]
            instead = f"write {known[0]!r}, or leave 'at' out" if known else "leave 'at' out"
            yield Finding(("exits", name, "at"), what, instead)

    def _joining(self, name: str, at: object) -> Iterator[Finding]:
        """Yield an exit of many sections that is nowhere, or on a node that is not above them."""
        if at is None:
            if name == "local" or self.of_tier["edge"]:
                what = f"'at' is missing: on which node is the {name} exit"
                yield Finding(("exits", name, "at"), what, f"write e.g. 'at: {self._example(name)}'")
        elif isinstance(at, str) and self.tiers.get(at) in _BELOW[name]:
            joined = "all devices" if name == "local" else "the edges"
            is_what = "one of them" if name == "local" else f"of tier {self.tiers[at]}"
            what = f"the {name} exit joins {joined} in {self.configuration}, and {at!r} is {is_what}"
            yield Finding(("exits", name, "at"), what, self._place_it(name))

    def _of_groups(self, at: object) -> Iterator[Finding]:
        """Yield local exits of groups that are nowhere, of no group, or on a device of several."""
        keys = ("exits", "local", "at")
        example = ", ".join(f"{group}: ..." for group in self.groups or ("north", "south"))
        if at is None or isinstance(at, str):
            what = f"the local exit of {self.configuration} is on one node for each group"
            yield Finding(keys, what if at else f"'at' is missing: {what}", f"write 'at: {{{example}}}'")
        elif isinstance(at, dict) and self.groups:
            for group in at:
                if group not in self.groups:
                    guess = did_you_mean(group, self.groups)
                    yield Finding((*keys, group), f"unknown group {group!r}", guess, at_key=True)
            for group, devices in self.groups.items():
                if group in at:
                    yield from self._of_group(group, devices, at[group])
                else:
                    yield Finding((*keys, group), f"no node for group {group!r}", f"write e.g. '{group}: NODE'")

    def _of_group(self, group: str, devices: tuple[str, ...], at: object) -> Iterator[Finding]:
        """Yield a local exit on a device that is not the only one of *group*."""
        keys = ("exits", "local", "at", group)
        if not isinstance(at, str):
            yield Finding(keys, f"{given(at)} is not a node", "write its name")
        elif self.tiers.get(at) == "device" and (at,) != devices:
            joined = "another device" if len(devices) == 1 else f"{len(devices)} devices"
            what = f"the local exit of {group!r} joins {joined}, and {at!r} is a device"
            yield Finding(keys, what, self._place_it("local"))

    def _above(self, name: str) -> Collection[str]:
        """Return the tiers that the exit *name* may be on."""
        edges = ("edge",) if self.configuration.edges != "none" else ()
        return (*edges, "gateway") if name == "edge" else ("gateway", *edges, "cloud")

    def _place_it(self, name: str) -> str:
        """Return where the exit *name* may be."""
        return f"place it on {listed((_ARTICLES[tier] for tier in self._above(name)), last='or')}"

    def _example(self, name: str) -> str:
        """Return a node that the exit *name* may be on, if there is one."""
        tiers = self._above(name) if name != "cloud" else ("cloud",)
        return next((machine for tier in tiers for machine in self.of_tier[tier]), "NODE")
