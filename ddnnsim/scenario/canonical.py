"""The one way to write a scenario down: as YAML, as a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction

import yaml
from pydantic import BaseModel

from .configuration import ONLY_LOWER
from .document import Raw, plain_scalar
from .schema import Scenario

_WORDS_ONLY = ("name", "description", "source")
"""What changes no result."""
_HOW_OFTEN = ("replications", "precision")
"""What changes nothing where it is not said."""

_LINE_BREAKS = "\r\x85\u2028\u2029"
"""Line breaks of YAML that only an escape brings back as they were."""


class _Writer(yaml.CSafeDumper):
    """Writes text so that YAML 1.2 reads it as text, and shares nothing by aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _write_text(writer: _Writer, text: str) -> yaml.ScalarNode:
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
    return as_yaml(written_out(scenario))


def written_out(scenario: Scenario) -> dict[str, Raw]:
    """Return *scenario* as the data of a file, as `dump` writes them."""
    data = scenario.model_dump(by_alias=True, exclude_none=True)
    for key in ("description", "source"):
        if not data[key]:
            del data[key]
    if not data["placement"]["groups"]:
        del data["placement"]["groups"]
    for key in ("faults", "policy", "placement"):
        if not data[key]:
            del data[key]
    for part, key in ((data["topology"], "regions"), (data["recovery"], "failover")):
        if not part[key]:
            del part[key]
    for key in ONLY_LOWER & data["exits"]["cloud"].keys():
        del data["exits"]["cloud"][key]
    return data


def as_yaml(data: Mapping[str, Raw]) -> str:
    """Return the *data* of a file as YAML that is read as they are, in their order."""
    text: str = yaml.dump(
        data, Dumper=_Writer, sort_keys=False, default_flow_style=None, allow_unicode=True, width=2**20
    )
    return text


def scenario_hash(scenario: Scenario) -> str:
    """Return 64 hex digits of all that can change a result: not the scenario's name, or the spelling of units.

    The order of nodes, links and groups counts: device i sees view i, and their numbers decide what comes first
    at one instant. That of other keys and of the devices of a group does not, nor how a group names them.
    """
    content = {key: value for key, value in _plain(scenario).items() if key not in _WORDS_ONLY}
    if scenario.sweep is None:
        del content["sweep"]
    content["run"] = {key: value for key, value in content["run"].items() if value is not None or key not in _HOW_OFTEN}
    placement = scenario.placement
    groups = [[name, sorted(scenario.machines_of(of.devices)), of.edge] for name, of in placement.groups.items()]
    elsewhere = {key: said for key, said in content["placement"].items() if key != "groups" and said is not None}
    content["placement"] = [*groups, *sorted(elsewhere.items())]
    order = [list(part) for part in (scenario.topology.nodes, scenario.topology.links)]
    text = json.dumps([content, order], sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Raw) -> Raw:
    """Return *value* as JSON data, in SI units."""
    if isinstance(value, BaseModel):
        return {name: _plain(item) for name, item in value}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Fraction):
        return str(value)
    return value + 0.0 if isinstance(value, float) else value  # no -0.0
