"""The one way to write a scenario down: as YAML, as a JSON Schema, as a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import yaml
from pydantic import BaseModel

from .configuration import CONFIGURATIONS, EXITS, ONLY_LOWER, Configuration
from .document import Raw, plain_scalar
from .schema import Scenario

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_WORDS_ONLY = ("name", "description", "source")
"""What changes no result."""


_LINE_BREAKS = "\r\x85\u2028\u2029"
"""Line breaks of YAML that only an escape brings back as they were."""


class _Writer(yaml.SafeDumper):
    """Writes text so that YAML 1.2 reads it as text, and shares nothing by aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _write_text(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Return *text* as a scalar, in quotes where it would be read as something else."""
    if any(character in text for character in _LINE_BREAKS):
        return writer.represent_scalar("tag:yaml.org,2002:str", text, style='"')
    try:
        plain = isinstance(plain_scalar(text), str)
    except ValueError:
        plain = False
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else "'")


_Writer.add_representer(str, _write_text)


def dump(scenario: Scenario) -> str:
    """Return *scenario* as YAML with units, every default written out; loading it gives an equal scenario."""
    data = scenario.model_dump(by_alias=True, exclude_none=True)
    for key in ("description", "source"):
        if not data[key]:
            del data[key]
    if not data["placement"]["groups"]:
        del data["placement"]
    for key in ONLY_LOWER & data["exits"]["cloud"].keys():
        del data["exits"]["cloud"][key]
    text: str = yaml.dump(
        data, Dumper=_Writer, sort_keys=False, default_flow_style=None, allow_unicode=True, width=2**20
    )
    return text


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of scenario files, for editors."""
    head = {"$schema": _DIALECT, "title": "ddnnsim scenario"}
    schema: dict[str, Any] = _untitled(Scenario.model_json_schema())
    demands = [_demands(configuration) for configuration in CONFIGURATIONS.values()]
    return head | schema | {"allOf": [*demands, _data_and_thresholds()]}


def _data_and_thresholds() -> Raw:
    """Return the JSON Schema of what a network needs, and one that is given by numbers has not."""
    lower = EXITS[:-1]
    none = {name: {"properties": {"threshold": {"type": "null"}}} for name in lower}
    needed = {name: {"required": ["threshold"]} for name in lower}
    return {
        "if": {"properties": {"model": {"required": ["sections"]}}, "required": ["model"]},
        "then": {"properties": {"exits": {"properties": none}}},
        "else": {"required": ["data"], "properties": {"exits": {"properties": needed}}},
    }


def _demands(configuration: Configuration) -> Raw:
    """Return the JSON Schema of what *configuration* demands."""
    lower = configuration.exits[:-1]
    exits: Raw = {EXITS[-1]: {"properties": dict.fromkeys(sorted(ONLY_LOWER), False)}}
    data: Raw = {}
    if configuration.devices == "one":
        one = {"required": ["cameras"], "properties": {"cameras": {"type": "array", "maxItems": 1}}}
        data = {"anyOf": [{"properties": {"views": {"const": 1}, "cameras": {"type": "null"}}}, one]}
    elif lower:
        place = {"type": "object" if configuration.groups == "all" else "string"}
        exits["local"] = {"required": ["at"], "properties": {"at": place}}
    groups = {"minProperties": 2} if configuration.groups == "all" else {}
    groups |= {"maxProperties": 0} if configuration.groups == "none" else {}
    levels = _keys(configuration.levels, configuration.levels)
    then: Raw = {
        "properties": {
            "data": data,
            "model": {"properties": dict.fromkeys(("levels", "sections"), levels)},
            "placement": {"properties": {"groups": groups}},
            "exits": {**_keys(configuration.exits, ()), "properties": exits},
        },
    }
    if configuration.groups == "all":
        then["required"] = ["placement"]
        then["properties"]["placement"]["required"] = ["groups"]
    this = {"properties": {"configuration": {"const": configuration.letter}}, "required": ["configuration"]}
    return {"if": this, "then": then}


def _keys(known: Sequence[str], required: Sequence[str]) -> Raw:
    """Return the JSON Schema of a mapping with no keys but those *known*, and those *required*."""
    return {"propertyNames": {"enum": list(known)}, "required": list(required)}


def _untitled(schema: Raw) -> Raw:
    """Return *schema* without pydantic's titles, which repeat names in another spelling."""
    if isinstance(schema, dict):
        return {
            key: _untitled(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))
        }
    return [_untitled(value) for value in schema] if isinstance(schema, list) else schema


def scenario_hash(scenario: Scenario) -> str:
    """Return 64 hex digits of all that can change a result: not the scenario's name, or the spelling of units.

    The order of nodes, links and groups counts: device i sees view i, and their numbers decide what comes first
    at one instant. That of other keys and of the devices of a group does not, nor how a group names them.
    """
    content = {key: value for key, value in _plain(scenario).items() if key not in _WORDS_ONLY}
    content["placement"] = [
        [name, sorted(scenario.machines_of(group.devices)), group.edge]
        for name, group in scenario.placement.groups.items()
    ]
    order = [list(part) for part in (scenario.topology.nodes, scenario.topology.links)]
    text = json.dumps([content, order], sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Raw) -> Raw:
    """Return *value* as JSON data, in SI units."""
    if isinstance(value, BaseModel):
        return {name: _plain(item) for name, item in value}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Fraction):
        return str(value)
    return value + 0.0 if isinstance(value, float) else value  # no -0.0
