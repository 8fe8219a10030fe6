"""The scores of a network, evaluated so that none depends on which others are asked for."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.oracle import BLOCK, Scores
from ddnnsim.dnn.threads import torch_threads


class NetworkScores:
    """The real sections of *model* at work on *images*, (samples, V, C, H, W).

    Samples go through the sections in blocks of 64 consecutive ones, the last filled up with black, on one
    thread. The devices' outputs are kept, so another set of views costs only the levels above.
    *model* must be in evaluation mode, and its weights stay as they are.
    """

    def __init__(self, model: DDNN, images: NDArray[np.uint8]) -> None:
        self._model = model
        self._images = images
        self._sensed: dict[int, tuple[Tensor, Tensor]] = {}

    def evaluate(self, exit: int, block: int, mask: int) -> dict[int, Scores]:  # noqa: A002
        """Return by exit, *exit* among them, the scores (64, classes) of *block* from the views in *mask*."""
        with torch_threads(1), torch.inference_mode():
            first, scores = self._evaluate(exit, block, mask)
            return {number: of_exit.numpy() for number, of_exit in enumerate(scores, start=first)}

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
