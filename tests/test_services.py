"""Service times of nodes: given, drawn, and measured on this host with a network that is trained for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch

import ddnnsim
from ddnnsim.distribution import Distribution
from ddnnsim.errors import ScenarioError
from ddnnsim.experiment import train
from ddnnsim.profile import Operations
from ddnnsim.results import Result
from ddnnsim.rollout import deploy, times_asked_for
from ddnnsim.services import Speed, service_ns

QUICKSTART = Path(__file__).parents[1] / "scenarios" / "quickstart.yaml"
SMALL: dict[str, Any] = {
    "data.views": 2,
    "model.levels.device.convp": [2],
    "model.levels.cloud.convp": [2],
    "model.training.epochs": 1,
    "workload.requests": 20,
    "run.record": "messages",
}


def taken_ns(result: Result, node: str) -> list[int]:
    """Return what the jobs of sections on *node* took."""
    jobs = result.executions
    here = jobs[(jobs["node"] == node) & jobs["section"].notna()]
    return (here["end_ns"] - here["start_ns"]).tolist()


def test_operations_take_whole_nanoseconds_exactly() -> None:
    second = 10**9
    assert service_ns(Operations(1, 1), Speed(3, 7)) == -(-10 * second // 21), "a sum that is rounded once, upwards"
    assert service_ns(Operations(10**17 + 1, 0), Speed(second, None)) == 10**17 + 1, "no float is so fine"
    assert service_ns(Operations(5, 10**6), Speed(10, None)) == second // 2
    assert service_ns(Operations(5, 5), Speed(None, None)) == 0


def test_given_services_are_those_of_all_sections_and_of_no_decision(tmp_path: Path) -> None:
    changes = {"topology.nodes.camera.service": "7 ms", "topology.nodes.cloud.service": {"uniform": ["1 ms", "9 ms"]}}
    changes["exits.local.threshold"] = 0.0
    result = ddnnsim.run(QUICKSTART, out=tmp_path, **SMALL, **changes)
    assert set(taken_ns(result, "camera1") + taken_ns(result, "camera2")) == {7 * 10**6}
    drawn = taken_ns(result, "cloud")
    assert len(set(drawn)) == 20
    assert 10**6 <= min(drawn) <= max(drawn) <= 9 * 10**6
    decisions = result.executions[result.executions["exit"] == "local"]
    assert len(decisions) == 20
    assert (decisions["end_ns"] == decisions["start_ns"]).all(), "the gateway has no processor"
    assert result.manifest["section_times_ns"] == {}


def test_what_is_measured_is_kept_and_told(tmp_path: Path) -> None:
    changes = SMALL | {"topology.nodes.camera.measured": 25, "topology.nodes.cloud.measured": 0.5}
    changes["exits.local.threshold"] = 0.0
    result = ddnnsim.run(QUICKSTART, out=tmp_path, **changes)
    times = result.manifest["section_times_ns"]
    assert {level: len(of_level) for level, of_level in times.items()} == {"device": 2, "cloud": 1}
    for number, device in enumerate(times["device"], start=1):
        assert 1_000 < device < 10**9, "a microsecond to a second"
        assert set(taken_ns(result, f"camera{number}")) == {25 * device}
    assert set(taken_ns(result, "cloud")) == {round(times["cloud"][0] * 0.5)}
    again = ddnnsim.run(QUICKSTART, out=tmp_path, again=True, **changes)
    assert again.manifest["section_times_ns"] == times
    assert again.manifest["files_sha256"]["requests.parquet"] == result.manifest["files_sha256"]["requests.parquet"]
    key = result.manifest["weights"]["key"]
    assert (Path(os.environ["DDNNSIM_CACHE"]) / "times" / f"{key}.safetensors").is_file()


def test_a_raw_offload_takes_the_sum_of_its_sections() -> None:
    offload = {
        "exits": {"cloud": {}},
        "configuration": "a",
        "topology.nodes.cloud.measured": 2,
        "topology.links.radio.to": "cloud",
    }
    base = ddnnsim.load(QUICKSTART, {**SMALL, **offload})
    network = train(base)
    times = times_asked_for(base, network)
    assert times is not None
    sections = deploy(base, network.raw_bytes(), network.profiles(), times).sections
    assert sections[-1].service_ns == 2 * (sum(times[0]) + sum(times[1]))


def test_modules_of_ones_own_are_measured_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Device(torch.nn.Module):
        def __init__(self, layers: int) -> None:
            super().__init__()
            self.body = torch.nn.Sequential(*(torch.nn.Conv2d(1, 1, 3, padding=1) for _ in range(layers)))
            self.score = torch.nn.Linear(576, 10)

        def forward(self, view: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            features = self.body(view).flatten(1)
            return features, self.score(features)

    class Cloud(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.score = torch.nn.Linear(2 * 576, 10)

        def forward(self, below: torch.Tensor, present: torch.Tensor) -> tuple[None, torch.Tensor]:
            return None, self.score(below.flatten(1))

    sections = [[Device(1), Device(40)], [Cloud()]]
    changes = {"data.views": 2, "workload.requests": 5, "model": {"module": "net:build"}}
    changes |= {"topology.nodes.camera.measured": 1, "run.record": "messages"}
    result = ddnnsim.run(QUICKSTART, out=tmp_path, sections=sections, **changes)
    light, heavy = result.manifest["section_times_ns"]["device"]
    assert heavy > 5 * light, "forty layers take longer than one"
    assert set(taken_ns(result, "camera2")) == {heavy}
    again = ddnnsim.run(QUICKSTART, out=tmp_path, sections=sections, **changes)
    assert again.manifest["section_times_ns"] == result.manifest["section_times_ns"]


def test_services_that_contradict_are_told() -> None:
    changes = {"topology.nodes.cloud.service": "5 ms", "topology.nodes.cloud.measured": 3}
    with pytest.raises(ScenarioError, match="the service of sections on 'cloud' is both measured and given; keep one"):
        ddnnsim.load(QUICKSTART, changes)
    with pytest.raises(ScenarioError, match=r"measured: 0 is not above 0; write more than 0"):
        ddnnsim.load(QUICKSTART, {"topology.nodes.cloud.measured": 0})
    with pytest.raises(ScenarioError, match=r"service: 5 has no unit"):
        ddnnsim.load(QUICKSTART, {"topology.nodes.cloud.service": 5})


def test_drawn_services_are_planned() -> None:
    scenario = ddnnsim.load(QUICKSTART, {**SMALL, "topology.nodes.camera.service": {"exponential": "5 ms"}})
    network = train(scenario)
    device, _, cloud = deploy(scenario, network.raw_bytes(), network.profiles()).sections
    assert device.service == Distribution("exponential", (0.005,))
    assert cloud.service is None
    assert cloud.service_ns > 0
