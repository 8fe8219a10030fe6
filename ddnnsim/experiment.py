"""One experiment from end to end: load, train, plan, simulate, save. The one place that knows all the parts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ddnnsim.errors import UserError
from ddnnsim.network import network_of
from ddnnsim.placement import memory_findings
from ddnnsim.scenario import Mvmc, Scenario, load_scenario

if TYPE_CHECKING:
    from ddnnsim.dnn.oracle import TrainedOracle
    from ddnnsim.dnn.trained import Trained
    from ddnnsim.results import Result

Progress = Callable[[str, int, int], None]
"""Told of a stage (`training`, `simulating`), the steps that are done and how many there are."""

ScenarioLike = Scenario | str | Path | Mapping[str, Any]


def silent(stage: str, done: int, total: int) -> None:
    """Report no progress."""


def plain(result: Result) -> None:
    """Add nothing to *result*."""


def load(
    scenario: ScenarioLike,
    overrides: Mapping[str, object] = MappingProxyType({}),
    settings: Sequence[str] = (),
) -> Scenario:
    """Return *scenario*, checked and resolved, with *overrides* by path, and *settings* as `--set` takes them.

    A ScenarioError lists all faults, each with its place in the file.
    """
    return load_scenario(scenario, overrides, settings, checks=(memory_findings,))


def run(
    scenario: ScenarioLike,
    /,
    *,
    out: str | os.PathLike[str] = "results",
    again: bool = False,
    progress: Progress = silent,
    finish: Callable[[Result], object] = plain,
    **overrides: object,
) -> Result:
    """Return the result of *scenario* with *overrides*, such as `**{"exits.local.threshold": 0.5}`.

    A result that is finished under *out* is returned as it is, unless *again*. The network is
    trained when its weights are not in the cache. *finish* may add to the result before it appears under
    *out*. Raises ScenarioError with every fault at once.
    """
    from ddnnsim.results import find

    resolved = load(scenario, overrides)
    finished = None if again else find(resolved, Path(out))
    return finished or _run(resolved, Path(out), progress, finish)


def train(scenario: Scenario, progress: Progress = silent) -> Trained:
    """Return the network of *scenario* and its data; it is trained when first asked for, unless it is in the cache."""
    from ddnnsim.dnn.trained import Trained

    def epoch_done(epoch: int, epochs: int, _losses: tuple[float, ...]) -> None:
        progress("training", epoch, epochs)

    return Trained(scenario.data, network_of(scenario), scenario.model.training, epoch_done)


def split_accuracies(scenario: Scenario, trained: Trained) -> dict[str, dict[str, float]]:
    """Return by split, then by exit, the share of samples that the exit gets right with every view."""
    from ddnnsim.dnn.splits import SPLITS

    return {split: exit_accuracies(scenario, trained.oracle(split)) for split in SPLITS}


def _run(scenario: Scenario, out: Path, progress: Progress, finish: Callable[[Result], object]) -> Result:
    from ddnnsim import topology
    from ddnnsim.metrics import summarize
    from ddnnsim.plan import plan
    from ddnnsim.profile import raw_bytes, section_profiles
    from ddnnsim.provenance import provenance
    from ddnnsim.results import save
    from ddnnsim.sim import simulate

    began = time.perf_counter()
    trained = train(scenario, progress)
    oracle = trained.oracle()
    accuracies = exit_accuracies(scenario, oracle)
    simulated = time.perf_counter()
    try:
        network = network_of(scenario)
        graph = topology.build(scenario.topology)
        deployment = plan(scenario, network, section_profiles(network), graph, trained.raw_bytes())
        trace = simulate(deployment, oracle, lambda done, total: progress("simulating", done, total))
    except OverflowError:
        raise UserError(
            f"{scenario.name}: the simulated time passes 2^63 ns (292 years): "
            "look at the rates and delays, or stop earlier with run.until"
        ) from None
    trace = trace.labelled(oracle.labels)
    ended = time.perf_counter()
    summary = summarize(trace, raw_bytes(scenario.data.view_shape), accuracies)
    trained.keep_answers()
    made = provenance() | {
        "seeds": {
            "run": scenario.run.seed,
            "data": None if isinstance(scenario.data, Mvmc) else scenario.data.seed,
            "training": scenario.model.training.seed,
        },
        "weights": {"key": trained.key, "cached": trained.cached, "not_saved": trained.not_saved},
        "wall_s": {"training": round(simulated - began, 3), "simulation": round(ended - simulated, 3)},
    }
    return save(scenario, trace, summary, made, out, finish)


def exit_accuracies(scenario: Scenario, oracle: TrainedOracle) -> dict[str, float]:
    """Return by exit the share of all samples of the oracle's split that it gets right with every view it can have."""
    network = network_of(scenario)
    everything = [oracle.view_sets.id(network.joined_views(exit_)) for exit_ in network.exits]
    return {
        exit_.name: float((oracle.table(number, everything[number]).prediction == oracle.labels).mean())
        for number, exit_ in enumerate(network.exits)
    }
