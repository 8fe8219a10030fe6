"""Scenarios: read, checked, resolved, written and hashed."""

from .canonical import dump, json_schema, scenario_hash
from .loading import load_scenario
from .overrides import parse_override
from .schema import (
    CloudExit,
    Data,
    Digits,
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
    "CloudExit",
    "Data",
    "Digits",
    "DirectedLink",
    "Exits",
    "Level",
    "Link",
    "LocalExit",
    "Model",
    "Node",
    "Periodic",
    "Poisson",
    "Run",
    "Scenario",
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
