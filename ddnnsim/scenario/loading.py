"""From a file, or from Python data, to a scenario that needs no more checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from ddnnsim.errors import Fault, ScenarioError

from .canonical import dump
from .channels import trace_specs
from .complaints import explained, schema_findings
from .consistency import consistency_findings
from .defaults import section, with_defaults
from .document import Document, Place, Raw, parse_document, plain_document, read_document
from .finding import Finding, Unmade
from .making import Make, made_by_graph, names_a_graph, unmade, with_made, without_graph
from .overrides import AFTER_FILE, drop_rivals, free_count, override, parse_override, setting_label
from .schema import Scenario

_NONE: Mapping[str, object] = MappingProxyType({})
_FILES = (("data", "path"), ("model", "module"), ("model", "weights"), ("workload", "path"))
"""Where a scenario names files, beside those of policies; a module that is no file is found by Python."""
Check = Callable[[Scenario], Iterable[Finding]]
"""What looks at a whole scenario and yields what is wrong with it."""


def load_scenario(
    source: str | Path | Mapping[str, Any] | Scenario,
    overrides: Mapping[str, object] = _NONE,
    settings: Sequence[str] = (),
    checks: Sequence[Check] = (),
    make: Make = unmade,
) -> Scenario:
    """Return the scenario in the file *source*, or given as Python data, checked and resolved.

    *overrides* maps paths such as 'exits.local.threshold' to values as a file would have them;
    *settings* are the same as text, 'exits.local.threshold=0.5', as `--set` takes them, and come last.
    Paths in a file start from its folder, all others from the current one.
    *checks* look at the scenario once nothing else is wrong with it; *make* makes a graph into nodes and links.
    A ScenarioError lists all faults: of the file by file:line:column, of overrides by their path or text.
    """
    document = _document(source)
    faults = _override_all(document, overrides, settings)
    _anchor(document.data, Path())  # what no file gave, so that the scenario that is kept runs from anywhere
    data = _written_out(faults, document, make)
    findings = list(consistency_findings(data))
    scenario = None
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as invalid:
        findings += explained(invalid, data, Scenario)
    _raise(faults, document, [made_by_graph(finding, document.data) for finding in findings])
    assert scenario is not None
    _raise({}, document, [finding for check in checks for finding in check(scenario)])
    return scenario


def _written_out(faults: dict[Place, list[Fault]], document: Document, make: Make) -> dict[str, Any]:
    """Return the data of *document* with the graph that they name made, and with defaults.

    Where it cannot be made, a ScenarioError tells why, beside *faults* and what is wrong without it.
    """
    if not names_a_graph(document.data):
        return with_defaults(document.data)
    try:
        return with_defaults(with_made(document.data, make))
    except Unmade as why:
        rest = with_defaults(without_graph(document.data))
        _raise(faults, document, [*why.findings, *schema_findings(rest)])
        raise


def _raise(faults: dict[Place, list[Fault]], document: Document, findings: Iterable[Finding]) -> None:
    """Raise a ScenarioError with *faults* and *findings* of *document*, in the order of the file, if any."""
    for place, fault in _placed(document, findings):
        faults.setdefault(place, []).append(fault)
    if faults:
        raise ScenarioError([fault for place in sorted(faults) for fault in faults[place]])


def _document(source: str | Path | Mapping[str, Any] | Scenario) -> Document:
    """Return what *source* holds, with places; its data are nobody else's."""
    if isinstance(source, Scenario):
        return plain_document(parse_document(dump(source), source.name).data)
    if isinstance(source, Mapping):
        return plain_document(source)
    document = read_document(Path(source))
    document.data = _unshared(document.data)
    _anchor(document.data, Path(source).parent)
    return document


def _anchor(data: dict[str, Any], folder: Path) -> None:
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


def _unshared(data: Raw) -> Raw:
    """Return a copy of *data* in which nothing is shared: an override changes one place only."""
    if isinstance(data, dict):
        return {key: _unshared(value) for key, value in data.items()}
    return [_unshared(value) for value in data] if isinstance(data, list) else data


def _override_all(
    document: Document, overrides: Mapping[str, object], settings: Sequence[str]
) -> dict[Place, list[Fault]]:
    """Apply all overrides to *document*; return the faults of those that lead nowhere."""
    faults: dict[Place, list[Fault]] = {}
    changes = [(Place((AFTER_FILE, rank), path), path, value) for rank, (path, value) in enumerate(overrides.items())]
    for rank, text in enumerate(settings, start=len(overrides)):
        place = Place((AFTER_FILE, rank), setting_label(text))
        try:
            changes.append((place, *parse_override(text)))
        except ScenarioError as error:
            faults[place] = list(error.faults)
    paths = [path for _, path, _ in changes]
    drop_rivals(document, paths)
    free_count(document, paths)
    for place, path, value in changes:
        try:
            override(document, path, value, place)
        except ScenarioError as error:
            faults[place] = list(error.faults)
    return faults


def _placed(document: Document, findings: Iterable[Finding]) -> list[tuple[Place, Fault]]:
    """Return all *findings* with their places in *document*: one for each path."""
    by_path: dict[tuple[str | int, ...], Finding] = {}
    for finding in findings:
        keys = (*document.present(finding.keys), *_absent(document, finding))
        by_path.setdefault(keys, finding)
    return [
        (place := _place(document, finding), Fault(place.label, finding.what, finding.instead))
        for finding in by_path.values()
    ]


def _absent(document: Document, finding: Finding) -> tuple[str | int, ...]:
    """Return the last key of *finding* if the document does not have it."""
    last = finding.keys[-1:]
    return () if document.present(finding.keys)[-1:] == last else last


def _place(document: Document, finding: Finding) -> Place:
    """Return where *finding* is: at its key, at its value, or, if it is missing, at the key around it."""
    if finding.at_key or _absent(document, finding):
        return document.key_place(finding.keys)
    return document.value_place(finding.keys)
