"""A user's network in the simulation: the shipped example, trained by its own loop, against its own forward pass."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

import ddnnsim
from ddnnsim.dnn.modules import ModuleNetwork
from ddnnsim.errors import NetworkError, UserError
from ddnnsim.experiment import train
from ddnnsim.network import network_of

EXAMPLE = Path(__file__).parents[1] / "scenarios" / "own_network"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the example, trained for three epochs."""
    folder = tmp_path_factory.mktemp("own") / "own_network"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("*.safetensors", "__pycache__"))
    script(folder).train(3, folder / "residual.safetensors")
    return folder


def script(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("residual", folder / "residual.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_decision_of_a_run_is_that_of_the_modules(folder: Path, tmp_path: Path) -> None:
    scenario = ddnnsim.load(folder / "residual.yaml")
    shape = network_of(scenario)
    network = ModuleNetwork(shape, script(folder).build(shape.views, shape.view_shape, shape.classes)).eval()
    network.load_state_dict(load_file(folder / "residual.safetensors"))
    split = train(scenario).dataset.splits["test"]
    with torch.inference_mode():
        pixels = torch.from_numpy(split.images)
        scores = [s.double() for s in network(pixels, torch.ones(pixels.shape[:2], dtype=torch.bool))]
    p = torch.stack([torch.softmax(s, dim=1) for s in scores]).numpy()  # (exits, samples, classes)
    entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=2) / np.log(10)
    clear = (np.abs(entropy - 0.3) > 1e-5).all(axis=0)
    assert clear.mean() > 0.98

    requests = ddnnsim.run(scenario, out=tmp_path).requests
    number = {exit_.name: n for n, exit_ in enumerate(shape.exits)}
    exits = requests["exit"].astype(str).map(number).to_numpy()
    samples = requests["sample"].to_numpy()
    sure = entropy < 0.3
    for request, (exit_, sample) in enumerate(zip(exits, samples, strict=True)):
        if clear[sample]:
            allowed = [n for n in (0, 1) if sure[n, sample]] or [2 if sure[2, sample] else 3]
            assert exit_ in allowed
        assert requests["entropy"][request] == pytest.approx(entropy[exit_, sample], abs=1e-5)
        assert requests["prediction"][request] == p[exit_, sample].argmax()
    assert (requests["prediction"] == requests["label"]).mean() > 0.5, "it has learnt something"


def test_bytes_are_those_that_the_modules_send(folder: Path, tmp_path: Path) -> None:
    result = ddnnsim.run(folder / "residual.yaml", out=tmp_path, **{"exits.local.threshold": 0})
    features = 4 * 6 * 6 * 2  # filters, pixels, bytes of half precision
    assert result.summary.bytes.per_sample_per_device == 4 * 10 + features
    costs = train(result.scenario).model.costs()
    assert [cost.features_bytes for cost in costs[0]] == [features] * 4
    assert costs[0][0].parameter_bytes == 4 * sum(
        p.numel() for p in train(result.scenario).model.levels[0][0].parameters()
    )


def test_modules_may_be_given_as_objects(folder: Path, tmp_path: Path) -> None:
    scenario = ddnnsim.load(folder / "residual.yaml", {"model.weights": None})
    torch.manual_seed(1)
    sections = script(folder).build(4, (1, 24, 24), 10)
    first = ddnnsim.run(scenario, out=tmp_path, sections=sections).requests
    for section in (section for level in sections for section in level):
        for layer in (m for m in section.modules() if isinstance(m, nn.Linear)):
            nn.init.zeros_(layer.weight)
    second = ddnnsim.run(scenario, out=tmp_path, sections=sections).requests
    assert not first.equals(second), "other weights, made anew under the same name"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model.module": "nowhere.py:build"}, r"nowhere\.py: no such file"),
        ({"model.module": "no_such_package.mod:build"}, r"no_such_package\.mod cannot be imported: No module named"),
        ({"model.module": "math:build"}, r"math has no function 'build'"),
        ({"model.module": "math:floor"}, r"math:floor cannot be called"),
        ({"model.arguments": {"filter": 4}}, r"build cannot be called: .*unexpected keyword argument 'filter'"),
        ({"model.arguments": {"filters": 5}}, r"not the state dict of this network"),
        ({"model.weights": "nothing.safetensors"}, r"nothing\.safetensors: no such file"),
        ({"model.weights": str(EXAMPLE / "residual.yaml")}, r"residual\.yaml: not the state dict"),
    ],
)
def test_what_is_wrong_with_a_network_is_told(folder: Path, tmp_path: Path, change: dict, told: str) -> None:
    with pytest.raises(NetworkError, match=re.compile(told, re.DOTALL)):
        ddnnsim.run(folder / "residual.yaml", out=tmp_path, **change)
    assert not list(tmp_path.iterdir())


def test_a_node_without_room_for_a_module_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"the sections on 'north' have 7,176 bytes of parameters"):
        ddnnsim.run(folder / "residual.yaml", out=tmp_path, **{"topology.nodes.north.memory": "4 KiB"})


def test_sections_without_a_module_to_stand_for_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no model\.module"):
        ddnnsim.run(EXAMPLE.parent / "quickstart.yaml", out=tmp_path, sections=[[nn.Identity()]])


def test_a_result_is_made_anew_when_a_file_behind_it_has_changed(folder: Path, tmp_path: Path) -> None:
    first = ddnnsim.run(folder / "residual.yaml", out=tmp_path).manifest["created"]
    assert ddnnsim.run(folder / "residual.yaml", out=tmp_path).manifest["created"] == first
    weights = folder / "residual.safetensors"
    kept = weights.read_bytes()
    try:
        script(folder).train(1, weights)
        changed = ddnnsim.run(folder / "residual.yaml", out=tmp_path)
        assert changed.manifest["inputs_sha256"]["residual.safetensors"] != hashlib.sha256(kept).hexdigest()
        weights.unlink()
        assert ddnnsim.run(folder / "residual.yaml", out=tmp_path).manifest == changed.manifest, "a missing one has not"
    finally:
        weights.write_bytes(kept)
