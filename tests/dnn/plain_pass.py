"""A network of binary layers computed from its weights alone, section by section, on the views that are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ddnnsim.dnn.blocks import Layer, Norm
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.sections import Peers
from ddnnsim.dnn.threads import torch_threads


class Said(NamedTuple):
    """What an exit says of each sample, (samples,)."""

    prediction: np.ndarray
    entropy: np.ndarray


class PlainPass:
    """A pass of *model* over *images*, (samples, V, C, H, W), for one set of views after another.

    Only for convolutional binary blocks, and exits that join scores by MP.
    """

    def __init__(self, model: DDNN, images: np.ndarray) -> None:
        self.model = model
        self.images = images
        self.blank = model.network.absent == "blank"
        self._known: dict[tuple[int, int, tuple[int, ...]], tuple[Tensor, Tensor | None]] = {}

    @torch.no_grad()
    def says(self, alive: set[int]) -> list[Said | None]:
        """Return what each exit says when the views *alive* are there alone; None where it has none."""
        with torch_threads(1):  # several wait for each other where others compute, too
            return [self._exit(exit_.level, exit_.sections, alive) for exit_ in self.model.network.exits]

    def _exit(self, level: int, sections: Sequence[int], alive: set[int]) -> Said | None:
        found = [self._section(level, section, alive) for section in sections]
        scores = [pair[1] for pair in found if pair is not None]
        return _said(torch.stack(scores).amax(dim=0)) if scores else None

    def _section(self, level: int, section: int, alive: set[int]) -> tuple[Tensor, Tensor | None] | None:
        """Return features (B, f, h, w) and scores (B, classes), if any, of *section*; None where it has no view."""
        views = tuple(v for v in sorted(alive) if self.model.network.views_of(level, section) >> v & 1)
        if not views and not self.blank:
            return None
        key = level, section, views
        if key not in self._known:
            weights = self.model.sections(level).alone(section)
            self._known[key] = _computed(weights, self._joined(level, section, alive, weights))
        return self._known[key]

    def _joined(self, level: int, section: int, alive: set[int], weights: Peers) -> Tensor:
        """Return the maps (B, C, H, W) that the layers of *section* work on."""
        if not level:
            pixels = self.images[:, section]
            return _signal(pixels if section in alive else np.zeros_like(pixels))
        of_level = self.model.network.levels[level]
        below = [self._section(level - 1, child, alive) for child in of_level.children[section]]
        there = {place: pair[0] for place, pair in enumerate(below) if pair is not None}
        return _merged(of_level.layers.merge, weights, there)


def _signal(pixels: np.ndarray) -> Tensor:
    return (2 * torch.from_numpy(pixels).float() - 255) / 256  # (B, C, H, W)


def _sign(x: Tensor) -> Tensor:
    return torch.where(x >= 0, 1.0, -1.0)


def _normed(x: Tensor, norm: Norm) -> Tensor:
    """Return *x* normalised, in float64: what comes in are sums of integers, exact in float32."""
    mean, var, scale, shift = (
        row.double().view(-1, *(1,) * (x.ndim - 2))
        for row in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return (x.double() - mean) / (var + norm.eps).sqrt() * scale + shift


def _computed(section: Peers, x: Tensor) -> tuple[Tensor, Tensor | None]:
    """Return features (B, f, h, w) and scores (B, classes), if any, of the maps *x*, (B, C, H, W)."""
    for block in section.blocks:
        x = F.conv2d(x, _sign(block.weight), padding=block.weight.shape[2] // 2)  # (B, f, H, W)
        x = F.max_pool2d(x, block.pool, block.stride, padding=(block.pool - 1) // 2)  # (B, f, h, w)
        x = _sign(_normed(x, block.norm))
    last = section.classifier
    return x, None if last is None else _normed(x.flatten(1) @ _sign(last.weight).T, last.norm)


def _merged(kind: str | None, section: Peers, there: dict[int, Tensor]) -> Tensor:
    """Return the features (B, f, h, w) *there*, by place among the section's children, joined by MP or CC."""
    if kind == "MP":
        return torch.stack(list(there.values())).amax(dim=0)
    layer: Layer = section.merge.layer
    one = next(iter(there.values()))
    batch, maps, height, width = one.shape
    weight = _sign(layer.weight).view(-1, maps, height * width, height * width)  # (k, f, p, q)
    sums = [torch.einsum("bfp,fpq->bfq", x.reshape(batch, maps, -1), weight[place]) for place, x in there.items()]
    return sum(sums).view(one.shape)


def _said(scores: Tensor) -> Said:
    log_p = torch.log_softmax(scores, dim=1)
    entropy = -(log_p.exp() * log_p).sum(dim=1) / np.log(scores.shape[1])
    return Said(scores.argmax(dim=1).numpy(), entropy.numpy())
