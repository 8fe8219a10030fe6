"""What pydantic found, in plain words: what was given, and what is expected instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .direction import as_given
from .document import Keys, Raw
from .finding import Finding
from .schema import Scenario
from .units import QuantityError
from .wording import did_you_mean, given, listed

_KINDS = {
    "int_type": ("a whole number", "e.g. 1"),
    "float_type": ("a number", "e.g. 0.5"),
    "finite_number": ("a finite number", "e.g. 0.5"),
    "bool_type": ("true or false", "true or false"),
    "string_type": ("text", "a word, in quotes if it looks like a number"),
    "tuple_type": ("a list", ""),
    "dict_type": ("a mapping", "'key: value' lines"),
    "mapping_type": ("a mapping", "'key: value' lines"),
    "model_type": ("a mapping", "'key: value' lines"),
    "model_attributes_type": ("a mapping", "'key: value' lines"),
}
_OF_KEYS = ("missing", "extra_forbidden", "union_tag_not_found", "union_tag_invalid")
"""What is wrong with keys and not with a value."""
_A_LIST = "[4, 8]"
_BOUNDS = {
    "greater_than_equal": ("ge", "less than {}", "at least {}"),
    "greater_than": ("gt", "not above {}", "more than {}"),
    "less_than_equal": ("le", "more than {}", "at most {}"),
}


def schema_findings(data: dict[str, Any], model: type[BaseModel] = Scenario) -> Iterator[Finding]:
    """Yield what is wrong with the shapes, keys and values of *data*, which should be a *model*, in plain words."""
    try:
        model.model_validate(data)
    except ValidationError as invalid:
        yield from complaints(invalid, data, model)


def complaints(invalid: ValidationError, data: dict[str, Any], model: type[BaseModel] = Scenario) -> Iterator[Finding]:
    """Yield in plain words what pydantic finds *invalid* in the shapes, keys and values of *data*, to be a *model*."""
    schema = _schema(model)
    for error in invalid.errors(include_url=False):
        keys = as_given(error["loc"], data)
        if keys is not None and not _follows(error):
            yield _finding(error, keys if error["type"] in _OF_KEYS else _there(keys, data), schema)


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a *model*, which takes longer to make than a file to read."""
    return model.model_json_schema()


def _there(keys: Keys, data: Raw) -> Keys:
    """Return *keys* up to the last one that *data* have: what comes behind it is the tag of a union."""
    end = 0
    for depth, key in enumerate(keys, start=1):
        indexed = isinstance(data, list) and isinstance(key, int) and key < len(data)
        if indexed or (isinstance(data, dict) and key in data):
            data, end = data[key], depth
    return keys[:end]


def _follows(error: ErrorDetails) -> bool:
    """Return whether *error* only follows from another fault."""
    # `exits` tells which exits have no place, or one for each group; a list with a bad item counts as short.
    at = error["loc"][:1] == ("exits",) and error["loc"][2:] == ("at",)
    told = at and (error["type"] == "missing" or isinstance(error["input"], dict))
    return told or (error["type"] == "too_short" and bool(error["input"]))


def _finding(error: ErrorDetails, keys: Keys, schema: dict[str, Any]) -> Finding:
    """Return one of pydantic's *error*s, at *keys*, in plain words."""
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    key = keys[-1] if keys else ""
    if kind == "missing":
        return Finding(keys, f"{key!r} is missing", _example(_at(schema, keys, schema), key, schema))
    if kind == "extra_forbidden":
        known = list(_properties(_at(schema, keys[:-1], schema), schema))
        return Finding(keys, f"unknown key {key!r}", did_you_mean(key, known), at_key=True)
    if kind == "value_error" and isinstance(context["error"], QuantityError):
        return Finding(keys, context["error"].what, context["error"].instead)
    if kind == "union_tag_not_found":
        tag = context["discriminator"].strip("'")
        return Finding((*keys, tag), f"{tag!r} is missing", f"write one of {_tags(keys, schema)}")
    if kind == "union_tag_invalid":
        tag = context["discriminator"].strip("'")
        return _not_one_of((*keys, tag), context["tag"], context["expected_tags"])
    if kind == "literal_error":
        return _not_one_of(keys, value, context["expected"].replace(" or ", ", "))
    if kind in _BOUNDS:
        bound, wrong, right = _BOUNDS[kind]
        limit = f"{context[bound]:g}" if isinstance(context[bound], float) else context[bound]
        return Finding(keys, f"{given(value)} is {wrong.format(limit)}", f"write {right.format(limit)}")
    if kind == "int_type" and isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return Finding(keys, f"{value} is not written as a whole number", f"write {int(value)}")
    if kind in _KINDS:
        noun, instead = _KINDS[kind]
        if kind == "tuple_type":
            instead = f"e.g. {_at(schema, keys, schema).get('examples', [_A_LIST])[0]}"
        return Finding(keys, f"{given(value)} is not {noun}", f"write {instead}")
    if kind == "string_too_short":  # only paths of files have a least length
        return Finding(keys, "a path without a name", "write where the file is")
    if kind == "too_short":
        example = _at(schema, keys, schema).get("examples", ["[4]"])[0]
        return Finding(keys, "an empty list", f"write at least one, e.g. {example}")
    if kind == "string_pattern_mismatch" and key == "use":
        return Finding(keys, f"{given(value)} is no policy", "write e.g. 'follow_load', or 'policies.py:Mine'")
    if kind == "string_pattern_mismatch" and key == "module":
        return Finding(keys, f"{given(value)} names no function", "write e.g. 'network.py:build'")
    if kind in ("string_pattern_mismatch", "string_too_long"):
        what = f"{given(value)} is not a name"
        return Finding(keys, what, "use up to 100 letters, digits, '_' and '-'")
    return Finding(keys, f"{given(value)} cannot be used: {error['msg']}")


def _not_one_of(keys: Sequence[Any], value: object, expected: str) -> Finding:
    """Return the finding that *value* is none of the words of *expected*, which are in quotes."""
    words = [word.strip().strip("'") for word in expected.split(",")]
    guess = did_you_mean(value, words) if isinstance(value, str) else ""
    instead = guess if guess.startswith("did") else f"write {listed(words, last='or')}"
    return Finding(tuple(keys), f"{given(value)} is not known here", instead)


def _tags(keys: Sequence[Any], schema: dict[str, Any]) -> str:
    """Return the tags of the union at *keys*."""
    return listed(_at(schema, keys, schema).get("discriminator", {}).get("mapping", {}), last="or")


def _example(field: dict[str, Any], key: object, schema: dict[str, Any]) -> str:
    """Return a hint at what to write for *key*, whose JSON Schema is *field*."""
    if field.get("examples"):
        return f"write e.g. '{key}: {field['examples'][0]}'"
    if "const" in field:
        return f"write '{key}: {field['const']}'"
    if "enum" in field:
        return f"write {listed(field['enum'], last='or')}"
    required = _resolved(field, schema).get("required", [])
    if required:
        return f"it holds {listed(required)}"
    optional = list(_properties(field, schema))
    if optional:
        return f"it may hold {listed(optional)}"
    return ""


def _at(field: dict[str, Any], keys: Sequence[Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of what is at *keys* below *field*; empty when it says nothing."""
    for key in keys:
        field = _resolved(field, schema)
        mapping = field.get("discriminator", {}).get("mapping", {})
        if key in mapping:
            field = {"$ref": mapping[key]}
        elif isinstance(key, int):
            field = next((kind["items"] for kind in _kinds(field) if "items" in kind), {})
        else:
            inner = (kind.get("additionalProperties") for kind in _kinds(field))
            field = _properties(field, schema).get(key) or next(filter(None, inner), None) or {}
    return field


def _kinds(field: dict[str, Any]) -> list[dict[str, Any]]:
    """Return *field*, and what else it may be."""
    return [field, *field.get("anyOf", ())]


def _resolved(field: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return *field* with its reference followed."""
    reference = field.get("$ref")
    return schema["$defs"][reference.rsplit("/", 1)[1]] if reference else field


def _properties(field: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of what *field* describes; of several kinds those of all."""
    kind = _resolved(field, schema)
    properties: dict[str, Any] = {}
    for one in (*kind.get("anyOf", ()), kind):
        properties |= _resolved(one, schema).get("properties", {}) if one is kind else _properties(one, schema)
    return properties
