"""The simulation against the network itself, and against the paper's eq. (1), on the quickstart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import ddnnsim
from ddnnsim.dnn.oracle import TrainedOracle
from ddnnsim.dnn.trained import Trained
from ddnnsim.experiment import deploy
from ddnnsim.sim import simulate
from ddnnsim.trace import ANSWERED, Trace

QUICKSTART = Path(__file__).parents[1] / "scenarios" / "quickstart.yaml"
THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1.0)


def one_pass(quick: Trained, threshold: float) -> tuple[Trace, TrainedOracle]:
    """Return the quickstart's trace over the test split, once, and its oracle."""
    overrides = {"exits.local.threshold": threshold, "workload.requests": None}
    scenario = ddnnsim.load(QUICKSTART, overrides)
    oracle = quick.oracle()
    return simulate(deploy(scenario, quick.raw_bytes()), oracle).labelled(oracle.labels), oracle


def offline(quick: Trained, split: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return prediction and normalised entropy of each exit from one plain forward pass of the module."""
    data = quick.dataset.splits[split]
    with torch.inference_mode():
        scores = quick.model(torch.from_numpy(data.images), torch.ones(data.images.shape[:2], dtype=torch.bool))
    answers = []
    for of_exit in scores:
        log_p = torch.log_softmax(of_exit.double(), dim=1)
        entropy = -(log_p.exp() * log_p).sum(dim=1) / np.log(of_exit.shape[1])
        answers.append((of_exit.argmax(dim=1).numpy(), entropy.numpy()))
    return answers


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_a_full_pass_has_the_accuracy_of_the_module(quick: Trained, threshold: float) -> None:
    trace, oracle = one_pass(quick, threshold)
    (local, entropy), (cloud, _) = offline(quick, "test")
    leaves = (entropy < threshold) | (threshold == 1)
    assert np.abs(entropy - threshold).min() > 1e-6, "no sample so near that rounding could decide"
    predicted = np.where(leaves, local, cloud)
    assert np.array_equal(np.ma.getdata(trace.requests["prediction"]), predicted)
    assert np.array_equal(np.ma.getdata(trace.requests["exit"]), np.where(leaves, 0, 1))
    assert (trace.requests["prediction"] == trace.requests["label"]).mean() == (predicted == oracle.labels).mean()


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


def test_the_shipped_threshold_costs_at_most_a_point_on_validation(quick: Trained) -> None:
    (local, entropy), (cloud, _) = offline(quick, "validation")
    labels = quick.dataset.splits["validation"].labels
    threshold = ddnnsim.load(QUICKSTART).exits["local"].threshold
    overall = (np.where(entropy < threshold, local, cloud) == labels).mean()
    assert overall >= (cloud == labels).mean() - 0.01


def test_what_the_digits_show(quick: Trained) -> None:
    """Cloud at least 90 %, local between 60 % and that; early exits cost at most a point."""
    trace, oracle = one_pass(quick, ddnnsim.load(QUICKSTART).exits["local"].threshold)
    everything = oracle.view_sets.id(0b111111)
    local, cloud = ((oracle.table(i, everything).prediction == oracle.labels).mean() for i in (0, 1))
    assert 0.6 <= local < cloud
    assert cloud >= 0.9
    assert (trace.requests["exit"] == 0).mean() >= 0.4
    assert (trace.requests["prediction"] == trace.requests["label"]).mean() >= cloud - 0.01


def test_a_result_of_other_weights_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ddnnsim.dnn import cache

    changes = {"model.training.epochs": 1, "workload.requests": 10, "data.views": 2}
    first = ddnnsim.run(QUICKSTART, out=tmp_path, **changes).manifest
    assert ddnnsim.run(QUICKSTART, out=tmp_path, **changes).manifest == first
    monkeypatch.setattr(cache, "_instructions", lambda: ["of another processor"])
    second = ddnnsim.run(QUICKSTART, out=tmp_path, **changes).manifest
    assert second["weights"]["key"] != first["weights"]["key"]
