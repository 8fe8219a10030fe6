"""A model given by numbers: its shares and accuracies, its costs, and what is not loaded for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from math import ceil, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from profiled import EXITS, REQUESTS, numbers
from scenario.texts import TEXTS

import ddnnsim
from ddnnsim.distribution import Distribution
from ddnnsim.errors import ScenarioError, UserError
from ddnnsim.experiment import train
from ddnnsim.numbers import Numbered
from ddnnsim.rollout import deploy
from ddnnsim.scenario import dump, load_scenario
from ddnnsim.scenario.document import parse_document
from ddnnsim.sources import network_behind


def near(found: float, share: float, count: int) -> bool:
    """Return whether *found* lies within five standard deviations of *share* of *count* draws."""
    return abs(found - share) <= 5 * sqrt(share * (1 - share) / count) + 1 / count


@pytest.mark.parametrize("letter", "abcdef")
def test_exits_come_to_what_the_numbers_say(letter: str, tmp_path: Path) -> None:
    result = ddnnsim.run(numbers(letter), out=tmp_path)
    exits, here = result.summary.exits, 1.0
    assert result.summary.fates["answered"] == REQUESTS
    for name, key in {name: name.partition(".")[0] for name in exits}.items():
        assert near(exits[name].accuracy_all, load(EXITS[key]["accuracy"]), REQUESTS)
        if exits[name].answers > 50:
            assert near(exits[name].accuracy, load(EXITS[key]["accuracy"]), exits[name].answers)
    stages = {"f": [1 - 0.4**2, 0.5, 1], "a": [1]}.get(letter, [0.6, 0.5, 1] if letter in "de" else [0.6, 1])
    keys = list(dict.fromkeys(name.partition(".")[0] for name in exits))
    for key, share in zip(keys, stages, strict=True):
        found = sum(of_exit.share for name, of_exit in exits.items() if name.partition(".")[0] == key)
        assert near(found, here * share, REQUESTS)
        here *= 1 - share
    assert result.manifest["weights"] == {"key": None, "cached": False, "not_saved": None}
    assert result.manifest["seeds"] == {"run": 0, "data": None, "training": None}
    assert ddnnsim.run(result.scenario, out=tmp_path).manifest == result.manifest, "it is finished"


def load(share: object) -> float:
    return float(share.removesuffix(" %")) / 100 if isinstance(share, str) else float(str(share))


def test_bytes_are_those_of_the_numbers(tmp_path: Path) -> None:
    for letter, sent in (("a", lambda _: 3072), ("c", lambda up: 40 + 140 * up)):
        result = ddnnsim.run(numbers(letter), out=tmp_path)
        up = result.summary.exits["cloud"].share
        assert result.summary.bytes.per_sample_per_device == pytest.approx(sent(up))


def test_draws_are_those_of_the_page() -> None:
    from ddnnsim.seeds import stream

    scenario = load_scenario(numbers("f"), {"run.seed": 7})
    network = network_behind(scenario)
    assert isinstance(network, Numbered)
    oracle = network.oracle()
    assert oracle.labels.tolist() == stream(7, "labels").integers(10, size=REQUESTS).tolist()
    table = oracle.table(1, oracle.view_sets.id(0b11000))
    draws = stream(7, "exits/local.s")
    for sample in range(50):
        entropy, right, other = (draws.random() for _ in range(3))
        label = int(oracle.labels[sample])
        others = [(label + 1 + step) % 10 for step in range(9)]
        assert table.entropy[sample] == entropy
        assert table.prediction[sample] == (label if right < 0.88 else others[int(other * 9)])
        assert oracle.decide(1, sample, 0) == oracle.decide(1, sample, 1) == tuple(c[sample] for c in table)
    assert np.bincount(oracle.labels, minlength=10).min() > REQUESTS / 10 * 0.7


def test_every_request_is_a_sample_of_its_own() -> None:
    data = numbers("c")
    data["workload"] |= {"capture": "each", "requests": 9}
    scenario = load_scenario(data)
    network = network_behind(scenario)
    workload = deploy(scenario, network.raw_bytes(), network.profiles()).workload
    assert workload.samples.tolist() == list(range(9))


def services(data: dict[str, Any]) -> dict[tuple[int, str], tuple[int, Distribution | None]]:
    """Return by level and node what a section takes: fixed, or drawn."""
    scenario = load_scenario(data)
    network = network_behind(scenario)
    deployment = deploy(scenario, network.raw_bytes(), network.profiles())
    return {(section.level, section.name): (section.service_ns, section.service) for section in deployment.sections}


def test_services_come_from_where_they_are_said() -> None:
    data = numbers("d")
    nodes = data["topology"]["nodes"]
    nodes["camera"] |= {"compute": "40 MFLOP/s", "binary": "400 MOP/s"}
    nodes["edge"] |= {"service": "7 ms", "compute": "1 FLOP/s"}
    del data["model"]["sections"]["cloud"]["operations"]
    data["model"]["sections"]["cloud"]["service"] = {"gamma": ["4 ms", "2 ms"]}
    assert services(data) == {
        (0, "camera"): (ceil((1 / 40 + 3 / 400) * 10**9), None),
        (1, "edge"): (7 * 10**6, None),
        (2, "cloud"): (0, Distribution("gamma", (0.004, 0.002))),
    }
    del data["model"]["sections"]["device"]["operations"], data["model"]["sections"]["device"]["binary"]
    data["model"]["sections"]["device"]["service"] = "3 ms"
    nodes["edge"]["service"] = {"exponential": "5 ms"}
    found = services(data)
    assert found[0, "camera"] == (3 * 10**6, None)
    assert found[1, "edge"] == (0, Distribution("exponential", (0.005,)))


def test_a_raw_offload_is_one_job() -> None:
    data = numbers("a")
    assert services(data)[1, "cloud"] == (ceil((2 * (1 + 3) + 100) / 1000 * 10**9), None)
    sections = data["model"]["sections"]
    for level, time in (("device", "3 ms"), ("cloud", "5 ms")):
        sections[level] = {"service": time, "features": "1 B"} if level == "device" else {"service": time}
    assert services(data)[1, "cloud"] == (11 * 10**6, None)
    assert services(data)[0, "camera1"] == (0, None)
    data["topology"]["nodes"]["cloud"]["service"] = {"exponential": "5 ms"}
    for level in sections:
        sections[level] = {"operations": "1 FLOP"}
    assert services(data)[1, "cloud"] == (0, Distribution("exponential", (0.005,)))


def test_memory_counts_the_parameters() -> None:
    data = numbers("c")
    data["topology"]["nodes"]["camera"]["memory"] = "1999 B"
    with pytest.raises(ScenarioError, match=r"nodes\.camera\.memory: the sections on 'camera' have 2,000 bytes"):
        ddnnsim.load(data)


@pytest.mark.parametrize("letter", "abcdef")
def test_what_is_dumped_loads_as_the_same(letter: str) -> None:
    scenario = load_scenario(numbers(letter))
    assert load_scenario(parse_document(dump(scenario), "dump").data) == scenario


def change(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Return what sets *path* to *value*, or removes it where that is None."""
    *keys, last = path.split(".")

    def apply(data: dict[str, Any]) -> None:
        for key in keys:
            data = data.setdefault(key, {})
        if value is None:
            del data[last]
        else:
            data[last] = value

    return apply


REFUSED = [
    (
        "d",
        {"exits.local.threshold": 0.5},
        "exits.local.threshold: a model given by numbers says in model.exits which share of the requests leaves; "
        "leave 'threshold' out",
    ),
    (
        "d",
        {"exits.local.rule": "margin"},
        "exits.local.rule: a model given by numbers has no scores to hold against a rule; leave 'rule' out",
    ),
    (
        "d",
        {"exits.cloud.temperature": 2.0},
        "exits.cloud.temperature: a model given by numbers has no scores to divide; leave 'temperature' out",
    ),
    (
        "d",
        {"model.exits.local.leave": None},
        "model.exits.local: 'leave' is missing: which share of the requests leaves here; write e.g. 'leave: 60 %'",
    ),
    ("d", {"model.exits.cloud.leave": 0.5}, "model.exits.cloud.leave: the cloud exit always answers; leave it out"),
    (
        "d",
        {"model.exits.edge": None},
        "model.exits: no numbers of the exit 'edge'; write e.g. 'edge: {leave: 60 %, accuracy: 88 %}'",
    ),
    (
        "c",
        {"model.exits.edge": {"leave": 1.0, "accuracy": 1.0}},
        "model.exits.edge: numbers of the exit 'edge', which is not among the exits; leave it out",
    ),
    (
        "c",
        {"model.sections.edge": {"operations": "1 FLOP"}},
        "model.sections.edge: unknown level 'edge'; configuration c has levels device and cloud",
    ),
    (
        "c",
        {"model.sections.device": None},
        "model.sections: level 'device' is missing: configuration c has levels device and cloud; "
        "write e.g. 'device: {operations: 1.2 MFLOP}'",
    ),
    (
        "c",
        {"model.sections.device.operations": None},
        "model.sections.device: 'operations' is missing: what does a section of this level cost; "
        "write e.g. 'operations: 1.2 MFLOP', or 'service: 5 ms'",
    ),
    (
        "c",
        {"model.sections.cloud.service": "5 ms"},
        "model.sections.cloud.service: 'operations' and 'service' both say how long a job takes; keep one",
    ),
    (
        "c",
        {"model.sections.device.operations": None, "model.sections.device.service": "5 ms"},
        "model.sections.device.binary: 'service' says how long a job takes; leave 'binary' out",
    ),
    (
        "c",
        {"model.sections.device.features": None},
        "model.sections.device: 'features' is missing: how much does a section of this level send up; "
        "write e.g. 'features: 140 B'",
    ),
    (
        "c",
        {"model.sections.cloud.features": "1 B"},
        "model.sections.cloud.features: there is nothing above the cloud; leave 'features' out",
    ),
    (
        "c",
        {"model.sections.cloud.operations": "1.2 MFLOP/s"},
        "model.sections.cloud.operations: '1.2 MFLOP/s' is not a number of operations; write e.g. '1.2 MFLOP'",
    ),
    (
        "c",
        {"topology.nodes.cloud.measured": 25.0},
        "topology.nodes.cloud.measured: a model given by numbers has no sections to time; write 'service: 5 ms'",
    ),
    (
        "c",
        {
            "model.sections.cloud.operations": None,
            "model.sections.cloud.service": "5 ms",
            "topology.nodes.cloud.service": "5 ms",
        },
        "topology.nodes.cloud.service: the service of sections on 'cloud' is said in model.sections, too; keep one",
    ),
    (
        "a",
        {"model.sections.cloud.operations": None, "model.sections.cloud.service": "5 ms"},
        "model.sections.cloud.service: in configuration a all sections are one job, and 'device' says no time for its "
        "part; give each level the same kind of cost",
    ),
    (
        "a",
        {
            "model.sections.cloud": {"service": {"exponential": "5 ms"}},
            "model.sections.device": {"service": "5 ms"},
        },
        "model.sections.cloud.service: in configuration a all sections are one job, and times that are drawn make no "
        "sum; write a fixed time, or operations here and a 'service' of the cloud node",
    ),
    (
        "a",
        {"data.raw": None},
        "data: configuration a sends views as they are: how large is one; "
        "write e.g. 'data: {source: numbers, raw: 3072 B}'",
    ),
    (
        "c",
        {"data": {"source": "digits"}},
        "data: a model given by numbers looks at no data; leave 'data' out",
    ),
    (
        "c",
        {"workload.requests": None},
        "workload: 'requests' is missing: a model given by numbers has no samples to pass over; "
        "write e.g. 'requests: 1000'",
    ),
    (
        "c",
        {"workload.order": "shuffled"},
        "workload.order: every request of a model given by numbers is a sample of its own: there is nothing to "
        "shuffle; leave 'order' out",
    ),
]


@pytest.mark.parametrize(("letter", "changes", "line"), REFUSED, ids=[" ".join(case[1]) for case in REFUSED])
def test_what_is_wrong_is_told(letter: str, changes: dict[str, object], line: str) -> None:
    data = deepcopy(numbers(letter))
    for path, value in changes.items():
        change(path, value)(data)
    with pytest.raises(ScenarioError) as refused:
        load_scenario(data)
    assert line in str(refused.value).splitlines()


def test_numbers_are_no_data_for_a_network() -> None:
    data = parse_document(TEXTS["c"], "c").data | {"data": {"source": "numbers", "views": 2}}
    with pytest.raises(ScenarioError, match="numbers are no data to learn from; give the model by numbers, too"):
        load_scenario(data)


def test_there_is_nothing_to_train_or_calibrate() -> None:
    for command in (train, ddnnsim.calibrate):
        with pytest.raises(UserError, match="no network to train or calibrate: the model is given by numbers"):
            command(load_scenario(numbers("c")))
    with pytest.raises(UserError, match="there is no data: the model is given by numbers"):
        ddnnsim.load_dataset(load_scenario(numbers("c")).data)


def test_neither_torch_nor_data_are_loaded(tmp_path: Path) -> None:
    path = tmp_path / "numbers.yaml"
    path.write_text(dump(load_scenario(numbers("e"))))
    code = f"""
import sys
import ddnnsim
result = ddnnsim.run({str(path)!r}, out={str(tmp_path)!r})
assert ddnnsim.run({str(path)!r}, out={str(tmp_path)!r}).path == result.path
heavy = sorted({{"torch", "sklearn", "scipy", "PIL", "safetensors"}} & set(sys.modules))
assert not heavy, heavy
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
