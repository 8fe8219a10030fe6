"""What the street shows, over five training seeds: the claims of `docs/street.md`, each held on the mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import ddnnsim
from ddnnsim.dnn.data.datasets import Dataset
from ddnnsim.dnn.data.splits import Split, as_sensed
from ddnnsim.dnn.individual import individual_accuracies
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.oracle import TrainedOracle
from ddnnsim.dnn.scores import NetworkScores
from ddnnsim.dnn.training import torch_generator, train
from ddnnsim.experiment import train as trained_network
from ddnnsim.network import network_of
from ddnnsim.scenario import Scenario

pytestmark = pytest.mark.slow

STREET = Path(__file__).parents[1] / "scenarios" / "street.yaml"
SEEDS = range(5)
VIEWS = 6
LOCAL_SHARE = 0.6
"""The threshold is the least at which so many of the validation split leave locally."""
GRID = np.linspace(0, 1, 1001)


class Answers:
    """What both exits say of one split."""

    def __init__(self, oracle: TrainedOracle, mask: int) -> None:
        views = oracle.view_sets.id(mask)
        local, cloud = (oracle.table(number, views) for number in (0, 1))
        self.entropy = local.entropy
        self.local, self.cloud = local.prediction == oracle.labels, cloud.prediction == oracle.labels

    def leave(self, threshold: float) -> NDArray[np.bool_]:
        return (self.entropy < threshold) | (threshold == 1)

    def right(self, threshold: float) -> NDArray[np.bool_]:
        return np.where(self.leave(threshold), self.local, self.cloud)

    def best(self) -> float:
        """Return the best overall accuracy of any threshold."""
        return max(float(self.right(threshold).mean()) for threshold in GRID)


def chosen(validation: Answers) -> float:
    """Return the threshold, in hundredths, that the rule of `docs/street.md` chooses."""
    return next(t for t in GRID[::10].round(2).tolist() if validation.leave(t).mean() >= LOCAL_SHARE)


def shipped(seed: int, views: int = VIEWS) -> Scenario:
    return ddnnsim.load(STREET, {"model.training.seed": seed, "data.views": views})


def one_seed(seed: int) -> dict[str, float]:
    """Return in points (`bytes` in bytes) what the network of *seed* shows on the test split."""
    scenario, whole = shipped(seed), (1 << VIEWS) - 1
    trained = trained_network(scenario)
    threshold = chosen(Answers(trained.oracle("validation"), whole))
    test = trained.oracle()
    answers = Answers(test, whole)
    right = answers.right(threshold)
    dead = [Answers(test, whole & ~(1 << view)).right(threshold).mean() for view in range(VIEWS)]
    alone = individual_accuracies(network_of(scenario), trained.dataset, scenario.model.training)
    best = int(alone.overall.argmax())
    sees = trained.dataset.splits["test"].seen[:, best]
    early = float(answers.leave(threshold).mean())
    shares = {
        "local": answers.local.mean(),
        "cloud": answers.cloud.mean(),
        "overall": right.mean(),
        "over local": right.mean() - answers.local.mean(),
        "over a camera": right.mean() - alone.overall[best],
        "where it sees": right[sees].mean() - alone.where_seen[best],
        "left early": early,
        "below the best": answers.best() - right.mean(),
        "a camera dead": right.mean() - min(dead),
    }
    points = {name: 100 * float(share) for name, share in shares.items()}
    return {"threshold": threshold, **points, "bytes": 12 + (1 - early) * 128}


@pytest.fixture(scope="session")
def shown() -> pd.DataFrame:
    """Return what each seed shows, a row each; print the means and spreads."""
    table = pd.DataFrame([one_seed(seed) for seed in SEEDS])
    print(f"\n{table.round(2).to_string()}\n{table.agg(['mean', 'std', 'min', 'max']).round(2).to_string()}")  # noqa: T201
    return table


def test_overall_is_above_local(shown: pd.DataFrame) -> None:
    assert shown["over local"].mean() >= 3


def test_overall_is_far_above_the_best_camera(shown: pd.DataFrame) -> None:
    assert shown["over a camera"].mean() >= 15


def test_overall_is_above_the_best_camera_even_where_that_sees(shown: pd.DataFrame) -> None:
    assert shown["where it sees"].mean() >= 5


def test_half_leave_early_at_no_more_than_a_point(shown: pd.DataFrame) -> None:
    assert shown["left early"].mean() >= 50
    assert shown["below the best"].mean() <= 1


def test_a_fortieth_of_the_raw_bytes(shown: pd.DataFrame) -> None:
    assert shown["bytes"].mean() < 3 * 32 * 32 / 40


def test_a_dead_camera_costs_at_most_ten_points(shown: pd.DataFrame) -> None:
    assert shown["a camera dead"].mean() <= 10


def test_the_shipped_threshold_is_that_of_the_rule(shown: pd.DataFrame) -> None:
    """Other processors train other bits: a few samples more or less decide."""
    assert shipped(0).exits["local"].threshold == pytest.approx(shown["threshold"][0], abs=0.1)


def seen_by(split: Split, cameras: list[int]) -> Split:
    """Return *split* as some of its cameras see it."""
    return as_sensed(split.images[:, cameras], split.labels, split.seen[:, cameras])


def with_cameras(seed: int, cameras: list[int], dataset: Dataset) -> list[float]:
    """Return local, cloud and overall accuracy on the test split of a network for *cameras* alone."""
    scenario, whole = shipped(seed, len(cameras)), (1 << len(cameras)) - 1
    splits = {name: seen_by(split, cameras) for name, split in dataset.splits.items()}
    model = DDNN(network_of(scenario), torch_generator(seed, "training/weights"))
    train(model, splits["train"], scenario.model.training)

    def answers(split: Split) -> Answers:
        return Answers(TrainedOracle(split.labels, lambda: NetworkScores(model, split.images)), whole)

    threshold, test = chosen(answers(splits["validation"])), answers(splits["test"])
    return [100 * float(right.mean()) for right in (test.local, test.cloud, test.right(threshold))]


def growth(seed: int) -> list[list[float]]:
    """Return the accuracies with the 1 to 6 cameras that are worst alone, trained anew each time: Fig. 8."""
    scenario = shipped(seed)
    dataset = trained_network(scenario).dataset
    alone = individual_accuracies(network_of(scenario), dataset, scenario.model.training, "validation")
    order = np.argsort(alone.overall, kind="stable").tolist()
    return [with_cameras(seed, sorted(order[:count]), dataset) for count in range(1, VIEWS + 1)]


def test_accuracy_grows_with_cameras() -> None:
    seeds = np.array([growth(seed) for seed in SEEDS])  # (seeds, cameras, exits)
    means = pd.DataFrame(seeds.mean(axis=0), index=range(1, VIEWS + 1), columns=["local", "cloud", "overall"])
    print(f"\n{means.round(1).to_string()}")  # noqa: T201
    for exit_ in means:
        assert (means[exit_].diff().dropna() > -2).all()
        assert means[exit_][VIEWS] - means[exit_][1] > 25
    assert (means.loc[3:, "cloud"] > means.loc[3:, "local"]).all()
