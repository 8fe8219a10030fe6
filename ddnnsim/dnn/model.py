"""The distributed DNN: levels of sections, bottom to top, with exits above them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from ddnnsim.dnn.blocks import Layer
from ddnnsim.dnn.merges import Merge, score_merge
from ddnnsim.dnn.sections import Sections, assumed
from ddnnsim.network import Network
from ddnnsim.profile import MapShape


class Outputs(NamedTuple):
    """What the sections of one level give."""

    features: Tensor
    """(B, S, f, h, w)."""
    scores: Tensor | None
    """(B, S, classes); None where no exit reads them."""


def signal(pixels: Tensor) -> Tensor:
    """Return *pixels*, 0..255, as numbers within +-1.

    They are odd multiples of 1/256, so a float32 convolution with weights of +-1 is exact in any order.
    """
    return pixels.to(torch.float32).mul(2).sub(255).div(256)


class DDNN(nn.Module):
    """The sections of every level of *network*, and what joins their scores at its exits."""

    def __init__(self, network: Network, generator: torch.Generator) -> None:
        super().__init__()
        self.network = network
        self.joins = nn.ModuleList()
        """By exit, the merge of the scores that it reads."""
        for exit_ in network.exits:
            precision = network.levels[exit_.level].layers.precision
            self.joins.append(score_merge(exit_.merge, len(exit_.sections), network.classes, precision, generator))
        self.levels = nn.ModuleList()
        shape = MapShape(*network.view_shape)
        for number in range(len(network.levels)):
            built = Sections(network, number, shape, generator)
            self.levels.append(built)
            shape = built.output_shape

    def forward(self, pixels: Tensor, present: Tensor) -> list[Tensor]:
        """Return the scores (B, classes) of every exit.

        *pixels* are 0..255, (B, V, C, H, W); *present*, (B, V), says which views arrived, at least one each.
        An exit none of whose views arrived has no answer (`answering`): its scores mean nothing then.
        """
        pixels, present = self.completed(pixels, present)
        outputs, scores = self.sense(pixels), dict[int, Tensor]()
        for level in range(len(self.levels)):
            if level:
                outputs, present = self.ascend(level, self.parts(level, outputs.features), present)
            scores |= self.joined(level, outputs, present)
        return [scores[number] for number in range(len(self.joins))]

    def answering(self, present: Tensor) -> Tensor:
        """Return which exits have any view of those *present*, (B, V): (B, exits)."""
        if self.network.absent == "blank":
            return present.any(dim=1, keepdim=True).expand(-1, len(self.network.exits))  # (B, exits)
        views = [self._views(exit_.level, exit_.sections) for exit_ in self.network.exits]
        return torch.stack([present[:, list(of_exit)].any(dim=1) for of_exit in views], dim=1)  # (B, exits)

    def completed(self, pixels: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """Return *pixels* and *present* with blank views, all zeros, for the absent ones, where the network says so."""
        if self.network.absent == "leave_out":
            return pixels, present
        return pixels * present[..., None, None, None], torch.ones_like(present)  # (B, V, C, H, W) and (B, V)

    def sense(self, pixels: Tensor) -> Outputs:
        """Return what the devices make of *pixels*, (B, V, C, H, W)."""
        lowest = self._level(0)
        return Outputs(*lowest([maps.squeeze(2) for maps in lowest.gathered(signal(pixels))]))

    def parts(self, level: int, features: Tensor) -> list[Tensor]:
        """Return what the *features* of the level below, (B, S, f, h, w), bring into the merges of *level*."""
        return self._level(level).parts(features)

    def ascend(self, level: int, parts: Sequence[Tensor], present: Tensor) -> tuple[Outputs, Tensor]:
        """Return what the sections of *level* give, and which of them run, (B, S).

        *present*, (B, S'), says which sections below have sent their *parts*. A section runs if any of its own did.
        """
        sections = self._level(level)
        running = sections.running(present)  # (B, S)
        return Outputs(*sections(sections.joined(parts, present))), running

    def joined(self, level: int, outputs: Outputs, present: Tensor) -> dict[int, Tensor]:
        """Return by exit of *level* its scores (B, classes), given which of the sections are *present*, (B, S)."""
        scores = {}
        for number, (exit_, join) in enumerate(zip(self.network.exits, self.joins, strict=True)):
            if exit_.level == level:
                read = list(exit_.sections)
                there = assumed(present[:, read])  # (B, k)
                scores[number] = cast("Merge", join)(cast("Tensor", outputs.scores)[:, read], there)  # (B, classes)
        return scores

    def binary_weights(self) -> list[nn.Parameter]:
        """Return the real weights behind the binary ones."""
        layers = [module for module in self.modules() if isinstance(module, Layer)]
        return [layer.weight for layer in layers if layer.precision == "binary"]

    def _level(self, level: int) -> Sections:
        return cast("Sections", self.levels[level])

    def _views(self, level: int, sections: Sequence[int]) -> list[int]:
        masks = [self.network.views_of(level, section) for section in sections]
        return [view for view in range(self.network.views) if any(mask >> view & 1 for mask in masks)]
