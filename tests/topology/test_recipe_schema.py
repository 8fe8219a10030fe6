"""What editors are told of topologies that are made: the JSON Schema takes and refuses what loading does."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml
from recipes import BY_DISTANCE, LINK, around

from ddnnsim.scenario import json_schema

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SCHEMA = jsonschema.Draft202012Validator(json_schema())
STAR = {"kind": "star", "leaves": 3}
NODES = {"camera": {"tier": "device"}, "cloud": {"tier": "cloud"}}
LINKS = {"wan": {"from": "camera", "to": "cloud", "rate": "1 Mbit/s"}}


@pytest.mark.parametrize("name", ["city", "zoo"])
def test_the_shipped_scenarios_are_taken(name):
    SCHEMA.validate(yaml.safe_load((SCENARIOS / f"{name}.yaml").read_text()))


@pytest.mark.parametrize(
    "topology",
    [
        {"nodes": NODES, "links": LINKS},
        {"graph": STAR, "defaults": LINK},
        {"graph": STAR, "defaults": BY_DISTANCE | {"link_from": {"device": {"preset": "lte"}}}},
        {"graph": STAR, "roles": {"cloud": {"most": "degree"}, "device": "rest"}, "defaults": LINK},
        {"graph": STAR, "roles": {"cloud": {"near": [8, 50], "count": 2}}, "defaults": {"device": {"servers": 2}}},
        {"graph": STAR, "nodes": {"cloud": {"servers": 2}}, "links": {"device-cloud": {"delay": "1 ms"}}},
    ],
)
def test_takes(topology):
    SCHEMA.validate(around(topology))


@pytest.mark.parametrize(
    "topology",
    [
        {"nodes": NODES},
        {"nodes": NODES, "links": LINKS, "roles": {"device": "rest"}},
        {"nodes": NODES | {"cloud": {"servers": 2}}, "links": LINKS},
        {"nodes": NODES, "links": {"wan": {"from": "camera", "to": "cloud"}}},
        {"graph": {"kind": "stra", "leaves": 3}},
        {"graph": {"kind": "star"}},
        {"graph": STAR, "roles": {"cloud": "all"}},
        {"graph": STAR, "roles": {"cloud": {"most": "degree", "level": 1}}},
        {"graph": STAR, "roles": {"clod": "rest"}},
        {"graph": STAR, "defaults": {"device": {"tier": "device"}}},
        {"graph": STAR, "defaults": {"link": {"delay": "distanc"}}},
        {"graph": STAR, "defaults": {"link": {"rate": "distance"}}},
    ],
)
def test_refuses(topology):
    with pytest.raises(jsonschema.ValidationError):
        SCHEMA.validate(around(topology))
