"""Calibrated scenarios: what the search says against the engine, and `ddnnsim calibrate` as a person uses it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ddnnsim
from ddnnsim.calibration import Staircase, Step, leaves, measure, parse_goal
from ddnnsim.dnn.oracle import TrainedOracle
from ddnnsim.metrics import latencies_ns
from ddnnsim.network import network_of
from ddnnsim.oracle import Decision, TableOracle, confident, decision_table
from ddnnsim.probe import exit_costs
from ddnnsim.profile import section_profiles
from ddnnsim.rollout import deploy
from ddnnsim.scenario import Scenario
from ddnnsim.sim import simulate
from ddnnsim.tuning import tune

ROOT = Path(__file__).parents[1]
QUICKSTART = ROOT / "scenarios" / "quickstart.yaml"
FIGURES = {f"{name}.{end}" for name in ("pareto", "reliability") for end in ("csv", "pdf", "png")}
SAMPLES = 120


# -- the engine --------------------------------------------------------------------------------


NEAR = {"topology.links.cell_s.rate": "1 Mbit/s", "topology.links.cell_s.delay": "3 ms"}
"""In configuration (f) the south decides 1 ms after the north, which is less than a reply takes from side to side."""


def alone(configuration: str, reply_to: str | None, **overrides: object) -> Scenario:
    """Return the shipped scenario of *configuration*, its requests so far apart that none waits for another."""
    workload = {"arrivals": "periodic", "every": "10 s"} | ({"reply_to": reply_to} if reply_to else {})
    path = ROOT / "scenarios" / "configurations" / f"{configuration}.yaml"
    return ddnnsim.load(path, {"workload": workload, **overrides})


@pytest.mark.parametrize("rule", ["entropy", "probability", "margin"])
@pytest.mark.parametrize(
    ("configuration", "reply_to", "links"),
    [
        *((configuration, None, {}) for configuration in "bcde"),
        *(("f", reply_to, links) for reply_to in (None, "gate_n", "gate_s") for links in ({}, NEAR)),
    ],
)
def test_an_outcome_is_that_of_the_engine_without_queueing(
    configuration: str, reply_to: str | None, links: dict[str, str], rule: str
) -> None:
    """Shares, accuracy, bytes and mean latency: equal, in whole samples, bytes and nanoseconds."""
    random = np.random.default_rng(5)
    keys = list(alone(configuration, reply_to).exits)
    thresholds = dict.fromkeys(keys[:-1], {"entropy": 0.6, "probability": 0.7, "margin": 0.5}[rule])
    overrides = {
        f"exits.{key}.{name}": value
        for key, t in thresholds.items()
        for name, value in (("rule", rule), ("threshold", t))
    }
    scenario = alone(configuration, reply_to, **overrides, **links)
    network = network_of(scenario)
    labels = random.integers(0, network.classes, SAMPLES)
    tables = [decision_table(random.dirichlet([0.4] * network.classes, SAMPLES)) for _ in network.exits]
    deployment = deploy(scenario, np.full((SAMPLES, network.views), 999))
    costs = exit_costs(deployment, "joint")
    stairs = Staircase(
        [
            Step(e.name, e.key, rule, measure(rule, table), table.prediction == labels, cost)
            for e, table, cost in zip(network.exits, tables, costs, strict=True)
        ]
    )
    outcome = stairs.evaluate(thresholds)
    trace = simulate(deployment, TableOracle(tables)).labelled(labels)
    left = np.bincount(trace.requests["exit"].compressed(), minlength=len(tables)) / SAMPLES
    assert outcome.shares == dict(zip((e.name for e in network.exits), left.tolist(), strict=True))
    assert min(outcome.shares.values()) > 0
    assert outcome.accuracy == (trace.requests["prediction"] == labels).mean()
    sent = trace.nodes["origin_bytes"].sum() / SAMPLES / network.views
    assert outcome.bytes_per_sample_per_device == pytest.approx(sent, rel=1e-12)
    assert outcome.latency_ms == pytest.approx(latencies_ns(trace).mean() / 1e6, rel=1e-12)


def test_costs_by_hand() -> None:
    """Six cameras on 250 kbit/s and 5 ms to a gateway without a processor: 40 bytes of scores, 72 of features."""
    scenario = ddnnsim.load(QUICKSTART)
    device, cloud = (level[0] for level in section_profiles(network_of(scenario)))
    on_device = -(-device.operations.total * 10**9 // 40_000_000)
    in_cloud = -(-cloud.operations.total * 10**9 // 50_000_000_000)
    local, up = exit_costs(deploy(scenario, np.zeros((1, 6), np.int64)), "joint")
    sure = on_device + 1_280_000 + 5_000_000
    assert local == (sure, sure, 40)
    radio, wan = 2_304_000 + 5_000_000, 6 * 57_600 + 20_000_000  # the six meet at the gateway
    unsure = sure + 5_000_000 + radio + wan + in_cloud
    assert up == (unsure, unsure, 40 + 72)


def test_what_is_drawn_costs_its_mean_and_nothing_is_lost() -> None:
    apart = {"workload.requests": 1, "topology.nodes.gateway.compute": None}
    fixed = {"topology.nodes.camera.service": "3 ms", "topology.links.radio.delay": "9 ms"}
    drawn = {
        "topology.nodes.camera.service": {"exponential": "3 ms"},
        "topology.links.radio.jitter": {"uniform": ["0 ms", "8 ms"]},
        "topology.links.radio.loss": 1.0,
    }
    costs = [
        exit_costs(deploy(ddnnsim.load(QUICKSTART, apart | changes), np.zeros((1, 6), np.int64)), "joint")
        for changes in (fixed, drawn)
    ]
    assert costs[0] == costs[1]


@pytest.mark.parametrize("rule", ["entropy", "probability", "margin"])
def test_an_engine_leaves_by_the_same_rules(rule) -> None:
    values = [0.0, 0.2, 0.5, np.nextafter(0.5, 1), 1.0]
    for threshold in (0.0, 0.2, 0.5, 1.0):
        one_by_one = [confident(Decision(0, value, value, value), rule, threshold) for value in values]
        assert leaves(rule, values, threshold).tolist() == one_by_one


# -- the whole way -----------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [False, True])
@pytest.mark.parametrize("rule", ["entropy", "margin"])
def test_a_run_has_what_the_calibration_says_of_the_test_split(temperature: bool, rule: str, tmp_path: Path) -> None:
    calibration = ddnnsim.calibrate(QUICKSTART, "loss=1 %", temperature, **{"exits.local.rule": rule})
    whole_pass = {"workload.requests": None, "workload.order": "recorded"}
    summary = ddnnsim.run(QUICKSTART, out=tmp_path, **calibration.overrides, **whole_pass).summary
    assert summary.accuracy == calibration.test.accuracy
    assert {name: of_exit.share for name, of_exit in summary.exits.items()} == calibration.test.shares
    assert summary.bytes.per_sample_per_device == pytest.approx(calibration.test.bytes_per_sample_per_device)
    best = calibration.pareto["accuracy"].max()
    assert calibration.validation.accuracy >= best - 0.01 - 1e-9
    assert set(calibration.temperatures) == {"local", "cloud"}
    assert ("exits.local.temperature" in calibration.overrides) == temperature
    assert calibration.overrides["exits.local.rule"] == rule


def test_a_fitted_temperature_is_no_worse_where_it_was_fitted() -> None:
    trust = ddnnsim.calibrate(QUICKSTART).trust.set_index(["exit", "state"])
    for exit_name in ("local", "cloud"):
        assert trust["validation_nll"][exit_name, "after"] <= trust["validation_nll"][exit_name, "before"]


class Overconfident:
    """What is asked of a quickstart's network whose scores are three times too large: drawn, not trained."""

    def __init__(self) -> None:
        self.network = network_of(ddnnsim.load(QUICKSTART))
        self._random = np.random.default_rng(3)

    def oracle(self, _split: str) -> TrainedOracle:
        samples, classes = 4000, self.network.classes
        scores = self._random.normal(0, 2, (samples, classes))
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        labels = (p.cumsum(axis=1) < self._random.random((samples, 1))).sum(axis=1).clip(0, classes - 1)
        views = enumerate(map(self.network.exit_views, range(len(self.network.exits))))
        known = {key: (3 * scores).astype(np.float32) for key in views}
        return TrainedOracle(labels, pytest.fail, known, [1.0] * len(known))

    def raw_bytes(self) -> np.ndarray:
        return np.zeros((1, self.network.views), np.int64)

    def profiles(self) -> None:
        """Return nothing: sections cost what their blocks do."""

    def keep_answers(self) -> None:
        """Keep nothing."""


def test_a_fitted_temperature_mends_scores_that_are_too_large() -> None:
    told = tune(ddnnsim.load(QUICKSTART), Overconfident(), parse_goal("accuracy"), temperature=True)
    assert told.temperatures == pytest.approx({"local": 3, "cloud": 3}, rel=0.1)
    trust = told.trust.set_index(["exit", "state"])
    for exit_name in ("local", "cloud"):
        for column in ("validation_nll", "nll", "ece"):
            assert trust[column][exit_name, "after"] < trust[column][exit_name, "before"] / 1.2


def test_reliability_counts_every_sample_of_the_test_split() -> None:
    calibration = ddnnsim.calibrate(QUICKSTART)
    bins = calibration.reliability
    counts = bins.groupby(["exit", "state"])["samples"].sum()
    assert counts.nunique() == 1
    right = (bins["accuracy"] * bins["samples"]).groupby([bins["exit"], bins["state"]]).sum()
    assert right["cloud", "before"] == pytest.approx(right["cloud", "after"])  # a temperature changes no answer


# -- the command -------------------------------------------------------------------------------


def test_the_command_prints_settings_and_draws(ddnnsim, tmp_path: Path) -> None:
    done = ddnnsim("calibrate", QUICKSTART, "--goal", "bytes=80 B")
    assert done.returncode == 0, done.stderr
    (setting,) = [line.split() for line in done.stdout.splitlines() if "--set" in line]
    path, _, threshold = setting[1].partition("=")
    assert path == "exits.local.threshold"
    assert 0 < float(threshold) <= 1, "0 sends 112 bytes"
    for words in ("validation", "test", "Pareto front", "calibrations/quickstart"):
        assert words in done.stdout
    assert {file.name for file in (tmp_path / "calibrations" / "quickstart").iterdir()} == FIGURES
    assert ddnnsim("validate", QUICKSTART, *setting).returncode == 0
    front = pd.read_csv(tmp_path / "calibrations" / "quickstart" / "pareto.csv")
    assert front["local_threshold"][front["chosen"]].item() == float(threshold)


def test_the_command_as_json(ddnnsim, tmp_path: Path) -> None:
    words = ("--goal", "local-rate=90 %", "--temperature", "--out", "here", "--json")
    done = ddnnsim("calibrate", QUICKSTART, *words)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["validation"]["shares"]["local"] >= 0.9 - 1e-9
    assert set(document["settings"]) == {
        "exits.local.threshold",
        "exits.local.temperature",
        "exits.cloud.temperature",
    }
    assert {Path(file).name for file in document["figures"]} == FIGURES
    assert all((tmp_path / file).exists() for file in document["figures"])
    assert ddnnsim("calibrate", QUICKSTART, "--quiet").stdout == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((QUICKSTART, "--goal", "bytes=39 B"), "goal 'bytes=39 B': out of reach; the least possible is 40 B"),
        ((QUICKSTART, "--goal", "latency=1 ms"), "out of reach"),
        ((QUICKSTART, "--goal", "local=0.6"), "unknown goal 'local'; did you mean"),
        ((QUICKSTART, "--set", "exits.local.threshold=2"), "outside 0 to 1"),
        ((ROOT / "scenarios" / "configurations" / "a.yaml",), "no threshold to choose: the only exit is 'cloud'"),
        (("nowhere.yaml",), "nowhere.yaml"),
    ],
)
def test_what_goes_wrong_is_told_and_nothing_is_written(ddnnsim, tmp_path: Path, words, told: str) -> None:
    done = ddnnsim("calibrate", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
    as_json = ddnnsim("calibrate", *words, "--json")
    assert as_json.returncode == 1
    assert json.loads(as_json.stdout)["errors"]
