"""Scenarios: read, checked, resolved, written and hashed."""

from .amounts import in_si
from .canonical import as_yaml, dump, scenario_hash, written_out
from .configuration import CONFIGURATIONS, EXITS
from .data import (
    DATA_SETS,
    AnyData,
    Cifar10,
    Data,
    Digits,
    Idx,
    Mvmc,
    Npz,
    Numbers,
    Street,
    cameras_used,
    presence_fault,
)
from .direction import Direction
from .drawn import Drawn, DrawnDuration, format_drawn, parse_drawn
from .encoding import AnyEncoding, JpegEncoding, PngEncoding, RawEncoding
from .fault import AnyFault
from .finding import Finding
from .grammar import json_schema
from .link import Link, Queue, Trace
from .loading import Check, load_scenario
from .loss import LossModel
from .model import GivenModel, Level, Model, NumberedExit, NumberedModel, NumberedSection, Training
from .node import Batch, Node, PowerModel, Tier
from .overrides import parse_override
from .picture import grid
from .placement import Group, Placement, Search
from .points import Point, load_points
from .policy import AnyPolicy, OwnPolicy
from .pooling import pool_padding, pooled_side
from .presets import PRESETS
from .recipe import Recipe
from .recovery import ExitDeadline, Heartbeats, Recovery, Retries
from .schema import Exit, Run, Scenario
from .spots import SearchedPlace, searched_places
from .topology import DirectedLink, Topology, members
from .workload import Bursts, Closed, FromFile, Periodic, Poisson, Scenes, Workload

__all__ = [
    "CONFIGURATIONS",
    "DATA_SETS",
    "EXITS",
    "PRESETS",
    "AnyData",
    "AnyEncoding",
    "AnyFault",
    "AnyPolicy",
    "Batch",
    "Bursts",
    "Check",
    "Cifar10",
    "Closed",
    "Data",
    "Digits",
    "DirectedLink",
    "Direction",
    "Drawn",
    "DrawnDuration",
    "Exit",
    "ExitDeadline",
    "Finding",
    "FromFile",
    "GivenModel",
    "Group",
    "Heartbeats",
    "Idx",
    "JpegEncoding",
    "Level",
    "Link",
    "LossModel",
    "Model",
    "Mvmc",
    "Node",
    "Npz",
    "NumberedExit",
    "NumberedModel",
    "NumberedSection",
    "Numbers",
    "OwnPolicy",
    "Periodic",
    "Placement",
    "PngEncoding",
    "Point",
    "Poisson",
    "PowerModel",
    "Queue",
    "RawEncoding",
    "Recipe",
    "Recovery",
    "Retries",
    "Run",
    "Scenario",
    "Scenes",
    "Search",
    "SearchedPlace",
    "Street",
    "Tier",
    "Topology",
    "Trace",
    "Training",
    "Workload",
    "as_yaml",
    "cameras_used",
    "dump",
    "format_drawn",
    "grid",
    "in_si",
    "json_schema",
    "load_points",
    "load_scenario",
    "members",
    "parse_drawn",
    "parse_override",
    "pool_padding",
    "pooled_side",
    "presence_fault",
    "scenario_hash",
    "searched_places",
    "written_out",
]
