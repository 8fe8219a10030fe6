"""What each device could do by itself: a section and a classifier of its own, trained alone.

The individual accuracy of Teerapittayanon et al., ICDCS 2017, sec. IV, for comparison with the joint network.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ddnnsim.dnn.data.datasets import Dataset, Split, SplitName
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.oracle import BLOCK, Views
from ddnnsim.dnn.scores import NetworkScores
from ddnnsim.dnn.training import Lessons, learn, torch_generator
from ddnnsim.network import Network, NetworkExit
from ddnnsim.scenario import Training


class Accuracies(NamedTuple):
    """By device, the share of samples that it gets right alone; each of shape (V,)."""

    overall: NDArray[np.float64]
    """Of all samples: a device that does not see the object is wrong."""
    where_seen: NDArray[np.float64]
    """Of the samples in which it sees the object; NaN where there are none."""


def individual_accuracies(
    network: Network, dataset: Dataset, training: Training, split: SplitName = "test"
) -> Accuracies:
    """Return how well each device of *network* alone does on *split*, trained as *training* says.

    Every device has weights of its own, and learns from the views of the training split in which it sees the
    object. All learn side by side in as many steps: those that see fewer objects see them more often.
    """
    model = DDNN(devices_alone(network), torch_generator(training.seed, "training/individual"))
    learn(model, _lessons(dataset.splits["train"]), training.model_copy(update={"view_dropout": 0.0}))
    asked = dataset.splits[split]
    right = _predictions(model, asked) == asked.labels[:, None]  # (samples, V)
    with np.errstate(invalid="ignore"):
        return Accuracies((right & asked.seen).mean(axis=0), (right & asked.seen).sum(axis=0) / asked.seen.sum(axis=0))


def devices_alone(network: Network) -> Network:
    """Return the lowest level of *network* with weights and an exit for each device."""
    devices = network.levels[0]
    own = replace(devices, weights=tuple(range(devices.sections)))
    exits = tuple(
        NetworkExit(f"device{view + 1}", "local", None, 0, (view,), "MP", 1.0) for view in range(network.views)
    )
    return replace(network, levels=(own,), exits=exits, absent="leave_out")


def _lessons(split: Split) -> Lessons:
    """Return the views of *split* in which each device sees the object, repeated up to those of the one that sees most.

    A device that never sees one learns from what it has.
    """
    seeing = [np.flatnonzero(seen if seen.any() else ~seen) for seen in split.seen.T]
    most = max(len(samples) for samples in seeing)
    chosen = np.stack([np.resize(samples, most) for samples in seeing], axis=1)  # (most, V)
    images = split.images[chosen, np.arange(chosen.shape[1])]  # (most, V, C, H, W)
    return Lessons(torch.from_numpy(images), torch.from_numpy(split.labels[chosen]), [1.0] * chosen.shape[1])


def _predictions(model: DDNN, split: Split) -> NDArray[np.int64]:
    """Return the class that each device gives each sample of *split*, (samples, V)."""
    network, views = NetworkScores(model, split.images), split.images.shape[1]
    everyone = Views((1 << views) - 1)
    blocks = [network.evaluate(0, block, everyone) for block in range(-(-len(split.labels) // BLOCK))]
    scores = [np.stack([block[view] for view in range(views)], axis=1) for block in blocks]  # (64, V, classes) each
    best: NDArray[np.int64] = np.concatenate(scores)[: len(split.labels)].argmax(axis=2)
    return best
