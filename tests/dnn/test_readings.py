"""Sensors that show something else than there is: blank, noisy and stuck views, on the real sections."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from networks import network_with
from torch import Tensor, nn

from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.modules import ModuleNetwork, ModuleScores
from ddnnsim.dnn.oracle import TrainedOracle
from ddnnsim.dnn.readings import shown
from ddnnsim.dnn.scores import NetworkScores
from ddnnsim.oracle import AS_RECORDED, Picture, Readings, TableOracle, Variants, decision_table
from ddnnsim.scenario import Level

SAMPLES = 150
IMAGES = np.random.default_rng(5).integers(256, size=(SAMPLES, 3, 2, 9, 7), dtype=np.uint8)
LABELS = np.zeros(SAMPLES, np.int64)
NOISY, STUCK, BLANK = Picture(noise=0.2, seed=4), Picture(sample=70), None
CASES: list[Readings] = [
    ((1, BLANK),),
    ((0, NOISY),),
    ((2, STUCK),),
    ((0, BLANK), (1, STUCK), (2, NOISY)),
    ((0, Picture(70, 0.2, 4)), (2, Picture(70, 0.5, 4))),
]


def ask(network: DDNN) -> TrainedOracle:
    return TrainedOracle(LABELS, lambda: NetworkScores(network, IMAGES))


def noise(sample: int, view: int, level: float) -> np.ndarray:
    """The picture of *view* of *sample* with the noise that it always has."""
    alone = shown(IMAGES, range(sample // 64, sample // 64 + 1), ((view, Picture(noise=level, seed=4)),))
    return alone[sample % 64, view]


def changed(readings: Readings) -> np.ndarray:
    """The images with what sensors show put into them, one by one."""
    images = IMAGES.copy()
    for (view, reading), sample in product(readings, range(SAMPLES)):
        if reading is None:
            images[sample, view] = 0
        else:
            of = sample if reading.sample is None else reading.sample
            images[sample, view] = noise(of, view, reading.noise) if reading.noise else IMAGES[of, view]
    return images


@pytest.mark.parametrize("readings", CASES, ids=str)
def test_exits_say_of_readings_what_they_say_of_images_that_are_so(network, readings):
    oracle, plain = ask(network), TrainedOracle(LABELS, lambda: NetworkScores(network, changed(readings)))
    variant = oracle.variants.id(readings)
    for number, mask in product((0, 1), (0b111, 0b110, 0b001)):
        told = oracle.table(number, oracle.view_sets.id(mask), variant)
        expected = plain.table(number, plain.view_sets.id(mask))
        assert all(np.array_equal(a, b) for a, b in zip(told, expected, strict=True))
    assert oracle.whole().keys() <= {(n, m) for n, m in product((0, 1), (0b110, 0b001)) if not changes(readings, m)}


def changes(readings: Readings, mask: int) -> bool:
    return any(mask >> view & 1 for view, _ in readings)


def test_answers_of_variants_do_not_depend_on_the_order_of_questions(network):
    questions = list(product((0, 1), range(0, SAMPLES, 3), (0b111, 0b011), range(len(CASES))))
    told = []
    for seed in (None, 1, 2):
        oracle = ask(network)
        order = questions if seed is None else random.Random(seed).sample(questions, len(questions))
        said = {
            (exit_, sample, mask, case): oracle.decide(
                exit_, sample, oracle.view_sets.id(mask), oracle.variants.id(CASES[case])
            )
            for exit_, sample, mask, case in order
        }
        told.append([said[question] for question in questions])
    assert told[0] == told[1] == told[2]


def test_what_a_sensor_shows_of_a_view_that_did_not_arrive_changes_nothing(network):
    oracle = ask(network)
    views, variant = oracle.view_sets.id(0b101), oracle.variants.id(((1, BLANK),))
    assert oracle.decide(1, 0, views, variant) == oracle.decide(1, 0, views)
    assert len(oracle._scores) == 1  # asked once


def test_noise_has_its_level_and_is_of_each_sample_view_and_seed_by_itself():
    grey = np.full((64, 2, 3, 32, 32), 128, np.uint8)
    seen = shown(grey, range(1), ((0, Picture(noise=0.1, seed=1)), (1, Picture(noise=0.1, seed=1))))
    other = shown(grey, range(1), ((0, Picture(noise=0.1, seed=2)),))
    errors = (seen.astype(float) - 128) / 255
    count = errors.size
    assert abs(errors.mean()) < 4 * 0.1 / count**0.5
    assert abs(errors.std() - 0.1) < 4 * 0.1 / (2 * count) ** 0.5
    pictures = np.concatenate([seen.reshape(128, -1), other[:, 0].reshape(64, -1)])
    assert len(np.unique(pictures, axis=0)) == 192
    strong = shown(grey, range(1), ((0, Picture(noise=5.0, seed=1)),))[:, 0]
    assert (strong == 0).mean() + (strong == 255).mean() > 0.9  # cut off at black and white


def test_beyond_the_last_sample_all_is_black():
    last = shown(IMAGES, range(2, 3), ((0, STUCK), (1, NOISY)))
    assert last.shape == (64, 3, 2, 9, 7)
    assert not last[SAMPLES - 128 :].any()


def test_a_network_of_ones_own_sees_them_too():
    class Section(nn.Module):
        def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
            x = inputs[0].flatten(1)  # (B, D)
            return x, x[:, :5] + x[:, 5:10]

    shape = network_with({"device": Level(), "cloud": Level(merge="MP")}, views=3, view_shape=(2, 9, 7), classes=5)
    network = ModuleNetwork(shape, [[Section()] * 3, [Section()]])
    readings = CASES[3]
    oracle, plain = (
        TrainedOracle(LABELS, lambda images=images: ModuleScores(network, images))
        for images in (IMAGES, changed(readings))
    )
    told, expected = (
        oracle.table(0, oracle.view_sets.id(7), oracle.variants.id(readings)),
        plain.table(0, plain.view_sets.id(7)),
    )
    assert all(np.array_equal(a, b) for a, b in zip(told, expected, strict=True))


def test_no_views_at_all_are_blank_ones_where_absent_views_are(network):
    blank = DDNN(replace(network.network, absent="blank"), torch.Generator()).eval()
    blank.load_state_dict(network.state_dict())
    oracle, dark = ask(blank), TrainedOracle(LABELS, lambda: NetworkScores(network, np.zeros_like(IMAGES)))
    for number in (0, 1):
        told = oracle.table(number, oracle.view_sets.id(0))
        assert all(np.array_equal(a, b) for a, b in zip(told, dark.table(number, dark.view_sets.id(7)), strict=True))


def test_variants_are_interned_view_by_view():
    variants = Variants()
    assert variants.id(()) == AS_RECORDED
    blank = variants.showing(AS_RECORDED, 2, BLANK)
    both = variants.showing(blank, 0, STUCK)
    assert variants.readings[both] == ((0, STUCK), (2, BLANK))
    assert variants.showing(variants.showing(AS_RECORDED, 0, STUCK), 2, BLANK) == both
    assert variants.showing(both, 0, NOISY) == variants.id(((0, NOISY), (2, BLANK)))


def test_a_table_may_be_of_certain_readings():
    usual, other = (decision_table(np.eye(2)[[column] * 3]) for column in (0, 1))
    oracle = TableOracle([usual], by_readings={(0, ((1, BLANK),)): other})
    views = oracle.view_sets.id(3)
    assert oracle.decide(0, 2, views).prediction == 0
    assert oracle.decide(0, 2, views, oracle.variants.id(((1, BLANK),))).prediction == 1
    assert oracle.decide(0, 2, views, oracle.variants.id(((0, BLANK),))).prediction == 0
