"""Devices that are dead for the whole run, or whose sensors are at fault: the simulation says what the network says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from plain_pass import PlainPass, Said

import ddnnsim
from ddnnsim.deployment import Deployment
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.oracle import TrainedOracle
from ddnnsim.dnn.scores import NetworkScores
from ddnnsim.dnn.threads import torch_threads
from ddnnsim.dnn.trained import Trained
from ddnnsim.faults import Crash, Fault, Given, Misreading, Periodic
from ddnnsim.network import network_of
from ddnnsim.rollout import deploy
from ddnnsim.seeds import stream
from ddnnsim.sim import simulate
from ddnnsim.trace import ANSWERED, LOST, NO_VIEW, Trace

FOREVER = Given(((0, None),))
DEVICES = 6
THRESHOLDS = (0.75, 0.8)
"""Of the local exit and the edge's, so that each of the three exits answers some."""
NEAR = 1e-6
"""Float32 may be so far from the truth."""
SCENARIO = {
    "name": "dead-devices",
    "configuration": "e",
    "data": {"source": "digits", "views": DEVICES},
    "model": {
        "levels": {
            "device": {"convp": [2]},
            "edge": {"convp": [4], "merge": "MP"},
            "cloud": {"convp": [8], "merge": "CC"},
        },
        "training": {"epochs": 4, "view_dropout": 0.2},
    },
    "topology": {
        "nodes": {
            "north": {"tier": "device", "count": 3},
            "south": {"tier": "device", "count": 3},
            "edge_n": {"tier": "edge"},
            "edge_s": {"tier": "edge"},
            "cloud": {"tier": "cloud"},
        },
        "links": {
            "cell_n": {"from": "north", "to": "edge_n", "rate": "1 Mbit/s", "delay": "5 ms"},
            "cell_s": {"from": "south", "to": "edge_s", "rate": "1 Mbit/s", "delay": "5 ms"},
            "ring": {"from": "edge_n", "to": "edge_s", "rate": "1 Gbit/s", "delay": "2 ms"},
            "wan_n": {"from": "edge_n", "to": "cloud", "rate": "10 Mbit/s", "delay": "20 ms"},
            "wan_s": {"from": "edge_s", "to": "cloud", "rate": "10 Mbit/s", "delay": "20 ms"},
        },
    },
    "placement": {"groups": {"n": {"devices": "north", "edge": "edge_n"}, "s": {"devices": "south", "edge": "edge_s"}}},
    "exits": {
        "local": {"at": "edge_n", "merge": "MP", "threshold": THRESHOLDS[0]},
        "edge": {"at": "edge_n", "merge": "MP", "threshold": THRESHOLDS[1]},
        "cloud": {},
    },
    "workload": {"arrivals": "poisson", "rate": "20 /s"},
}
"""The test split, once."""


class Cameras(NamedTuple):
    """A trained network, planned."""

    deployment: Deployment
    trained: Trained

    @property
    def images(self) -> np.ndarray:
        return self.trained.dataset.splits["test"].images

    @property
    def labels(self) -> np.ndarray:
        return self.trained.dataset.splits["test"].labels


@pytest.fixture(scope="module")
def cameras() -> Cameras:
    scenario = ddnnsim.load(SCENARIO)
    trained = Trained(scenario.data, network_of(scenario), scenario.model.training)
    return Cameras(deploy(scenario, trained.raw_bytes()), trained)


def dead(deployment: Deployment, alive: set[int]) -> Deployment:
    """Return *deployment* with all devices but those *alive* dead from the beginning."""
    machines = {section.view: section.machine for section in deployment.sections if section.view is not None}
    victims = tuple(machines[view] for view in range(DEVICES) if view not in alive)
    crash = Fault("dead", Crash("lose"), FOREVER, machines=victims)
    return replace(deployment, faults=(crash,) if victims else ())


def sets(least: int) -> Iterator[set[int]]:
    for mask in range(least, 1 << DEVICES):
        yield {view for view in range(DEVICES) if mask >> view & 1}


def answers(said: list[Said]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return by sample which exit answers and what, and whether no entropy is so near that rounding might decide."""
    exits, clear = np.full(len(said[0].entropy), len(said) - 1), np.ones(len(said[0].entropy), bool)
    for number in reversed(range(len(said) - 1)):
        exits = np.where(said[number].entropy < THRESHOLDS[number], number, exits)
        clear &= np.abs(said[number].entropy - THRESHOLDS[number]) > NEAR
    predictions = np.stack([of_exit.prediction for of_exit in said])
    return exits, predictions[exits, np.arange(len(exits))], clear


def compare(trace: Trace, said: list[Said], alive: set[int], labels: np.ndarray) -> None:
    exits, predictions, clear = answers(said)
    assert clear.all()
    assert (trace.requests["fate"] == ANSWERED).all()
    assert np.ma.getdata(trace.requests["exit"]).tolist() == exits.tolist()
    assert np.ma.getdata(trace.requests["prediction"]).tolist() == predictions.tolist()
    entropies = np.stack([of_exit.entropy for of_exit in said])[exits, np.arange(len(exits))]
    assert np.ma.getdata(trace.requests["entropy"]) == pytest.approx(entropies, abs=NEAR)
    views = [trace.names["views"][code] for code in np.ma.getdata(trace.requests["views"])]
    assert set(views) == {"".join("01"[view in alive] for view in range(DEVICES))}
    labelled = trace.labelled(labels).requests
    told = (np.ma.getdata(labelled["prediction"]) == labelled["label"]).mean()
    assert told == (predictions == labels).mean()  # the same number


def test_without_the_dead_it_is_a_forward_pass_without_their_views(cameras: Cameras) -> None:
    """Sample by sample, for all 63 sets of devices that leave one alive."""
    answered, accuracies = np.zeros(3, int), {}
    oracle, plain = cameras.trained.oracle(), PlainPass(cameras.trained.model, cameras.images)
    for alive in sets(1):
        trace, said = simulate(dead(cameras.deployment, alive), oracle), plain.says(alive)
        compare(trace, said, alive, cameras.labels)
        answered += np.bincount(np.ma.getdata(trace.requests["exit"]), minlength=3)
        accuracies[len(alive)] = accuracies.get(len(alive), 0) + (answers(said)[1] == cameras.labels).mean()
    assert (answered > 0.02 * answered.sum()).all(), "each exit has answered"
    assert accuracies[6] > accuracies[1] / 6, "it can tell more with six than with one"


def test_with_all_dead_all_is_lost(cameras: Cameras) -> None:
    trace = simulate(dead(cameras.deployment, set()), cameras.trained.oracle())
    assert (trace.requests["fate"] == LOST).all()
    assert (trace.requests["reason"] == NO_VIEW).all()


def test_it_is_the_pass_of_the_module_itself(cameras: Cameras) -> None:
    """The accuracy is that of a pass of the torch module with these views absent, for any set of them."""
    model, plain = cameras.trained.model, PlainPass(cameras.trained.model, cameras.images)
    for alive in sets(1):
        present = torch.tensor([view in alive for view in range(DEVICES)]).expand(len(cameras.images), -1)
        with torch.inference_mode(), torch_threads(1):
            scores = model(torch.from_numpy(cameras.images), present)
        for of_exit, said in zip(scores, plain.says(alive), strict=True):
            assert of_exit.argmax(dim=1).tolist() == said.prediction.tolist()


def test_blank_views_stand_for_the_dead(cameras: Cameras) -> None:
    """Where absent views are blank it is a pass over black pictures, for all 64 sets."""
    model = cameras.trained.model
    blank = DDNN(replace(model.network, absent="blank"), torch.Generator()).eval()
    blank.load_state_dict(model.state_dict())
    oracle = TrainedOracle(cameras.labels, lambda: NetworkScores(blank, cameras.images))
    deployment = replace(cameras.deployment, blanks=True)
    plain = PlainPass(blank, cameras.images)
    for alive in sets(0):
        compare(simulate(dead(deployment, alive), oracle), plain.says(alive), alive, cameras.labels)


# --- sensors at fault -----------------------------------------------------------------------------

S = 10**9
SEED = 11
EVERYONE = set(range(DEVICES))
MISREADINGS = {
    "blank": ((0,), Misreading("blank", 0.0), FOREVER),
    "noisy": ((1, 2), Misreading("noisy", 0.2), Periodic(S, 3 * S, S, None)),
    "stuck": ((3, 1), Misreading("stuck", 0.0), Given(((2 * S, 5 * S), (8 * S, None)))),
    "dark": ((3, 5), Misreading("blank", 0.0), Given(((4 * S, 9 * S),))),
}
"""By name the views whose sensors are at fault, how, and when; later ones hide earlier ones."""


def in_force(spells: Given | Periodic, at_ns: int) -> int | None:
    """Return when the spell began that is in force at *at_ns*, if one is."""
    if isinstance(spells, Periodic):
        since = spells.first_ns + max(0, (at_ns - spells.first_ns) // spells.period_ns) * spells.period_ns
        return since if since <= at_ns < since + spells.length_ns else None
    return next((a for a, b in spells.spells if a <= at_ns and (b is None or at_ns < b)), None)


def photograph(images: np.ndarray, captured_ns: list[int], view: int, number: int) -> np.ndarray:
    """Return what the sensor of *view* shows at the capture *number*: rule by rule, from the capture before."""
    for views, effect, spells in reversed(MISREADINGS.values()):
        since = in_force(spells, captured_ns[number])
        if view not in views or since is None:
            continue
        if effect.kind == "noisy":
            noise = stream(SEED, f"noise/{view + 1}/{number}").standard_normal(images.shape[2:])
            return np.rint(images[number, view] + 255 * effect.level * noise).clip(0, 255).astype(np.uint8)
        before = [k for k, at_ns in enumerate(captured_ns) if at_ns < since]
        if effect.kind == "blank" or not before:
            return np.zeros_like(images[number, view])
        return photograph(images, captured_ns, view, before[-1])
    return images[number, view]


def test_sensors_at_fault_give_the_exits_other_pictures(cameras: Cameras) -> None:
    """Sample by sample the answers are those of a pass over what the sensors show."""
    sensors = {section.view: section.machine for section in cameras.deployment.sections if section.view is not None}
    faults = tuple(
        Fault(name, effect, spells, machines=tuple(sorted(sensors[view] for view in views)))
        for name, (views, effect, spells) in MISREADINGS.items()
    )
    captured_ns = cameras.deployment.workload.captured_ns.tolist()
    assert cameras.deployment.workload.samples.tolist() == list(range(len(captured_ns)))
    assert captured_ns[-1] > 12 * S
    pictures = np.stack(
        [
            np.stack([photograph(cameras.images, captured_ns, view, number) for view in range(DEVICES)])
            for number in range(len(captured_ns))
        ]
    )
    changed = (pictures != cameras.images).any(axis=(2, 3, 4))  # (samples, V)
    assert changed.any(axis=0).tolist() == [True, True, True, True, False, True]
    trace = simulate(replace(cameras.deployment, faults=faults, seed=SEED), cameras.trained.oracle())
    compare(trace, PlainPass(cameras.trained.model, pictures).says(EVERYONE), EVERYONE, cameras.labels)
