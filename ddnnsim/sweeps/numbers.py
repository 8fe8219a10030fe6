"""The numbers of a run by their path in its summary: `latency.p95_s`, `exits.local.share`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from ddnnsim.metrics import Summary
from ddnnsim.network import network_of
from ddnnsim.scenario import Finding, Scenario
from ddnnsim.scenario.wording import did_you_mean

SINGLE = ("links", "nodes")
"""Parts of a summary with the numbers of single machines and links."""
_ANY = "*"


def numbers_of(summary: Summary) -> dict[str, float | None]:
    """Return every number of *summary*, in its order, yes and no as 1 and 0; None for one that this run has not."""
    return dict(_numbers(summary, Summary, ""))


def _numbers(value: Any, kind: Any, path: str) -> Iterator[tuple[str, float | None]]:  # noqa: ANN401
    """Yield the numbers in *value*, which is of *kind* and at *path*."""
    if _is_number(kind):
        yield path, int(value) if isinstance(value, bool) else value
    elif isinstance(value, Mapping):
        inner = get_args(_told(kind))[1]
        for name, item in value.items():
            yield from _numbers(item, inner, _below(path, name))
    elif is_dataclass(value):
        for name, inner in _fields(_told(kind)):
            yield from _numbers(getattr(value, name), inner, _below(path, name))


def precision_findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield where the precision of *scenario* is that of a number which its runs do not have."""
    if scenario.run.precision is None:
        return
    wanted = scenario.run.precision.of
    known = list(_patterns(Summary, "", _names(scenario)))
    if not any(fnmatchcase(wanted, pattern) for pattern in known):
        what = f"{wanted!r} is no number of a summary"
        instead = did_you_mean(wanted, [path for path in known if _ANY not in path]) or "write e.g. 'latency.mean_s'"
        yield Finding(("run", "precision", "of"), what, instead)


def _names(scenario: Scenario) -> dict[str, Sequence[str]]:
    """Return what parts of a summary have a key for, and those that a run of *scenario* does not have."""
    absent = {
        "timeliness": scenario.workload.deadline_ns is None,
        "circumstances": not scenario.faults,
        "parts": scenario.run.record != "messages",
        "warmup": scenario.run.warmup_ns is None,
    }
    return {
        "exits": [exit_.name for exit_ in network_of(scenario).exits],
        "nodes": list(scenario.topology.machines()),
        "links": [link.name for link in scenario.topology.directed_links()],
        **{name: () for name, is_absent in absent.items() if is_absent},
    }


def _patterns(kind: Any, path: str, names: Mapping[str, Sequence[str]]) -> Iterator[str]:  # noqa: ANN401
    """Yield the paths of numbers in what is of *kind*, at *path*; keys that are in none of *names* may be any."""
    told, part = _told(kind), path.rpartition(".")[2]
    if _is_number(kind):
        yield path
    elif get_origin(told) is dict:
        for name in names.get(part, (_ANY,)):
            yield from _patterns(get_args(told)[1], _below(path, name), names)
    elif names.get(part) != ():
        for name, inner in _fields(told):
            yield from _patterns(inner, _below(path, name), names)


@cache
def _fields(kind: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
    """Return the names and types of the fields of a dataclass; none of what is none."""
    if not is_dataclass(kind):
        return []
    hints = get_type_hints(kind)
    return [(field.name, hints[field.name]) for field in fields(kind)]


def _told(kind: Any) -> Any:  # noqa: ANN401
    """Return *kind* without None."""
    kinds = [one for one in get_args(kind) if one is not type(None)]
    return kinds[0] if type(None) in get_args(kind) else kind


def _is_number(kind: Any) -> bool:  # noqa: ANN401
    return _told(kind) in (int, float, bool)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
