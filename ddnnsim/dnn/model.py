"""The distributed DNN: levels of sections, bottom to top, with an exit above each level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from ddnnsim.dnn.blocks import Classifier, ConvP
from ddnnsim.dnn.merges import Merge, feature_merge, score_merge
from ddnnsim.profile import MapShape, pooled
from ddnnsim.scenario import Level


def signal(pixels: Tensor) -> Tensor:
    """Return *pixels*, 0..255, as numbers within +-1.

    They are odd multiples of 1/256, so a float32 convolution with weights of +-1 is exact in any order.
    """
    return pixels.to(torch.float32).mul(2).sub(255).div(256)


class Sections(nn.Module):
    """All sections of one level: the same layers with weights of their own, computed side by side."""

    def __init__(
        self, sections: int, shape: MapShape, filters: tuple[int, ...], classes: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.sections, self.classes, self.filters, self.input_shape = sections, classes, filters, shape
        blocks = []
        for count in filters:
            blocks.append(ConvP(sections, shape.channels, count, generator))
            shape = pooled(shape, count)
        self.blocks = nn.Sequential(*blocks)
        self.classifier = Classifier(sections, shape.size, classes, generator)
        self.output_shape = shape

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Return features (B, S, f, h, w), of +-1, and scores (B, S, classes) of *maps*, (B, S, C, H, W)."""
        x = maps.flatten(1, 2)  # (B, S*C, H, W)
        features = self.blocks(x.contiguous(memory_format=torch.channels_last))  # (B, S*f, h, w)
        return features.unflatten(1, (self.sections, -1)), self.classifier(features)

    def alone(self, section: int) -> Sections:
        """Return a copy of one section, as it runs on its own node: it takes and gives tensors of S = 1."""
        one = Sections(1, self.input_shape, self.filters, self.classes, torch.Generator())
        one.load_state_dict(
            {
                name: value.unflatten(0, (self.sections, -1))[section] if value.ndim else value
                for name, value in self.state_dict().items()
            }
        )
        return one.train(self.training)


class DDNN(nn.Module):
    """Sections on every level; above the lowest level one section that merges all below."""

    def __init__(
        self,
        view_shape: tuple[int, int, int],
        views: int,
        levels: Mapping[str, Level],
        local_merge: str,
        classes: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.exits = tuple("local" if name == "device" else name for name in levels)
        """Names of the exits, bottom to top: of the devices' scores it is the local one."""
        self.local_merge = score_merge(local_merge, views, classes, generator)
        """Of the devices' scores."""
        self.levels = nn.ModuleList()
        self.merges = nn.ModuleList()
        """Of each level but the lowest."""
        shape, sections = MapShape(*view_shape), views
        for position, level in enumerate(levels.values()):
            if position:
                self.merges.append(feature_merge(level.merge or "CC", sections, shape, generator))
                sections = 1
            built = Sections(sections, shape, level.convp, classes, generator)
            self.levels.append(built)
            shape = built.output_shape

    def forward(self, pixels: Tensor, present: Tensor) -> list[Tensor]:
        """Return the scores (B, classes) of every exit, bottom to top.

        *pixels* are 0..255, (B, V, C, H, W); *present*, (B, V), says which views arrived, at least one each.
        """
        features, scores = self.sense(pixels)
        return [self.local(scores, present), *self.ascend(self.parts(features), present)]

    def sense(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return features (B, V, f, h, w) and scores (B, V, classes) of the devices."""
        sensed: tuple[Tensor, Tensor] = self.levels[0](signal(pixels))
        return sensed

    def local(self, scores: Tensor, present: Tensor) -> Tensor:
        """Return the scores (B, classes) of the local exit, given those of the devices, (B, V, classes)."""
        return cast("Tensor", self.local_merge(scores, present))

    def parts(self, features: Tensor, merge: int = 0) -> Tensor:
        """Return what the sections' *features*, (B, S, f, h, w), add to the merge above, shaped alike."""
        return cast("Merge", self.merges[merge]).parts(features)

    def ascend(self, parts: Tensor, present: Tensor) -> list[Tensor]:
        """Return the scores (B, classes) of every exit above the lowest.

        *parts*, (B, V, f, h, w), are what the devices' features add to the lowest merge.
        """
        exits: list[Tensor] = []
        for position, level in enumerate(self.levels[1:]):
            merged = cast("Merge", self.merges[position]).join(parts, present).unsqueeze(1)  # (B, 1, f, h, w)
            features, scores = level(merged)  # (B, 1, f', h', w') and (B, 1, classes)
            exits.append(scores.squeeze(1))  # (B, classes)
            if position + 1 < len(self.merges):
                parts = self.parts(features, position + 1)  # (B, 1, f', h', w')
                present = present.new_ones(len(present), 1)  # (B, 1)
        return exits

    def binary_weights(self) -> list[nn.Parameter]:
        """Return the real weights behind the binary ones: norms have vectors, and all else is binary."""
        return [parameter for parameter in self.parameters() if parameter.ndim > 1]
