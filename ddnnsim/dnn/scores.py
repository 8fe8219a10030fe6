"""The scores of a network, evaluated so that none depends on which others are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddnnsim.dnn.deployed import deployed
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.oracle import BLOCK, Scores, ScoreSource, Views
from ddnnsim.dnn.readings import shown
from ddnnsim.dnn.threads import torch_threads
from ddnnsim.network import Network
from ddnnsim.oracle import Readings

RUN = 4
"""Blocks that are evaluated together where that changes nothing: more do not fit in a core's cache."""
RECENT = 8
"""Blocks of views that are not as recorded whose devices' outputs are kept: the next question is often of one."""


def sums_are_exact(network: Network) -> bool:
    """Return whether all that *network* sums up are integers: then scores have the same bits in any batch.

    Pixels, bits and their sums are; means of features are not, nor what a layer makes of float scores. Where blank
    views stand for absent ones their outputs go with one block.
    """
    binary = all(level.layers.precision == "binary" for level in network.levels)
    plain = all(level.layers.merge != "AP" or len(c) == 1 for level in network.levels for c in level.children)
    return binary and plain and network.absent == "leave_out" and all(exit_.merge != "CC" for exit_ in network.exits)


class Sensed(NamedTuple):
    """What the devices make of a block."""

    scores: Tensor | None
    """(64, V, classes); None where no exit reads them."""
    parts: list[Tensor]
    """What their features bring into the merges above, by peers: (64*n, G, k, f, h, w)."""


class NetworkScores(ScoreSource):
    """The real sections of *model* at work on *images*, (samples, V, C, H, W).

    Samples go through the sections in blocks of 64 consecutive ones, the last filled up with black, on one
    thread. The devices' outputs are kept, so another set of views costs only the levels above; what they make of
    views that are not as recorded is kept for a while.
    *model* must be in evaluation mode.
    """

    def __init__(self, model: DDNN, images: NDArray[np.uint8]) -> None:
        self._model = deployed(model)
        self._images = images
        self._blocks: dict[range | None, Sensed] = {}
        self._misread = lru_cache(RECENT)(self._made)
        self._exact = sums_are_exact(model.network)

    def evaluate(self, exit: int, block: int, views: Views) -> dict[int, Scores]:  # noqa: A002
        """Return by exit the scores (64, classes) of *block* from *views*: of *exit*, if these let it say anything.

        They are those of the exits of the lowest level, or those of all above; none of an exit that says nothing.
        """
        return self._evaluated(exit, range(block, block + 1), views)

    def sweep(
        self,
        exit: int,  # noqa: A002
        blocks: Sequence[int],
        views: Views,
    ) -> Iterator[tuple[int, Mapping[int, Scores]]]:
        """Yield each of *blocks* with what `evaluate` returns for it; several at once where no sum is rounded."""
        if views.readings or not self._exact or list(blocks) != list(range(-(-len(self._images) // BLOCK))):
            yield from super().sweep(exit, blocks, views)
            return
        for start in range(0, len(blocks), RUN):
            run = range(start, min(start + RUN, len(blocks)))
            found = self._evaluated(exit, run, views)
            for place, block in enumerate(run):
                yield block, {number: of[place * BLOCK : (place + 1) * BLOCK] for number, of in found.items()}

    def _evaluated(self, exit: int, run: range, views: Views) -> dict[int, Scores]:  # noqa: A002
        """Return what `evaluate` does for the blocks of *run*, evaluated together: (64*blocks, classes)."""
        network, mask = self._model.network, views.mask
        present = torch.tensor([[bool(mask >> view & 1) for view in range(network.views)]])  # (1, V)
        with torch_threads(1), torch.inference_mode():
            sensed = self._misread(run, views.readings) if views.readings else self._sensed(run)
            if network.absent == "blank":
                sensed, present = self._completed(sensed, present), torch.ones_like(present)
            of_devices = network.exits[exit].level == 0
            scores = self._lowest(sensed, present) if of_devices else self._upper(sensed, present)
        return {number: scores[number].numpy() for number in scores if network.answering(number, mask)}

    def _lowest(self, sensed: Sensed, present: Tensor) -> dict[int, Tensor]:
        """Return by exit of the lowest level the scores (64, classes) of the views *present*, (1, V)."""
        return self._model.joined(0, sensed.scores, present)

    def _upper(self, sensed: Sensed, present: Tensor) -> dict[int, Tensor]:
        """Return by exit above the lowest level the scores (64, classes) of the views *present*, (1, V)."""
        scores: dict[int, Tensor] = {}
        parts = sensed.parts
        for level in range(1, len(self._model.levels)):
            outputs, present = self._model.ascend(level, parts, present)
            scores |= self._model.joined(level, outputs.scores, present)
            if level + 1 < len(self._model.levels):
                parts = self._model.parts(level + 1, outputs.features)
        return scores

    def _completed(self, sensed: Sensed, present: Tensor) -> Sensed:
        """Return *sensed* with what the devices make of blank views in place of those not *present*, (1, V)."""
        blank = self._sensed(None)
        scores = sensed.scores
        if scores is not None and blank.scores is not None:
            scores = torch.where(present[..., None], scores, blank.scores)  # (64, V, classes)
        if not sensed.parts:
            return Sensed(scores, [])
        there = self._model.sections(1).gathered(present.expand(BLOCK, -1))  # (64*n, G, k) by peers
        parts = [
            torch.where(who[..., None, None, None], part, empty)  # (64*n, G, k, f, h, w)
            for who, part, empty in zip(there, sensed.parts, blank.parts, strict=True)
        ]
        return Sensed(scores, parts)

    def _sensed(self, run: range | None) -> Sensed:
        """Return what the devices make of the blocks of *run*, or of blank views."""
        if run not in self._blocks:
            self._blocks[run] = self._made(run, ())
        return self._blocks[run]

    def _made(self, run: range | None, readings: Readings) -> Sensed:
        """Return what the devices make of the blocks of *run* with *readings*, or of blank views."""
        if run is None:
            pixels = np.zeros((BLOCK, *self._images.shape[1:]), np.uint8)
        else:
            pixels = shown(self._images, run, readings)  # (64*blocks, V, C, H, W)
        outputs = self._model.sense(torch.from_numpy(pixels))
        parts = self._model.parts(1, outputs.features) if len(self._model.levels) > 1 else []
        return Sensed(outputs.scores, [_channels_last(part) for part in parts])


def _channels_last(parts: Tensor) -> Tensor:
    """Return *parts*, (B, G, k, f, h, w), laid out so that those of one section below lie as convolutions like it."""
    return parts.permute(2, 0, 4, 5, 1, 3).contiguous().permute(1, 4, 0, 5, 2, 3)  # (B, G, k, f, h, w)
