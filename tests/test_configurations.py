"""The six configurations of the paper's Fig. 2 from a scenario file to a result, each against its own network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import ddnnsim
from ddnnsim.experiment import train
from ddnnsim.network import network_of
from ddnnsim.results import Result
from ddnnsim.scenario import Scenario

FOLDER = Path(__file__).parents[1] / "scenarios" / "configurations"
NEAR = 1e-5
"""Entropies and margins may differ by so much: nearer to a tie than this, another class or exit could come out."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Return a short run of each configuration, with every message on record.

    At thresholds by which a third or so leaves at each exit: weights, and so entropies, depend on the processor.
    """
    out = tmp_path_factory.mktemp("results")
    changes = {"model.training.epochs": 3, "workload.requests": 171, "run.record": "messages"}
    told = {}
    for letter in "abcdef":
        scenario = ddnnsim.load(FOLDER / f"{letter}.yaml", changes)
        told[letter] = ddnnsim.run(scenario, out=out, **parting(scenario))
    return told


def parting(scenario: Scenario) -> dict[str, float]:
    """Return thresholds by which a third of the samples leaves locally and half of the others at an edge."""
    shape, oracle = network_of(scenario), train(scenario).oracle()
    thresholds: dict[str, float] = {}
    stay = np.ones(oracle.samples, dtype=bool)
    for key, share in (("local", 1 / 3), ("edge", 1 / 2)):
        numbers = [number for number, exit_ in enumerate(shape.exits) if exit_.key == key]
        if numbers:
            masks = [oracle.view_sets.id(shape.exit_views(number)) for number in numbers]
            tables = [oracle.table(number, views) for number, views in zip(numbers, masks, strict=True)]
            surest = np.min([table.entropy for table in tables], axis=0)  # one exit of a key that is sure is enough
            thresholds[f"exits.{key}.threshold"] = threshold = float(np.quantile(surest[stay], share))
            stay &= surest >= threshold
    return thresholds


@pytest.mark.parametrize("letter", "abcdef")
def test_every_decision_is_that_of_a_forward_pass(results: dict[str, Result], letter: str) -> None:
    result = results[letter]
    network = train(result.scenario)
    shape = network_of(result.scenario)
    names = [exit_.name for exit_ in shape.exits]
    images = torch.from_numpy(network.dataset.splits["test"].images)
    sample = result.requests.set_index("request")["sample"]
    seen = near = 0
    for (exit_name, views), rows in result.decisions.groupby(["exit", "views"], observed=True):
        samples = sample[rows["request"]].to_numpy()
        present = torch.tensor([view == "1" for view in str(views)]).expand(len(samples), -1)
        with torch.inference_mode():
            scores = network.model(images[samples], present)[names.index(str(exit_name))].double()
        p = torch.softmax(scores, dim=1).numpy()
        entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=1) / np.log(p.shape[1])
        assert np.abs(entropy - rows["entropy"].to_numpy(float)).max() < NEAR
        two = np.sort(p, axis=1)[:, -2:]
        clear = two[:, 1] - two[:, 0] > NEAR
        assert (rows["prediction"].to_numpy() == p.argmax(axis=1))[clear].all()
        near += int((~clear).sum())
        threshold = result.scenario.exits[str(exit_name).split(".")[0]].threshold
        if threshold is not None:
            clear = np.abs(entropy - threshold) > NEAR
            leaves = rows["verdict"].astype(str).to_numpy() != "escalate"
            assert (leaves == (entropy < threshold))[clear].all()
            near += int((~clear).sum())
        seen += len(rows)
    assert seen == len(result.decisions)
    assert near <= 0.02 * seen


@pytest.mark.parametrize("letter", "abcdef")
def test_bytes_are_those_of_equation_1(results: dict[str, Result], letter: str) -> None:
    """C = 4|C| + (1 - l) f o / 8 per sample and device; raw views in (a), no summary in (b) and (d)."""
    result = results[letter]
    scenario, shape = result.scenario, network_of(result.scenario)
    filters, size = 4, np.prod([(side + 1) // 2 for side in shape.view_shape[1:]])
    summary = 0 if letter in "bd" else 4 * shape.classes
    below = result.requests["exit"].astype(str).str.startswith("local")
    features = int((~below).sum()) * filters * int(size) // 8
    sent = summary * len(result.requests) + features
    if letter == "a":
        sent = int(np.prod(shape.view_shape)) * len(result.requests)
    devices = result.nodes[result.nodes["tier"] == "device"]
    assert devices["origin_bytes"].tolist() == [sent] * len(scenario.devices())


def steps(messages: pd.DataFrame, tiers: dict[str, str]) -> list[str]:
    """Return what is sent by whom to whom, each step once, in the order of sending."""
    kinds, sources, targets = (messages[name].astype(str) for name in ("kind", "source", "target"))
    who = [f"{tiers[s]} > {tiers[t]}: {k}" for k, s, t in zip(kinds, sources, targets, strict=True)]
    return list(dict.fromkeys(who))


def test_the_six_steps_of_the_paper_come_in_their_order(results: dict[str, Result]) -> None:
    """1 summaries, 2 the local exit decides, 3 exits, or 4 features, 5 the edge exits, or 6 sends its own."""
    result = results["e"]
    tiers = dict(zip(result.nodes["node"].astype(str), result.nodes["tier"].astype(str), strict=True))
    told = [
        "device > gateway: summary",
        "gateway > device: control",
        "device > edge: features",
        "edge > cloud: features",
    ]
    ends = {"local": 1, "edge": 3, "cloud": 4}
    decided = result.decisions.groupby("request")["exit"].apply(lambda exits: list(exits.astype(str)))
    messages = dict(list(result.messages.groupby("request")))
    for request, exit_ in zip(result.requests["request"], result.requests["exit"].astype(str), strict=True):
        assert steps(messages[request].sort_values("sent_ns", kind="stable"), tiers) == told[: ends[exit_]]
        assert decided[request] == ["local", "edge", "cloud"][: list(ends).index(exit_) + 1]
    features = result.messages[result.messages["kind"] == "features"]
    sizes = features.groupby(features["source"].astype(str).map(tiers))["size_bytes"].unique()
    assert {tier: size.tolist() for tier, size in sizes.items()} == {"device": [128], "edge": [64]}
    assert set(result.requests["exit"].astype(str)) == set(ends), "all three ways out are taken"


def test_groups_decide_alone_and_all_must_say_no(results: dict[str, Result]) -> None:
    result = results["f"]
    for _, rows in result.decisions.groupby("request"):
        verdicts = dict(zip(rows["exit"].astype(str), rows["verdict"].astype(str), strict=True))
        local = [verdicts[name] for name in ("local.north", "local.south")]
        assert ("edge" in verdicts) == (local == ["escalate", "escalate"])
        assert list(verdicts.values()).count("answer") == 1
    masks = result.decisions.groupby("exit", observed=True)["views"].unique()
    told = {str(exit_): sorted(views.astype(str)) for exit_, views in masks.items()}
    assert told["local.north"] == ["111000"]
    assert told["local.south"] == ["000111"]
    assert told["edge"] == told["cloud"] == ["111111"]
