"""The scores of a network, evaluated so that none depends on which others are asked for."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddnnsim.dnn.model import DDNN, Outputs
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
        self._sensed: dict[int, tuple[Outputs, list[Tensor]]] = {}

    def evaluate(self, exit: int, block: int, mask: int) -> dict[int, Scores]:  # noqa: A002
        """Return by exit, *exit* among them, the scores (64, classes) of *block* from the views in *mask*.

        They are those of the exits of the lowest level, or those of all above; of none without a view.
        """
        model = self._model
        views = [bool(mask >> view & 1) for view in range(self._images.shape[1])]
        present = torch.tensor(views).expand(BLOCK, -1)  # (64, V)
        answering = model.answering(present[:1])[0].tolist()
        with torch_threads(1), torch.inference_mode():
            scores = (
                self._lowest(block, present) if model.network.exits[exit].level == 0 else self._upper(block, present)
            )
        return {number: of_exit.numpy() for number, of_exit in scores.items() if answering[number]}

    def _lowest(self, block: int, present: Tensor) -> dict[int, Tensor]:
        """Return by exit of the lowest level the scores (64, classes)."""
        outputs, _ = self._devices(block)
        return self._model.joined(0, outputs, present)

    def _upper(self, block: int, present: Tensor) -> dict[int, Tensor]:
        """Return by exit above the lowest level the scores (64, classes)."""
        _, parts = self._devices(block)
        scores: dict[int, Tensor] = {}
        for level in range(1, len(self._model.levels)):
            outputs, present = self._model.ascend(level, parts, present)
            scores |= self._model.joined(level, outputs, present)
            if level + 1 < len(self._model.levels):
                parts = self._model.parts(level + 1, outputs.features)
        return scores

    def _devices(self, block: int) -> tuple[Outputs, list[Tensor]]:
        """Return the outputs of the devices for *block*, and what their features bring into the merges above."""
        if block not in self._sensed:
            outputs = self._model.sense(self._pixels(block))
            parts = self._model.parts(1, outputs.features) if len(self._model.levels) > 1 else []
            self._sensed[block] = outputs, parts
        return self._sensed[block]

    def _pixels(self, block: int) -> Tensor:
        """Return the images of *block*, (64, V, C, H, W)."""
        images = self._images[block * BLOCK : (block + 1) * BLOCK]
        missing = [(0, BLOCK - len(images))] + [(0, 0)] * (images.ndim - 1)
        return torch.from_numpy(np.pad(images, missing))  # (64, V, C, H, W)
