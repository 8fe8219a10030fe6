"""What the simulation must share with the paper: Teerapittayanon et al., ICDCS 2017."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

import ddnnsim
from ddnnsim.experiment import train
from ddnnsim.oracle import DecisionTable, TableOracle
from ddnnsim.rollout import deploy
from ddnnsim.sim import simulate

SCENARIOS = Path(__file__).parents[1] / "scenarios"
SAMPLES = 171
TABLE_II = [(0, 140), (1, 139), (3, 138), (5, 136), (39, 111), (104, 62), (142, 34), (171, 12)]
"""How many of the 171 test samples leave at the local exit, and the bytes for each device and sample."""


@pytest.mark.parametrize(("leaving", "paper_bytes"), TABLE_II)
def test_as_many_local_exits_cost_the_bytes_of_table_2(leaving: int, paper_bytes: int) -> None:
    scenario = ddnnsim.load(SCENARIOS / "street.yaml", {"workload.requests": SAMPLES, "exits.local.threshold": 0.5})
    entropy = np.where(np.arange(SAMPLES) < leaving, 0.2, 0.8)
    table = DecisionTable(np.zeros(SAMPLES, np.int64), entropy, 1 - entropy, 1 - entropy)
    oracle = TableOracle([table, table])
    trace = simulate(deploy(scenario, np.full((SAMPLES, 6), 3072)), oracle)
    devices = trace.nodes["tier"] == trace.names["tier"].index("device")
    filters, positions, classes = 4, 16 * 16, 3
    expected = 4 * classes * SAMPLES + (SAMPLES - leaving) * filters * positions // 8
    assert trace.nodes["origin_bytes"][devices].tolist() == [expected] * 6
    assert round(expected / SAMPLES) == paper_bytes


SCHEMES = list(product(("MP", "AP", "CC"), repeat=2))
"""Table I: how the local exit joins scores, and how the cloud joins features."""


@pytest.mark.parametrize(("local", "cloud"), SCHEMES)
def test_every_scheme_of_table_1_runs_and_decides_as_its_module(local: str, cloud: str) -> None:
    overrides = {
        "exits.local.merge": local,
        "model.levels.cloud.merge": cloud,
        "model.training.epochs": 1,
        "data.views": 3,
        "workload.requests": None,
        "exits.local.threshold": 0.97,
    }
    scenario = ddnnsim.load(SCENARIOS / "quickstart.yaml", overrides)
    network = train(scenario)
    oracle = network.oracle()
    trace = simulate(deploy(scenario, network.raw_bytes()), oracle)
    pixels = torch.from_numpy(network.dataset.splits["test"].images)
    with torch.inference_mode():
        scores = network.model(pixels, torch.ones(pixels.shape[:2], dtype=torch.bool))
    probabilities = [torch.softmax(of_exit.double(), dim=1) for of_exit in scores]
    entropy = [(-p * p.log()).sum(dim=1).numpy() / np.log(10) for p in probabilities]
    leaves = entropy[0] < 0.97
    clear = np.abs(entropy[0] - 0.97) > 1e-5
    assert clear.mean() > 0.99
    exits = np.ma.getdata(trace.requests["exit"])
    assert np.array_equal(exits[clear], np.where(leaves, 0, 1)[clear])
    predicted = np.where(exits == 0, *(p.argmax(dim=1).numpy() for p in probabilities))
    two = [p.topk(2, dim=1).values.numpy() for p in probabilities]
    apart = np.where(exits == 0, *(best[:, 0] - best[:, 1] for best in two)) > 1e-5
    assert apart.mean() > 0.99
    assert np.array_equal(np.ma.getdata(trace.requests["prediction"])[apart], predicted[apart])
    assert np.abs(np.ma.getdata(trace.requests["entropy"]) - np.where(exits == 0, *entropy)).max() < 1e-5
    up = int((exits == 1).sum())
    assert trace.nodes["origin_bytes"][:3].tolist() == [40 * oracle.samples + 72 * up] * 3
