"""The oracle of a trained network: its real sections, evaluated so that no answer depends on the questions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddnnsim.dnn.datasets import Dataset, SplitName
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.threads import torch_threads
from ddnnsim.oracle import AS_RECORDED, Decision, DecisionTable, ViewSets, decision_table

BLOCK = 64
"""Samples that are always evaluated together: in other batches the scores may differ in their last bits."""


class TorchOracle:
    """An `Oracle` that evaluates *model* on a split of *dataset* as questions come, and keeps the answers.

    Samples go through the sections in blocks of 64 consecutive ones, the last filled up with black, on one
    thread. The devices' outputs are kept too, so another set of views costs only the levels above.
    Exits are numbered from the bottom. *model* must be in evaluation mode, and its weights stay as they are.
    """

    def __init__(self, model: DDNN, dataset: Dataset, split: SplitName = "test") -> None:
        self.labels = dataset.splits[split].labels
        """The class of each sample: for results; an engine never asks."""
        self.samples = len(self.labels)
        self.view_sets = ViewSets()
        self._model = model
        self._images = dataset.splits[split].images
        self._sensed: dict[int, tuple[Tensor, Tensor]] = {}
        self._tables: dict[tuple[int, int, int, int], DecisionTable] = {}
        self._rows: dict[tuple[int, int, int, int], list[Decision]] = {}

    def decide(self, exit: int, sample: int, views: int, variant: int = AS_RECORDED) -> Decision:  # noqa: A002
        """Return what *exit* says of *sample* when it has *views*, of which there must be one at least."""
        block = sample // BLOCK
        rows = self._rows.get((exit, block, views, variant))
        if rows is None:
            rows = self._table(exit, block, views, variant).rows()
            self._rows[exit, block, views, variant] = rows
        return rows[sample % BLOCK]

    def table(self, exit: int, views: int, variant: int = AS_RECORDED) -> DecisionTable:  # noqa: A002
        """Return what *exit* says of every sample when it has *views*, of which there must be one at least."""
        tables = [self._table(exit, block, views, variant) for block in range(-(-self.samples // BLOCK))]
        return _table(map(np.concatenate, zip(*tables, strict=True)))

    def _table(self, exit: int, block: int, views: int, variant: int) -> DecisionTable:  # noqa: A002
        """Return what *exit* says of the samples of *block*, evaluated at the first need."""
        key = (exit, block, views, variant)
        if key not in self._tables:
            mask = self.view_sets.masks[views]
            if variant != AS_RECORDED or not mask:
                raise ValueError(f"no answer for the set of views {mask:#b} in variant {variant}")
            with torch_threads(1), torch.inference_mode():
                first, scores = self._evaluate(exit, block, mask)
                samples = min(BLOCK, self.samples - block * BLOCK)
                for position, of_exit in enumerate(scores, start=first):
                    self._tables[position, block, views, variant] = _decided(of_exit, samples)
        return self._tables[key]

    def _evaluate(self, exit: int, block: int, mask: int) -> tuple[int, list[Tensor]]:  # noqa: A002
        """Return the first of some exits, *exit* among them, and the scores (64, classes) of each."""
        if block not in self._sensed:
            features, scores = self._model.sense(self._pixels(block))
            self._sensed[block] = self._model.parts(features), scores
        parts, scores = self._sensed[block]
        views = [bool(mask >> view & 1) for view in range(scores.shape[1])]
        present = torch.tensor(views).expand(BLOCK, -1)  # (64, V)
        if exit == 0:
            return 0, [self._model.local(scores, present)]
        return 1, self._model.ascend(parts, present)

    def _pixels(self, block: int) -> Tensor:
        """Return the images of *block*, (64, V, C, H, W)."""
        images = self._images[block * BLOCK : (block + 1) * BLOCK]
        missing = [(0, BLOCK - len(images))] + [(0, 0)] * (images.ndim - 1)
        return torch.from_numpy(np.pad(images, missing))  # (64, V, C, H, W)


def _decided(scores: Tensor, samples: int) -> DecisionTable:
    """Return the decisions on the first *samples* of *scores*, (64, classes): softmax in float64."""
    table = decision_table(torch.softmax(scores.double(), dim=1).numpy())
    return _table(column[:samples] for column in table)


def _table(columns: Iterable[NDArray[Any]]) -> DecisionTable:
    return DecisionTable(*columns)
