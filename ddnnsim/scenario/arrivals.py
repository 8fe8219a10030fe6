"""What a workload must say, and must not say twice or in vain.

Like all checks of raw data, these pass over wrong shapes, which the schema tells, and report causes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .defaults import section
from .document import Keys
from .drawn import parse_drawn
from .finding import Finding
from .names import Entries, machines_of_tier
from .units import QuantityError
from .wording import did_you_mean, given

_PATH: Keys = ("workload",)


def workload_findings(data: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield what is wrong with the workload of *data*, given its *nodes*."""
    workload = section(data, "workload")
    yield from _pace(workload)
    yield from _window(workload)
    yield from _bursts(workload)
    yield from _phases(workload, nodes)
    yield from _of_numbers(data, workload)


def _pace(workload: dict[str, Any]) -> Iterator[Finding]:
    """Yield a workload that does not say, or says twice, how often requests come."""
    arrivals = workload.get("arrivals")
    if arrivals == "periodic":
        if "rate" not in workload and "every" not in workload:
            what = "'every' is missing: how often do requests come"
            yield Finding((*_PATH, "rate"), what, "write e.g. 'every: 100 ms'")
        elif "rate" in workload and "every" in workload:
            what = "'rate' and 'every' say the same thing"
            yield Finding((*_PATH, "every"), what, "keep one", at_key=True)
    elif arrivals in ("poisson", "bursts") and "every" in workload:
        what = f"{arrivals} arrivals have a 'rate', not 'every'"
        yield Finding((*_PATH, "every"), what, "write e.g. 'rate: 5 /s'", at_key=True)


def _window(workload: dict[str, Any]) -> Iterator[Finding]:
    """Yield a window that is missing, or that nothing is put together by."""
    if workload.get("arrivals") == "closed":
        return
    windowed = workload.get("capture", "joint") == "window"
    if windowed and workload.get("window") is None:
        what = "'window' is missing: how long after its first capture is a request complete"
        yield Finding((*_PATH, "window"), what, "write e.g. 'window: 20 ms'")
    elif not windowed and workload.get("window") is not None:
        what = "a 'window', and captures are not put together by one"
        yield Finding((*_PATH, "window"), what, "write 'capture: window', or leave it out", at_key=True)


def _bursts(workload: dict[str, Any]) -> Iterator[Finding]:
    """Yield bursts that never last."""
    if workload.get("arrivals") != "bursts" or "on" not in workload:
        return
    try:
        drawn = parse_drawn(workload["on"])
    except QuantityError:  # the schema tells it
        return
    durations = drawn.parameters[::2] if drawn.family == "mixture" else drawn.parameters
    if not any(durations):
        what = f"a source that is on for {given(workload['on'])} gives nothing"
        yield Finding((*_PATH, "on"), what, "write e.g. 'on: 1 s'")


def _phases(workload: dict[str, Any], nodes: Entries) -> Iterator[Finding]:
    """Yield phases of what is no device."""
    devices = machines_of_tier("device", nodes)
    for name in section(workload, "phase") if devices else ():
        if name in nodes and nodes[name].group and nodes[name].tier == "device":
            what = f"{name!r} is a group of {len(nodes[name].machines)}, and a phase is one device's"
            instead = f"name a member such as {nodes[name].machines[0]!r}, or write one time for all"
            yield Finding((*_PATH, "phase", name), what, instead, at_key=True)
        elif name not in devices:
            yield Finding((*_PATH, "phase", name), f"unknown device {name!r}", did_you_mean(name, devices), at_key=True)


def _of_numbers(data: dict[str, Any], workload: dict[str, Any]) -> Iterator[Finding]:
    """Yield what a model given by numbers, which has no split of samples, leaves open or makes void."""
    if "sections" not in section(data, "model") or not workload:
        return
    if workload.get("requests") is None:
        what = "'requests' is missing: a model given by numbers has no samples to pass over"
        yield Finding((*_PATH, "requests"), what, "write e.g. 'requests: 1000'")
    if workload.get("order") == "shuffled":
        what = "every request of a model given by numbers is a sample of its own: there is nothing to shuffle"
        yield Finding((*_PATH, "order"), what, "leave 'order' out", at_key=True)
