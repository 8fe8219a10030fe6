"""One experiment from end to end: load, train, plan, simulate, save. The one place that knows all the parts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ddnnsim.errors import UserError
from ddnnsim.network import network_of
from ddnnsim.numbers import Numbered
from ddnnsim.placement import built_in_memory_findings
from ddnnsim.policy.making import make
from ddnnsim.policy.objects import making
from ddnnsim.profile import raw_bytes
from ddnnsim.progress import Progress, silent
from ddnnsim.rollout import deploy, times_asked_for, too_long
from ddnnsim.scenario import Check, FromFile, Model, Point, Recipe, Scenario, load_scenario
from ddnnsim.scenario import load_points as load_scenario_points
from ddnnsim.sources import Behind, finished, input_hashes, network_behind, with_objects, with_policy
from ddnnsim.trials import try_places

if TYPE_CHECKING:
    from torch import nn

    from ddnnsim.dnn.given import Given
    from ddnnsim.dnn.oracle import TrainedOracle
    from ddnnsim.dnn.trained import Trained
    from ddnnsim.numbers import NumberedOracle
    from ddnnsim.policy import Policy
    from ddnnsim.recovery import PolicyPlan
    from ddnnsim.results import Result
    from ddnnsim.services import Times
    from ddnnsim.sources import Source
    from ddnnsim.trials import Tried

ScenarioLike = Scenario | str | Path | Mapping[str, Any]


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
    return load_scenario(scenario, overrides, settings, checks=(built_in_memory_findings,), make=_make)


def _make(recipe: Recipe, written: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the nodes and links of *recipe*; graphs are loaded only now."""
    from ddnnsim.topology import make

    return make(recipe, written)


def load_points(
    scenario: ScenarioLike,
    overrides: Mapping[str, object] = MappingProxyType({}),
    settings: Sequence[str] = (),
    checks: Sequence[Check] = (),
) -> tuple[Scenario, tuple[Point, ...], dict[str, Any]]:
    """Return *scenario* as `load` does, its points, each of which is looked at by more *checks*, and what it says."""
    return load_scenario_points(scenario, overrides, settings, (built_in_memory_findings, *checks), _make)


def run(
    scenario: ScenarioLike,
    /,
    *,
    out: str | os.PathLike[str] = "results",
    again: bool = False,
    progress: Progress = silent,
    finish: Callable[[Result], object] = plain,
    sections: Sequence[Sequence[nn.Module]] | None = None,
    policy: object = None,
    **overrides: object,
) -> Result:
    """Return the result of *scenario* with *overrides*, such as `**{"exits.local.threshold": 0.5}`.

    A result that is finished under *out* is returned as it is, unless *again*. The network is
    trained when its weights are not in the cache. Where the scenario searches for places, that comes first, and the
    manifest tells what was tried. *finish* may add to the result before it appears under
    *out*. *sections*, by level, stand for what `model.module` would build, and *policy*, a class or an object, decides
    at every exit but the last: then all is done again. A *policy* as a file may have it is an override like others.
    Raises ScenarioError with every fault at once.
    """
    policies: Callable[[PolicyPlan], Policy] = make
    if isinstance(policy, Mapping | list):
        overrides["policy"] = policy
    elif policy is not None:
        policies = making(policy)
    resolved = load(scenario, overrides)
    if resolved.is_repeated:
        raise UserError(
            f"{resolved.name}: asks for many runs, and this is one; use ddnnsim.sweep, or set 'sweep', "
            "'run.replications' and 'run.precision' to null"
        )
    if sections is not None:
        resolved = with_objects(resolved, sections)
    if policies is not make:
        resolved = with_policy(resolved, policy)
    given = sections is not None or policies is not make
    tried = None
    if resolved.placement.search is not None:
        tried = try_places(resolved, network_behind(resolved, progress, sections), progress, policies)
        resolved = tried.scenario
    done = None if again or given else finished(resolved, Path(out))
    behind = partial(network_behind, sections=sections)
    return done or carry_out(resolved, Path(out), progress, finish, behind, policies, tried)


def place(scenario: Scenario, progress: Progress = silent) -> Tried:
    """Return where *scenario* does best, of the nodes that its search names. Raises UserError for one without."""
    if scenario.placement.search is None:
        raise UserError(f"{scenario.name}: nothing to place: write what is searched for under placement.search")
    network = network_behind(scenario, progress)
    tried = try_places(scenario, network, progress)
    network.keep_answers()
    return tried


def train(
    scenario: Scenario, progress: Progress = silent, sections: Sequence[Sequence[nn.Module]] | None = None
) -> Trained | Given:
    """Return the network of *scenario* and its data; it is trained when first asked for, unless it is in the cache.

    A network that is given is built instead: by the function that the scenario names, or of *sections*.
    Raises UserError for one that is given by numbers alone.
    """
    network = network_behind(scenario, progress, sections)
    if isinstance(network, Numbered):
        raise UserError(
            f"{scenario.name}: no network to train or calibrate: the model is given by numbers; run the scenario"
        )
    return network


def split_accuracies(scenario: Scenario, trained: Trained | Given) -> dict[str, dict[str, float]]:
    """Return by split, then by exit, the share of samples that the exit gets right with every view."""
    from ddnnsim.dnn.data.splits import SPLITS

    return {split: exit_accuracies(scenario, trained.oracle(split)) for split in SPLITS}


def individual_accuracies(scenario: Scenario, trained: Trained | Given) -> dict[str, tuple[float, float | None]]:
    """Return by device how right it is alone, trained for itself: of all test samples, and of those that it sees.

    Raises UserError for a network that is given: only its owner can train its sections alone.
    """
    from ddnnsim.dnn.individual import individual_accuracies

    if not isinstance(scenario.model, Model):
        raise UserError(f"{scenario.name}: devices alone are trained here only where the model has levels")
    told = individual_accuracies(network_of(scenario), trained.dataset, scenario.model.training)
    seen = [None if value != value else value for value in told.where_seen.tolist()]  # NaN: it sees none
    return dict(zip(scenario.devices(), zip(told.overall.tolist(), seen, strict=True), strict=True))


def section_costs(scenario: Scenario, trained: Trained | Given) -> list[dict[str, object]]:
    """Return what the sections of each level cost for one sample, those that cost the same as one row."""
    rows = []
    levels = network_of(scenario).levels
    for level, profiles in zip(levels, trained.profiles(), strict=True):
        costs = [
            {
                "number_operations": profile.operations.number,
                "binary_operations": profile.operations.binary,
                "parameter_bytes": profile.parameter_bytes,
                "summary_bytes": profile.summary_bytes,
                "features_bytes": 0 if level is levels[-1] else profile.features_bytes,
            }
            for profile in profiles
        ]
        alike = [cost for number, cost in enumerate(costs) if cost not in costs[:number]]
        rows += [{"level": level.name, "sections": costs.count(cost), **cost} for cost in alike]
    return rows


def carry_out(
    scenario: Scenario,
    out: Path,
    progress: Progress = silent,
    finish: Callable[[Result], object] = plain,
    behind: Behind = network_behind,
    policies: Callable[[PolicyPlan], Policy] = make,
    tried: Tried | None = None,
    times_of: Callable[[Scenario, Source], Times | None] = times_asked_for,
) -> Result:
    """Return the result of *scenario*, simulated now, in the place of what is there of it under *out*.

    *behind* gives its network, *policies* what decides at its exits, *tried* tells how its places were found, and
    *times_of* how long its sections take where that is measured.
    """
    from ddnnsim import topology
    from ddnnsim.metrics import series, summarize
    from ddnnsim.provenance import provenance
    from ddnnsim.results import save
    from ddnnsim.sim import simulate
    from ddnnsim.story import parts
    from ddnnsim.timetable import read_timetable

    began = time.perf_counter()
    graph = topology.build(scenario.topology)  # what is wrong with a trace is told before anything is trained
    if isinstance(scenario.workload, FromFile):
        read_timetable(Path(scenario.workload.path), scenario.devices())  # and what with a file of times
    network = behind(scenario, progress)
    oracle = network.oracle()
    accuracies = exit_accuracies(scenario, oracle)
    simulated = time.perf_counter()
    try:
        times = times_of(scenario, network)
        deployment = deploy(scenario, network.raw_bytes(), network.profiles(), times, graph)
        told = partial(progress, "simulating")
        trace = simulate(deployment, oracle, told, scenario.run.record, policies)
    except OverflowError:
        raise too_long(scenario) from None
    trace = trace.labelled(oracle.labels).with_tables(routes=topology.route_columns(deployment))
    if trace.on_record:
        trace = trace.with_tables(parts=parts(trace))
    if deployment.window_ns is not None:
        trace = trace.with_tables(**series(trace, deployment.window_ns))
    ended = time.perf_counter()
    deadline_ns, warmup = scenario.workload.deadline_ns, scenario.run.warmup_ns
    summary = summarize(trace, raw_bytes(scenario.data.view_shape), accuracies, deadline_ns, warmup)
    network.keep_answers()
    levels = [level.name for level in network_of(scenario).levels]
    made = provenance() | {
        "seeds": {
            "run": scenario.run.seed,
            "data": getattr(scenario.data, "seed", None),
            "training": scenario.model.training.seed if isinstance(scenario.model, Model) else None,
        },
        "inputs_sha256": input_hashes(scenario, network),
        "weights": {"key": network.key, "cached": network.cached, "not_saved": network.not_saved},
        "section_times_ns": {} if times is None else dict(zip(levels, times, strict=True)),
        **({} if tried is None else {"placement": tried.document()}),
        **({} if scenario.recipe is None else {"recipe": scenario.recipe}),
        "wall_s": {
            "training": round(simulated - began, 3),
            "simulation": round(ended - simulated, 3),
            "summary": round(time.perf_counter() - ended, 3),
        },
    }
    return save(scenario, trace, summary, made, out, finish)


def exit_accuracies(scenario: Scenario, oracle: TrainedOracle | NumberedOracle) -> dict[str, float]:
    """Return by exit the share of all samples of the oracle's split that it gets right with every view it can have."""
    network = network_of(scenario)
    everything = [oracle.view_sets.id(network.exit_views(number)) for number in range(len(network.exits))]
    return {
        exit_.name: float((oracle.table(number, everything[number]).prediction == oracle.labels).mean())
        for number, exit_ in enumerate(network.exits)
    }
