"""What a scenario file may say, as a JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from .configuration import CONFIGURATIONS, EXITS, ONLY_LOWER, Configuration
from .document import Raw
from .drawn import DRAWN_SCHEMA
from .loss import LOSS_SCHEMA
from .placement import PLACE_SCHEMA, RULES
from .recipe import DISTANCE, REST, WAYS, Recipe
from .schema import Scenario
from .units import (
    BINARY_COMPUTE,
    BINARY_OPERATIONS,
    BYTE_ENERGY,
    COMPUTE,
    DURATION,
    ENERGY,
    FREQUENCY,
    LENGTH,
    OPERATIONS,
    POWER,
    RATE,
    SHARE_SCHEMA,
    SIZE,
)

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAMED: Mapping[str, dict[str, Any]] = MappingProxyType({
    "Rate": RATE.schema,
    "Duration": DURATION.schema,
    "Length": LENGTH.schema,
    "Size": SIZE.schema,
    "Compute": COMPUTE.schema,
    "BinaryCompute": BINARY_COMPUTE.schema,
    "Operations": OPERATIONS.schema,
    "BinaryOperations": BINARY_OPERATIONS.schema,
    "Frequency": FREQUENCY.schema,
    "Power": POWER.schema,
    "Energy": ENERGY.schema,
    "ByteEnergy": BYTE_ENERGY.schema,
    "Share": SHARE_SCHEMA,
    "Drawn": DRAWN_SCHEMA,
    "Loss": LOSS_SCHEMA,
})  # fmt: skip
"""What stands at many places: written once, in `$defs`."""
_WORDS = ("description", "examples", "default")
"""Keys that judge nothing."""
_NOT_OF_NODE, _NOT_OF_LINK = {"tier", "count"}, {"from", "to"}
"""Keys that no default can have."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of scenario files, for editors."""
    head = {"$schema": _DIALECT, "title": "ddnnsim scenario"}
    schema: dict[str, Any] = _by_name(_untitled(_with_recipe(Scenario.model_json_schema())))
    named = {name: {key: _by_name(value) for key, value in one.items()} for name, one in _NAMED.items()}
    schema["$defs"] = dict(sorted((schema["$defs"] | named).items()))
    demands = [_demands(configuration) for configuration in CONFIGURATIONS.values()]
    return head | schema | {"allOf": [*demands, _data_and_thresholds()]}


def _with_recipe(schema: Raw) -> Raw:
    """Return *schema* with the keys of a topology that is made; what is written beside a graph may be a part only."""
    recipe = Recipe.model_json_schema(ref_template="#/$defs/{model}")
    defs = schema["$defs"] | recipe.pop("$defs")
    topology, node, link = (dict(defs[name]) for name in ("Topology", "Node", "Link"))
    whole_node = {"required": node.pop("required")}
    whole_link = {"required": link.pop("required"), "anyOf": link.pop("anyOf")}
    topology["properties"] = topology["properties"] | recipe["properties"]
    whole = {"nodes": {"additionalProperties": whole_node}, "links": {"additionalProperties": whole_link}}
    made = {"properties": dict.fromkeys(("roles", "defaults"), False)}
    topology |= {
        "if": {"required": ["graph"]},
        "else": {"required": topology.pop("required"), "properties": whole | made["properties"]},
    }
    defaults = dict(defs["Defaults"])
    defaults["properties"] = _default_keys(defaults["properties"], node, link)
    roles = topology["properties"]["roles"]
    roles["additionalProperties"] = {"anyOf": [{"const": REST}, roles["additionalProperties"]]}
    rule = defs["Rule"] | {"oneOf": [{"required": [way]} for way in WAYS]}
    defs |= {"Topology": topology, "Node": node, "Link": link, "Defaults": defaults, "Rule": rule}
    return schema | {"$defs": defs}


def _default_keys(properties: Raw, node: Raw, link: Raw) -> Raw:
    """Return the *properties* of defaults, each with the keys of a *node* or a *link*."""
    of_node = {key: {"$ref": f"#/$defs/Node/properties/{key}"} for key in node["properties"].keys() - _NOT_OF_NODE}
    of_link = {key: {"$ref": f"#/$defs/Link/properties/{key}"} for key in link["properties"].keys() - _NOT_OF_LINK}
    delays: Raw = {"delay": {"anyOf": [of_link["delay"], {"const": DISTANCE}]}}
    nodes: Raw = {"type": "object", "properties": dict(sorted(of_node.items())), "additionalProperties": False}
    links = {"type": "object", "properties": dict(sorted((of_link | delays).items())), "additionalProperties": False}
    by_tier: Raw = properties["link_from"] | {"additionalProperties": links}
    return {
        name: by_tier if name == "link_from" else field | (links if name == "link" else nodes)
        for name, field in properties.items()
    }


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
        by_group = {"type": "object", "propertyNames": {"not": {"enum": list(RULES)}}}
        exits["local"] = {"properties": {"at": by_group if configuration.groups == "all" else PLACE_SCHEMA}}
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
    if configuration.devices == "many" and lower:
        at = {"exits": {"properties": {"local": {"required": ["at"]}}}}
        searched = {"properties": {"placement": {"required": ["search"]}}, "required": ["placement"]}
        then["anyOf"] = [{"properties": at}, searched]
    if configuration.groups == "all":
        grouped: Raw = {"properties": {"placement": {"required": ["groups"]}}, "required": ["placement"]}
        made = {"properties": {"topology": {"required": ["graph"]}}}
        then["anyOf"] = [grouped | {"anyOf": then["anyOf"]}, made]
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


def _by_name(schema: Raw) -> Raw:
    """Return *schema* with a `$ref` wherever it has one of those `_NAMED`, beside the words of the place."""
    if isinstance(schema, list):
        return [_by_name(value) for value in schema]
    if not isinstance(schema, dict):
        return schema
    judging = _judging(schema)
    for name, one in _NAMED.items():
        if judging == _judging(one):
            words = {key: schema[key] for key in _WORDS if key in schema and schema[key] != one.get(key)}
            return {"$ref": f"#/$defs/{name}"} | words
    return {key: _by_name(value) for key, value in schema.items()}


def _judging(schema: Raw) -> Raw:
    return {key: value for key, value in schema.items() if key not in _WORDS}
