"""ddnnsim: a discrete-event network simulator of distributed deep neural networks.

`load` reads a scenario, `run` simulates it with its trained network in the loop, `load_result`
opens what a run has left. `sweep` runs it with other settings and other draws, and gives a `ResultSet`.
`calibrate` chooses the thresholds of a scenario's exits; `train` gives its network and what that says,
`load_dataset` its data, and `ModuleNetwork` makes one of your own modules.
`graph_of` gives the topology of a scenario as a graph of networkx, and `topology_of` makes a topology of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ddnnsim.calibration import Calibration
    from ddnnsim.dnn.data.datasets import load_dataset
    from ddnnsim.dnn.modules import Merging, ModuleNetwork
    from ddnnsim.errors import DataError, NetworkError, ResultError, ScenarioError, UserError
    from ddnnsim.experiment import load, run, train
    from ddnnsim.network import network_of
    from ddnnsim.results import Result, load_result
    from ddnnsim.scenario import Scenario
    from ddnnsim.sweeps import ResultSet, sweep
    from ddnnsim.topology import graph_of, topology_of
    from ddnnsim.tuning import calibrate

__all__ = [
    "Calibration",
    "DataError",
    "Merging",
    "ModuleNetwork",
    "NetworkError",
    "Result",
    "ResultError",
    "ResultSet",
    "Scenario",
    "ScenarioError",
    "UserError",
    "calibrate",
    "graph_of",
    "load",
    "load_dataset",
    "load_result",
    "network_of",
    "run",
    "sweep",
    "topology_of",
    "train",
]

_HOMES = {
    "Calibration": ("ddnnsim.calibration", "Calibration"),
    "DataError": ("ddnnsim.errors", "DataError"),
    "Merging": ("ddnnsim.dnn.modules", "Merging"),
    "ModuleNetwork": ("ddnnsim.dnn.modules", "ModuleNetwork"),
    "NetworkError": ("ddnnsim.errors", "NetworkError"),
    "Result": ("ddnnsim.results", "Result"),
    "ResultError": ("ddnnsim.errors", "ResultError"),
    "ResultSet": ("ddnnsim.sweeps", "ResultSet"),
    "Scenario": ("ddnnsim.scenario", "Scenario"),
    "ScenarioError": ("ddnnsim.errors", "ScenarioError"),
    "UserError": ("ddnnsim.errors", "UserError"),
    "calibrate": ("ddnnsim.tuning", "calibrate"),
    "graph_of": ("ddnnsim.topology", "graph_of"),
    "load": ("ddnnsim.experiment", "load"),
    "load_dataset": ("ddnnsim.dnn.data.datasets", "load_dataset"),
    "load_result": ("ddnnsim.results", "load_result"),
    "network_of": ("ddnnsim.network", "network_of"),
    "run": ("ddnnsim.experiment", "run"),
    "sweep": ("ddnnsim.sweeps", "sweep"),
    "topology_of": ("ddnnsim.topology", "topology_of"),
    "train": ("ddnnsim.experiment", "train"),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Return a public name, imported only now: `ddnnsim --help` needs none of them."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'ddnnsim' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    """Return the public names, which are not imported yet, too."""
    return sorted({*globals(), *_HOMES})
