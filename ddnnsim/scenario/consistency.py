"""All that must fit together in a scenario, beyond the shape of each value.

Every check reads raw data, passes over what has the wrong shape, and reports causes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .arrivals import workload_findings
from .channels import channel_findings
from .configuration import configuration_of
from .data import MAX_VIEWS, Street, presence_fault
from .defaults import data_set, is_count, section, sound_duration_ns, views
from .exits import exit_findings
from .finding import Finding
from .groups import group_findings
from .levels import level_findings
from .names import all_sure, entries
from .numbers import number_findings
from .references import link_findings, name_findings, place_findings
from .remedies import remedy_findings
from .spells import spell_findings
from .spots import placement_findings
from .supplies import supply_findings
from .sweeps import sweep_findings
from .tiers import tier_findings
from .units import QuantityError, parse_share
from .victims import victim_findings
from .ways import way_findings


def consistency_findings(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield where parts of *data*, defaults filled in, contradict one another or the configuration."""
    yield from _presence(data)
    yield from _cameras(data)
    yield from channel_findings(data)
    yield from supply_findings(data)
    yield from _warmup(data)
    nodes, configuration = entries(data), configuration_of(data)
    yield from workload_findings(data, nodes)
    yield from name_findings(data, nodes)
    yield from spell_findings(data)
    yield from sweep_findings(data)
    # Without nodes every name would be unknown.
    links = list(link_findings(data, nodes)) if nodes else []
    names = [*links, *place_findings(data, nodes)] if nodes else []
    yield from names
    if nodes and not links:
        yield from victim_findings(data, nodes)
    if configuration is None:
        return
    yield from level_findings(data, configuration)
    yield from number_findings(data, configuration)
    yield from tier_findings(data, nodes, configuration)
    groups = list(group_findings(data, nodes, configuration))
    yield from groups
    yield from exit_findings(data, nodes, configuration)
    yield from placement_findings(data, nodes, configuration)
    if nodes and all_sure(nodes) and not names and not groups:
        yield from way_findings(data, nodes, configuration)
        yield from remedy_findings(data, nodes, configuration)


def _presence(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield a presence that is not one share for each camera, or leaves samples that none sees."""
    presence, everyone = section(data, "data").get("presence"), views(data)
    if not isinstance(presence, list) or everyone is None or data_set(data) is not Street:
        return
    if len(presence) != everyone:
        what = f"{len(presence)} shares for {everyone} views"
        yield Finding(("data", "presence"), what, "write one for each view, in their order")
        return
    try:
        shares = [parse_share(share) for share in presence]
    except QuantityError:  # the schema tells it
        return
    if what := presence_fault(everyone, shares):
        yield Finding(("data", "presence"), what)


def _cameras(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield cameras that are not there, or that two devices would have."""
    everyone, given = views(data), section(data, "data").get("cameras")
    named: set[int] = set()
    for index, number in enumerate(given if isinstance(given, list) else ()):
        if everyone is None or not is_count(number, MAX_VIEWS):
            continue
        if number > everyone:
            what = f"no camera {number}: data.views is {everyone}"
            yield Finding(("data", "cameras", index), what, f"write numbers from 1 to {everyone}")
        elif number in named:
            yield Finding(("data", "cameras", index), f"camera {number} is named twice", "a device has one of its own")
        named.add(number)


def _warmup(data: dict[str, Any]) -> Iterator[Finding]:
    """Yield a warm-up that a run does not outlast."""
    run = section(data, "run")
    warmup_ns, until_ns = sound_duration_ns(run.get("warmup")), sound_duration_ns(run.get("until"))
    if warmup_ns and until_ns and warmup_ns >= until_ns:
        what = f"a warm-up of {run['warmup']} leaves nothing of a run until {run['until']}"
        yield Finding(("run", "warmup"), what, "write a time that is shorter")
