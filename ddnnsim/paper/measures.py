"""What is asked of a trained network: runs of the simulator, and questions to what the exits say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ddnnsim import experiment
from ddnnsim.calibration import Rule, leaves, measure
from ddnnsim.network import network_of
from ddnnsim.paper.study import Bench, Point, Row
from ddnnsim.scenario import Model
from ddnnsim.tuning import calibrate

if TYPE_CHECKING:
    from ddnnsim.metrics import Summary
    from ddnnsim.oracle import DecisionTable
    from ddnnsim.scenario import Scenario

GOAL = "loss=1 %"
"""A chosen threshold: the most early exits at most a point below the best accuracy on the validation split."""


def simulated(bench: Bench, scenario: Scenario, points: tuple[Point, ...]) -> Iterator[Row]:
    """Run *scenario* at each of *points*, and yield accuracies, shares of exits, bytes and latencies."""
    for point in points:
        thresholds = _thresholds(bench, scenario, point)
        changes: dict[str, Any] = {f"exits.{key}.threshold": value for key, value in thresholds.items()}
        result = experiment.run(scenario, out=bench.runs, progress=bench.progress, **changes)
        for quantity, value in _quantities(result.summary).items():
            yield Row(point.variant, point.x, quantity, value)
        for key, value in thresholds.items():
            yield Row(point.variant, point.x, f"{key}_threshold", value)


def dead_cameras(bench: Bench, scenario: Scenario, points: tuple[Point, ...]) -> Iterator[Row]:
    """Yield for each camera what the network of *scenario*, trained with all of them, does when its view never comes.

    Thresholds are those for a system that is whole. The place 0 on the axis is that system.
    """
    oracle = experiment.train(scenario, bench.progress).oracle()
    network = network_of(scenario)
    everyone = (1 << network.views) - 1
    rule = scenario.exits[network.exits[0].key].rule
    for point in points:
        (threshold,) = _thresholds(bench, scenario, point).values()
        for camera in range(network.views + 1):
            views = oracle.view_sets.id(everyone & ~(1 << camera - 1) if camera else everyone)
            local, cloud = (oracle.table(exit_, views) for exit_ in range(2))
            for quantity, value in _of_two(local, cloud, oracle.labels, rule, threshold).items():
                yield Row(point.variant, f"{camera}", quantity, value)


def individual(bench: Bench, scenario: Scenario, points: tuple[Point, ...]) -> Iterator[Row]:
    """Yield how well each device of *scenario* does alone, with a section and a classifier trained for it."""
    from ddnnsim.dnn.data.datasets import load_dataset
    from ddnnsim.dnn.individual import individual_accuracies

    assert isinstance(scenario.model, Model)
    dataset = load_dataset(scenario.data)
    accuracies = individual_accuracies(network_of(scenario), dataset, scenario.model.training)
    for point in points:
        for device, (overall, seen) in enumerate(zip(*accuracies, strict=True), start=1):
            yield Row(point.variant, f"{device}", "individual_accuracy", float(overall))
            yield Row(point.variant, f"{device}", "individual_accuracy_where_seen", float(seen))


def presence(bench: Bench, scenario: Scenario, points: tuple[Point, ...]) -> Iterator[Row]:
    """Yield by camera the shares of training samples that it sees as each class, or not at all."""
    from ddnnsim.dnn.data.datasets import load_dataset

    split = load_dataset(scenario.data).splits["train"]
    for point in points:
        for camera, seen in enumerate(split.seen.T, start=1):
            for label, name in enumerate(scenario.data.classes):
                yield Row(point.variant, f"{camera}", f"{name}_share", float((seen & (split.labels == label)).mean()))
            yield Row(point.variant, f"{camera}", "absent_share", float((~seen).mean()))


def _thresholds(bench: Bench, scenario: Scenario, point: Point) -> dict[str, float]:
    """Return by exit below the last its threshold at *point*; nothing where there is no such exit, or it is given."""
    lower = [key for key in scenario.exits if scenario.exits[key].threshold is not None]
    if point.threshold == "given" or not lower:
        return {}
    if point.threshold == "chosen":
        return calibrate(scenario, GOAL, progress=bench.progress).thresholds
    return dict.fromkeys(lower, point.threshold)


def _quantities(summary: Summary) -> dict[str, float]:
    """Return the numbers of a run that studies keep; the shares of exits of groups are added up."""
    shares: dict[str, float] = {}
    for name, of_exit in summary.exits.items():
        key = f"{name.partition('.')[0]}_share"
        shares[key] = shares.get(key, 0.0) + (of_exit.share or 0.0)
    found: Mapping[str, float | None] = {
        "overall_accuracy": summary.accuracy,
        **{f"{name}_accuracy": of_exit.accuracy_all for name, of_exit in summary.exits.items()},
        **shares,
        "bytes": summary.bytes.per_sample_per_device,
        "latency_ms": _ms(summary.latency.mean_s),
        "latency_p95_ms": _ms(summary.latency.p95_s),
    }
    return {quantity: value for quantity, value in found.items() if value is not None}


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1e3


def _of_two(
    local: DecisionTable, cloud: DecisionTable, labels: np.ndarray, rule: Rule, threshold: float
) -> dict[str, float]:
    """Return what two exits come to, the first leaving by *rule* at *threshold*."""
    early = leaves(rule, measure(rule, local), threshold)
    answers = np.where(early, local.prediction, cloud.prediction)
    return {
        "overall_accuracy": float((answers == labels).mean()),
        "local_accuracy": float((local.prediction == labels).mean()),
        "cloud_accuracy": float((cloud.prediction == labels).mean()),
        "local_share": float(early.mean()),
        "local_threshold": threshold,
    }
