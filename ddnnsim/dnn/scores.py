"""The scores of a network, evaluated so that none depends on which others are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ddnnsim.dnn.deployed import deployed
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.oracle import BLOCK, Scores, ScoreSource
from ddnnsim.dnn.threads import torch_threads
from ddnnsim.network import Network

RUN = 4
"""Blocks that are evaluated together where that changes nothing: more do not fit in a core's cache."""


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
    thread. The devices' outputs are kept, so another set of views costs only the levels above.
    *model* must be in evaluation mode.
    """

    def __init__(self, model: DDNN, images: NDArray[np.uint8]) -> None:
        self._model = deployed(model)
        self._images = images
        self._views = [self._answering(number) for number in range(len(model.joins))]
        self._blocks: dict[range | None, Sensed] = {}
        self._exact = sums_are_exact(model.network)

    def evaluate(self, exit: int, block: int, mask: int) -> dict[int, Scores]:  # noqa: A002
        """Return by exit the scores (64, classes) of *block* from the views in *mask*: of *exit*, if it has any view.

        They are those of the exits of the lowest level, or those of all above; none of an exit without a view.
        """
        return self._evaluated(exit, range(block, block + 1), mask)

    def sweep(
        self,
        exit: int,  # noqa: A002
        blocks: Sequence[int],
        mask: int,
    ) -> Iterator[tuple[int, Mapping[int, Scores]]]:
        """Yield each of *blocks* with what `evaluate` returns for it; several at once where no sum is rounded."""
        if not self._exact or list(blocks) != list(range(-(-len(self._images) // BLOCK))):
            yield from super().sweep(exit, blocks, mask)
            return
        for start in range(0, len(blocks), RUN):
            run = range(start, min(start + RUN, len(blocks)))
            found = self._evaluated(exit, run, mask)
            for place, block in enumerate(run):
                yield block, {number: of[place * BLOCK : (place + 1) * BLOCK] for number, of in found.items()}

    def _evaluated(self, exit: int, run: range, mask: int) -> dict[int, Scores]:  # noqa: A002
        """Return what `evaluate` does for the blocks of *run*, evaluated together: (64*blocks, classes)."""
        network = self._model.network
        present = torch.tensor([[bool(mask >> view & 1) for view in range(network.views)]])  # (1, V)
        with torch_threads(1), torch.inference_mode():
            sensed = self._sensed(run)
            if network.absent == "blank":
                sensed, present = self._completed(sensed, present), torch.ones_like(present)
            of_devices = network.exits[exit].level == 0
            scores = self._lowest(sensed, present) if of_devices else self._upper(sensed, present)
        return {number: scores[number].numpy() for number in scores if self._views[number] & mask}

    def _answering(self, exit_: int) -> int:
        """Return, as a bit mask, the views of which *exit_* needs one to answer."""
        network = self._model.network
        return network.exit_views(exit_) if network.absent == "leave_out" else (1 << network.views) - 1

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
            outputs = self._model.sense(self._pixels(run))
            parts = self._model.parts(1, outputs.features) if len(self._model.levels) > 1 else []
            self._blocks[run] = Sensed(outputs.scores, [_channels_last(part) for part in parts])
        return self._blocks[run]

    def _pixels(self, run: range | None) -> Tensor:
        """Return the images of the blocks of *run*, (64*blocks, V, C, H, W)."""
        if run is None:
            return torch.zeros(BLOCK, *self._images.shape[1:], dtype=torch.uint8)
        images = self._images[run.start * BLOCK : run.stop * BLOCK]
        missing = [(0, len(run) * BLOCK - len(images))] + [(0, 0)] * (images.ndim - 1)
        return torch.from_numpy(np.pad(images, missing))  # (64*blocks, V, C, H, W)


def _channels_last(parts: Tensor) -> Tensor:
    """Return *parts*, (B, G, k, f, h, w), laid out so that those of one section below lie as convolutions like it."""
    return parts.permute(2, 0, 4, 5, 1, 3).contiguous().permute(1, 4, 0, 5, 2, 3)  # (B, G, k, f, h, w)
