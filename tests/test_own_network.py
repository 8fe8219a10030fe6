"""A user's network in the simulation: the shipped example, trained by its own loop, against its own forward pass."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
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
    two = np.sort(p, axis=2)[:, :, -2:]
    apart = two[:, :, 1] - two[:, :, 0] > 1e-5  # (exits, samples)
    assert apart.mean() > 0.98

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
        assert requests["prediction"][request] == p[exit_, sample].argmax() or not apart[exit_, sample]
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
    assert not first.equals(second)


def test_objects_are_calibrated_like_the_network_that_they_stand_for(folder: Path, tmp_path: Path) -> None:
    path = folder / "residual.yaml"
    named = ddnnsim.calibrate(path, "loss=2 %")
    objects = script(folder).build(4, (1, 24, 24), 10)
    shape = network_of(ddnnsim.load(path))
    ModuleNetwork(shape, objects).load_state_dict(load_file(folder / "residual.safetensors"))
    given = ddnnsim.calibrate(path, "loss=2 %", sections=objects, **{"model.weights": None})
    assert (given.thresholds, given.validation, given.test) == (named.thresholds, named.validation, named.test)

    whole_pass = {"workload.requests": None, "workload.order": "recorded"}
    summary = ddnnsim.run(path, out=tmp_path, sections=objects, **given.overrides, **whole_pass).summary
    assert summary.bytes.per_sample_per_device == pytest.approx(given.test.bytes_per_sample_per_device)
    with pytest.raises(UserError, match=r"no model\.module to stand for"):
        ddnnsim.calibrate(EXAMPLE.parent / "quickstart.yaml", sections=objects)


def test_results_of_other_objects_do_not_meet(folder: Path, tmp_path: Path) -> None:
    scenario = ddnnsim.load(folder / "residual.yaml", {"model.weights": None})
    results = []
    for seed in (1, 2, 1):
        torch.manual_seed(seed)
        sections = script(folder).build(4, (1, 24, 24), 10)
        for level in sections:
            for section in level:
                section.train()
        results.append(ddnnsim.run(scenario, out=tmp_path, sections=sections))
        assert all(section.training for level in sections for section in level), "they are as they were"
    first, second, again = results
    assert first.path == again.path != second.path
    assert not first.requests.equals(second.requests)
    with pytest.raises(NetworkError, match="given as objects"):
        ddnnsim.run(first.path / "scenario.yaml", out=tmp_path / "elsewhere")
    assert ddnnsim.run(scenario, out=tmp_path).path not in (first.path, second.path), "it is built as the file says"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model.module": "nowhere.py:build"}, r"nowhere\.py: no such file"),
        ({"model.module": "no_such_package.mod:build"}, r"no_such_package\.mod cannot be imported: No module named"),
        ({"model.module": "math:build"}, r"math has no function 'build'"),
        ({"model.module": "glob:glob"}, r"glob:glob cannot be called: missing a required argument: 'pathname'"),
        ({"model.arguments": {"filter": 4}}, r"build cannot be called: .*unexpected keyword argument 'filter'"),
        ({"model.arguments": {"filters": 5}}, r"not the state dict of this network"),
        ({"model.weights": "nothing.safetensors"}, r"nothing\.safetensors: no such file"),
        ({"model.weights": str(EXAMPLE / "residual.yaml")}, r"residual\.yaml: not a state dict"),
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
        assert changed.manifest["inputs_sha256"][str(weights)] != hashlib.sha256(kept).hexdigest()
        weights.unlink()
        assert ddnnsim.run(folder / "residual.yaml", out=tmp_path).manifest == changed.manifest, "a missing one has not"
    finally:
        weights.write_bytes(kept)


OWN = """
from __future__ import annotations
from dataclasses import dataclass
import torch
from torch import nn
from beside import SCALE

print("built")

@dataclass
class Plan:
    classes: int

class Section(nn.Module):
    def __init__(self, top, plan):
        super().__init__()
        self.top, self.plan = top, plan

    def forward(self, x, present=None):
        print("at work")
        flat = x.flatten(1)[:, :5]
        return (None if self.top else flat), SCALE * torch.ones(len(x), self.plan.classes) * flat[:, :1]

def build(views, view_shape, classes):
    plan = Plan(classes)
    return [[Section(False, plan) for _ in range(views)], [Section(True, plan)]]
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return the scenario of a small network of two files, in a folder with a space and an umlaut."""
    folder = tmp_path / "mein Netz für zwei"
    folder.mkdir()
    (folder / "net.py").write_text(OWN)
    (folder / "beside.py").write_text("SCALE = 1.0\n")
    text = (EXAMPLE.parent / "configurations" / "c.yaml").read_text()
    head, tail = text[: text.index("model:")], text[text.index("topology:") :]
    (folder / "own.yaml").write_text(head + "model: {module: net.py:build}\n" + tail)
    return folder / "own.yaml"


def test_standard_output_is_the_command_lines(own: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "ddnnsim", "run", str(own), "--json", "--out", str(tmp_path / "r")]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    assert json.loads(done.stdout)["summary"]["created"] == 1000
    assert "built" in done.stderr
    assert "at work" in done.stderr


def test_a_result_is_made_anew_when_what_the_module_imports_has_changed(own: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "ddnnsim", "run", str(own), "--json", "--out", str(tmp_path / "r")]

    def finished_before() -> bool:
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
        return json.loads(done.stdout)["finished_before"]

    assert [finished_before(), finished_before()] == [False, True]
    (own.parent / "beside.py").write_text("SCALE = 2.0  # changed\n")
    assert [finished_before(), finished_before()] == [False, True]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def build(:", r"net\.py failed: SyntaxError: .*net\.py:1\)"),
        ("import no_such_thing", r"net\.py failed: ModuleNotFoundError: No module named 'no_such_thing' .*net\.py:1\)"),
        ("def build(**shape):\n    return len(1)", r"net\.py:build failed: TypeError: .*net\.py:2\)"),
        ("def build(**shape):\n    return None", r"a list of levels, each a list of modules, and is NoneType"),
    ],
)
def test_faults_in_a_users_code_are_told_with_their_place(own: Path, tmp_path: Path, code: str, told: str) -> None:
    (own.parent / "net.py").write_text(code)
    with pytest.raises(NetworkError, match=told):
        ddnnsim.run(own, out=tmp_path / "r")


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04" + bytes(50), None])
def test_weights_that_are_none_are_told(folder: Path, tmp_path: Path, content: bytes | None) -> None:
    weights = tmp_path / "weights.pt"
    if content is None:
        torch.save(nn.Linear(2, 2), weights)
    else:
        weights.write_bytes(content)
    told = r"holds more than tensors.*save network\.state_dict" if content is None else r"weights\.pt: not "
    with pytest.raises(NetworkError, match=told) as raised:
        ddnnsim.run(folder / "residual.yaml", out=tmp_path / "r", **{"model.weights": str(weights)})
    assert "\x1b" not in str(raised.value)
    with pytest.raises(NetworkError, match="no such file; model"):
        ddnnsim.run(folder / "residual.yaml", out=tmp_path / "r", **{"model.weights": str(tmp_path)})


def test_networks_that_import_the_same_name_do_not_mix(tmp_path: Path) -> None:
    from ddnnsim.guest import _brought_in, named

    for folder, number in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "layers_of_mine.py").write_text(f"X = {number}\n")
        (tmp_path / folder / "net.py").write_text("from layers_of_mine import X\n\ndef build():\n    return X\n")

    def built(folder: str) -> int:
        return named("model.module", f"{tmp_path / folder / 'net.py'}:build", "function", NetworkError)()

    assert [built(folder) for folder in "aba"] == [1, 2, 1]
    (tmp_path / "a" / "layers_of_mine.py").write_text("X = 99  # changed\n")
    assert built("a") == 99
    assert _brought_in(Path("/"), set(sys.modules)) == set()


def test_an_environment_beside_the_module_is_not_a_part_of_it(own: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(own.parent / ".venv"))
    site = own.parent / ".venv" / "lib"
    site.mkdir(parents=True)
    (site / "installed_thing.py").write_text("")
    monkeypatch.syspath_prepend(str(site))
    (own.parent / "net.py").write_text(OWN.replace("import torch\n", "import installed_thing, torch\n", 1))
    result = ddnnsim.run(own, out=tmp_path / "r")
    assert [Path(path).name for path in result.manifest["inputs_sha256"]] == ["net.py", "beside.py"]
