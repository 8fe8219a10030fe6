"""Thresholds and temperatures of exits, from what they say of a split: arithmetic on tables, without engines.

A threshold is chosen on the validation split and reported on another.
"""

from .goals import Goal, parse_goal
from .landscape import Landscape, Outcome
from .record import Calibration, pareto_table
from .reliability import (
    ReliabilityTable,
    calibration_error,
    diagram_rows,
    fit_temperature,
    negative_log_likelihood,
    reliability,
)
from .search import choose, front
from .staircase import ExitCost, Rule, Staircase, Step, leaves, measure
from .thresholds import candidates

__all__ = [
    "Calibration",
    "ExitCost",
    "Goal",
    "Landscape",
    "Outcome",
    "ReliabilityTable",
    "Rule",
    "Staircase",
    "Step",
    "calibration_error",
    "candidates",
    "choose",
    "diagram_rows",
    "fit_temperature",
    "front",
    "leaves",
    "measure",
    "negative_log_likelihood",
    "pareto_table",
    "parse_goal",
    "reliability",
]
