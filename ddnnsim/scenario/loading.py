"""From a file, or from Python data, to a scenario that needs no more checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from pydantic import ValidationError

from ddnnsim.errors import Fault, ScenarioError

from .anchors import anchor
from .canonical import dump
from .complaints import complaints, schema_findings
from .consistency import consistency_findings
from .defaults import with_defaults
from .document import Document, Place, Raw, parse_document, plain_document, read_document
from .finding import Finding, Unmade
from .making import Make, made_by_graph, names_a_graph, recipe_in, unmade, with_made, without_graph
from .overrides import Change, change_all, changes_of
from .rules import with_places
from .schema import Scenario

NOTHING: Mapping[str, object] = MappingProxyType({})
Source: TypeAlias = str | Path | Mapping[str, Any] | Scenario
"""The path of a file, or what one could hold."""
Check = Callable[[Scenario], Iterable[Finding]]
"""What looks at a whole scenario and yields what is wrong with it."""
Faults: TypeAlias = dict[Place, list[Fault]]


def load_scenario(
    source: Source,
    overrides: Mapping[str, object] = NOTHING,
    settings: Sequence[str] = (),
    checks: Sequence[Check] = (),
    make: Make = unmade,
) -> Scenario:
    """Return the scenario in the file *source*, or given as Python data, checked and resolved.

    *overrides* maps paths such as 'exits.local.threshold' to values as a file would have them;
    *settings* are the same as text, 'exits.local.threshold=0.5', as `--set` takes them, and come last.
    Paths in a file start from its folder, all others from the current one.
    *checks* look at the scenario once nothing else is wrong with it; *make* makes a graph into nodes and links. The
    points of a sweep are not looked at here.
    A ScenarioError lists all faults: of the file by file:line:column, of overrides by their path or text.
    """
    changes, faults = changes_of(overrides, settings)
    scenario = resolve(read_source(source), changes, checks, faults, make)
    raise_any(faults)
    assert scenario is not None, "nothing is wrong with it"
    return scenario.made_from(source.recipe) if isinstance(source, Scenario) else scenario


def resolve(
    document: Document, changes: Sequence[Change], checks: Sequence[Check], faults: Faults, make: Make = unmade
) -> Scenario | None:
    """Return the scenario that *document* holds with *changes*, which are made in it; *make* makes its graph.

    None where something is wrong with it, which is added to *faults*.
    """
    known = len(faults)
    change_all(document, changes, faults)
    anchor(document.data, Path())  # what no file gave, so that the scenario that is kept runs from anywhere
    try:
        data = with_defaults(with_made(document.data, make) if names_a_graph(document.data) else document.data)
    except Unmade as why:  # what is wrong beside the graph is told, too
        rest = with_defaults(without_graph(document.data))
        _add(faults, document, [*why.findings, *schema_findings(rest)])
        return None
    data, of_rules = with_places(data)
    wrong = [*of_rules, *consistency_findings(data)]
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as invalid:
        wrong += complaints(invalid, data)
    _add(faults, document, [made_by_graph(finding, document.data) for finding in wrong])
    if len(faults) == known:
        _add(faults, document, (finding for check in checks for finding in check(scenario)))
    return scenario.made_from(recipe_in(document.data)) if len(faults) == known else None


def raise_any(faults: Faults) -> None:
    """Raise a ScenarioError with *faults*, in the order of the file, if there are any."""
    if faults:
        raise ScenarioError([fault for place in sorted(faults) for fault in faults[place]])


def _add(faults: Faults, document: Document, findings: Iterable[Finding]) -> None:
    """Add *findings* of *document* to *faults*."""
    for place, fault in _placed(document, findings):
        faults.setdefault(place, []).append(fault)


def read_source(source: Source) -> Document:
    """Return what *source* holds, with places; its data are nobody else's."""
    if isinstance(source, Scenario):
        return plain_document(parse_document(dump(source), source.name).data)
    if isinstance(source, Mapping):
        return plain_document(source)
    document = read_document(Path(source))
    document.data = unshared(document.data)
    anchor(document.data, Path(source).parent)
    return document


def unshared(data: Raw) -> Raw:
    """Return a copy of *data* in which nothing is shared: an override changes one place only."""
    if isinstance(data, dict):
        return {key: unshared(value) for key, value in data.items()}
    return [unshared(value) for value in data] if isinstance(data, list) else data


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
