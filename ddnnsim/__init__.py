"""ddnnsim: a discrete-event network simulator of distributed deep neural networks.

`load` reads a scenario, `run` simulates it with its trained network in the loop, `load_result`
opens what a run has left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ddnnsim.errors import DataError, ResultError, ScenarioError, UserError
    from ddnnsim.experiment import load, run
    from ddnnsim.results import Result, load_result
    from ddnnsim.scenario import Scenario

__all__ = [
    "DataError",
    "Result",
    "ResultError",
    "Scenario",
    "ScenarioError",
    "UserError",
    "load",
    "load_result",
    "run",
]

_HOMES = {
    "DataError": ("ddnnsim.errors", "DataError"),
    "Result": ("ddnnsim.results", "Result"),
    "ResultError": ("ddnnsim.errors", "ResultError"),
    "Scenario": ("ddnnsim.scenario", "Scenario"),
    "ScenarioError": ("ddnnsim.errors", "ScenarioError"),
    "UserError": ("ddnnsim.errors", "UserError"),
    "load": ("ddnnsim.experiment", "load"),
    "load_result": ("ddnnsim.results", "load_result"),
    "run": ("ddnnsim.experiment", "run"),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Return a public name, imported only now: `ddnnsim --help` needs none of them."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'ddnnsim' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)
