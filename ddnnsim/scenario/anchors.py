"""Where the paths of files in a scenario start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .axes import given_values
from .channels import trace_specs
from .defaults import section
from .document import Raw

_FILES = (("data", "path"), ("model", "module"), ("model", "weights"), ("workload", "path"))
"""Where a scenario names files, beside those of policies; a module that is no file is found by Python."""
_LONGEST_INDEX = 4
"""Digits of an index: no list is longer."""


def anchor(data: dict[str, Any], folder: Path) -> None:
    """Let those paths of files in *data* that start from nowhere start from *folder*."""
    for key, name in _FILES:
        spec = data.get(key)
        path = spec.get(name) if isinstance(spec, dict) else None
        if isinstance(spec, dict) and isinstance(path, str) and path and (name != "module" or ".py:" in path):
            spec[name] = str(folder.resolve() / path)
    said = data.get("policy")
    for policy in said if isinstance(said, list) else [said]:
        if isinstance(policy, dict) and isinstance(policy.get("use"), str) and ".py:" in policy["use"]:
            policy["use"] = str(folder.resolve() / policy["use"])
    graph = section(data, "topology", "graph")
    if isinstance(graph.get("path"), str) and graph["path"]:
        graph["path"] = str(folder.resolve() / graph["path"])
    for trace in trace_specs(data):
        if isinstance(trace.get("file"), str) and trace["file"]:
            trace["file"] = str(folder.resolve() / trace["file"])
    for holder, key, path in given_values(data):
        holder[key] = _anchored(holder[key], path.split("."), folder)


def _anchored(value: Raw, parts: list[str], folder: Path) -> Raw:
    """Return *value*, which is for the path of *parts*, with paths of files in it that start from *folder*."""
    steps: list[str | int] = [int(part) if part.isdecimal() and len(part) <= _LONGEST_INDEX else part for part in parts]
    data = value
    for step in reversed(steps):
        data = [*[None] * step, data] if isinstance(step, int) else {step: data}
    if isinstance(data, dict):
        anchor(data, folder)
        for step in steps:
            data = data[step]
    return data
