"""Scenarios: read, checked, resolved, written and hashed."""

from .canonical import dump, json_schema, scenario_hash
from .data import DATA_SETS, AnyData, Data, Digits, Mvmc, Street
from .loading import load_scenario
from .overrides import parse_override
from .schema import (
    CloudExit,
    DirectedLink,
    Exits,
    Level,
    Link,
    LocalExit,
    Model,
    Node,
    Periodic,
    Poisson,
    Run,
    Scenario,
    Tier,
    Topology,
    Training,
    Workload,
    members,
)

__all__ = [
    "DATA_SETS",
    "AnyData",
    "CloudExit",
    "Data",
    "Digits",
    "DirectedLink",
    "Exits",
    "Level",
    "Link",
    "LocalExit",
    "Model",
    "Mvmc",
    "Node",
    "Periodic",
    "Poisson",
    "Run",
    "Scenario",
    "Street",
    "Tier",
    "Topology",
    "Training",
    "Workload",
    "dump",
    "json_schema",
    "load_scenario",
    "members",
    "parse_override",
    "scenario_hash",
]
