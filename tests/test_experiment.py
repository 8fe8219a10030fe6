"""The simulation against the network itself, and against the paper's eq. (1), on the quickstart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import ddnnsim
from ddnnsim.dnn.oracle import TrainedOracle
from ddnnsim.dnn.trained import Trained
from ddnnsim.experiment import train
from ddnnsim.rollout import deploy
from ddnnsim.sim import simulate
from ddnnsim.trace import ANSWERED, Trace

QUICKSTART = Path(__file__).parents[1] / "scenarios" / "quickstart.yaml"
NEAR = 1e-5
"""Entropies and margins may differ by so much between batches: nearer to a tie, rounding may decide."""
THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1.0)


def one_pass(quick: Trained, threshold: float) -> tuple[Trace, TrainedOracle]:
    """Return the quickstart's trace over the test split, once, and its oracle."""
    overrides = {"exits.local.threshold": threshold, "workload.requests": None}
    scenario = ddnnsim.load(QUICKSTART, overrides)
    oracle = quick.oracle()
    return simulate(deploy(scenario, quick.raw_bytes()), oracle).labelled(oracle.labels), oracle


def offline(quick: Trained, split: str) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return prediction, normalised entropy and margin of each exit from one plain forward pass of the module."""
    data, model = quick.dataset.splits[split], quick.model
    with torch.inference_mode():
        scores = model(torch.from_numpy(data.images), torch.ones(data.images.shape[:2], dtype=torch.bool))
    answers = []
    for of_exit in scores:
        log_p = torch.log_softmax(of_exit.double(), dim=1)
        entropy = -(log_p.exp() * log_p).sum(dim=1) / np.log(of_exit.shape[1])
        two = log_p.exp().topk(2, dim=1).values
        answers.append((of_exit.argmax(dim=1).numpy(), entropy.numpy(), (two[:, 0] - two[:, 1]).numpy()))
    return answers


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_a_full_pass_has_the_accuracy_of_the_module(quick: Trained, threshold: float) -> None:
    trace, oracle = one_pass(quick, threshold)
    (local, entropy, local_margin), (cloud, _, cloud_margin) = offline(quick, "test")
    leaves = (entropy < threshold) | (threshold == 1)
    clear = (np.abs(entropy - threshold) > NEAR) | (threshold == 1)
    clear &= np.where(leaves, local_margin, cloud_margin) > NEAR
    assert clear.mean() > 0.98, "few samples are so near that rounding could decide"
    told, exits = (np.ma.getdata(trace.requests[name]) for name in ("prediction", "exit"))
    predicted = np.where(leaves, local, cloud)
    assert np.array_equal(told[clear], predicted[clear])
    assert np.array_equal(exits[clear], np.where(leaves, 0, 1)[clear])
    assert np.array_equal(np.ma.getdata(trace.requests["label"]), oracle.labels)
    right = [(answers == oracle.labels).sum() for answers in (told, predicted)]
    assert abs(right[0] - right[1]) <= (~clear).sum()


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_bytes_are_those_of_equation_1(quick: Trained, threshold: float) -> None:
    """C = 4|C| + (1 - l) f o / 8 per sample and device: exactly, in whole bytes over all samples."""
    trace, oracle = one_pass(quick, threshold)
    assert (trace.requests["fate"] == ANSWERED).all()
    classes, filters, positions = 10, 4, 12 * 12
    up = int((trace.requests["exit"] == 1).sum())
    expected = 4 * classes * oracle.samples + up * filters * positions // 8
    devices = trace.nodes["tier"] == trace.names["tier"].index("device")
    assert trace.nodes["origin_bytes"][devices].tolist() == [expected] * 6
    if threshold == 0.6:  # the quickstart's, chosen on the validation split
        assert expected < oracle.samples * 24 * 24 / 4


@pytest.fixture(scope="module")
def seeds(quick: Trained) -> list[Trained]:
    """Return the quickstart's network as three training seeds make it.

    One alone is a matter of luck, and of the processor: other instructions round otherwise, and give other weights.
    """
    others = [train(ddnnsim.load(QUICKSTART, {"model.training.seed": seed})) for seed in (1, 2)]
    return [quick, *others]


def test_the_shipped_threshold_costs_at_most_a_point_on_validation(seeds: list[Trained]) -> None:
    threshold = ddnnsim.load(QUICKSTART).exits["local"].threshold
    losses = []
    for network in seeds:
        (local, entropy, _), (cloud, *_) = offline(network, "validation")
        labels = network.dataset.splits["validation"].labels
        losses.append((cloud == labels).mean() - (np.where(entropy < threshold, local, cloud) == labels).mean())
    assert np.mean(losses) <= 0.01


def test_what_the_digits_show(seeds: list[Trained]) -> None:
    """Cloud at least 90 %, local between 60 % and that; early exits cost at most a point: means over the seeds."""
    threshold = ddnnsim.load(QUICKSTART).exits["local"].threshold
    rows = []
    for network in seeds:
        trace, oracle = one_pass(network, threshold)
        everything = oracle.view_sets.id(0b111111)
        alone = [(oracle.table(i, everything).prediction == oracle.labels).mean() for i in (0, 1)]
        early = (trace.requests["exit"] == 0).mean()
        rows.append((*alone, early, (trace.requests["prediction"] == trace.requests["label"]).mean()))
    local, cloud, early, overall = np.mean(rows, axis=0)
    assert 0.6 <= local < cloud
    assert cloud >= 0.9
    assert early >= 0.4
    assert overall >= cloud - 0.01


def test_a_result_of_other_weights_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ddnnsim.dnn import cache

    changes = {"model.training.epochs": 1, "workload.requests": 10, "data.views": 2}
    first = ddnnsim.run(QUICKSTART, out=tmp_path, **changes).manifest
    assert ddnnsim.run(QUICKSTART, out=tmp_path, **changes).manifest == first
    monkeypatch.setattr(cache, "_instructions", lambda: ["of another processor"])
    second = ddnnsim.run(QUICKSTART, out=tmp_path, **changes).manifest
    assert second["weights"]["key"] != first["weights"]["key"]
