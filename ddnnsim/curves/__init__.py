"""Curves through many runs: any number of their summaries over what they differ in, with intervals; Pareto fronts."""

from ddnnsim.curves.curve import MOST_LINES, Curve, by_point, curve
from ddnnsim.curves.front import Front, front
from ddnnsim.curves.parameter import Parameter
from ddnnsim.curves.runs import Runs, is_sweep, open_runs

__all__ = ["MOST_LINES", "Curve", "Front", "Parameter", "Runs", "by_point", "curve", "front", "is_sweep", "open_runs"]
