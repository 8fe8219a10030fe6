"""Devices alone: each with weights of its own, trained on what it sees, wrong about what it does not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from networks import digits, network_with, training

from ddnnsim.dnn.data.datasets import Dataset, load_dataset
from ddnnsim.dnn.data.splits import as_sensed
from ddnnsim.dnn.individual import _lessons, devices_alone, individual_accuracies
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.training import Lessons, learn, torch_generator
from ddnnsim.scenario import Level

SHARED = {"device": Level(convp=(4,), share="group"), "cloud": Level(convp=(4,))}
QUICK = {"epochs": 4, "learning_rate": 0.003}


def half_blind(views: int = 3) -> Dataset:
    """Digits that the second camera sees one time in two, and the third never."""
    whole = load_dataset(digits(views=views))
    splits = {}
    for name, split in whole.splits.items():
        seen = split.seen.copy()
        seen[::2, 1] = False
        seen[:, 2] = False
        splits[name] = as_sensed(np.where(seen[..., None, None, None], split.images, 0), split.labels, seen)
    return Dataset(whole.name, whole.classes, splits)


def test_a_device_alone_is_right_only_where_it_sees():
    data = half_blind()
    told = individual_accuracies(network_with(SHARED, views=3), data, training(**QUICK))
    seen = data.splits["test"].seen.mean(axis=0)
    assert told.overall == pytest.approx(np.nan_to_num(told.where_seen) * seen)
    assert (told.where_seen[:2] > 0.4).all()
    assert told.overall[2] == 0
    assert np.isnan(told.where_seen[2])


def test_lessons_are_what_a_device_sees_repeated():
    split = half_blind().splits["train"]
    lessons = _lessons(split)
    samples = len(split.labels)
    assert lessons.images.shape == (samples, 3, 1, 24, 24)
    assert np.array_equal(lessons.images[:, 0], split.images[:, 0])
    assert lessons.labels[:, 1].tolist() == np.resize(split.labels[1::2], samples).tolist()


def test_devices_side_by_side_learn_what_each_learns_alone():
    network = devices_alone(network_with(SHARED, views=3))
    assert network.levels[0].weights == (0, 1, 2)
    split = load_dataset(digits(views=3)).splits["train"]
    images, labels = torch.from_numpy(split.images), torch.from_numpy(split.labels)[:, None]
    together = DDNN(network, torch_generator(0, "tests"))
    alone = DDNN(devices_alone(network_with(SHARED, views=1)), torch_generator(0, "tests"))
    alone.levels[0].peers[0].load_state_dict(together.levels[0].alone(1).state_dict())
    learn(together, Lessons(images, labels.expand(-1, 3), [1.0] * 3), training(epochs=1))
    learn(alone, Lessons(images[:, 1:2], labels, [1.0]), training(epochs=1))
    of_both = (together.levels[0].alone(1).state_dict(), alone.levels[0].alone(0).state_dict())
    for name in of_both[0]:
        if "norm" not in name:
            one, other = (values[name] >= 0 for values in of_both)
            assert (one == other).float().mean() > 0.99
