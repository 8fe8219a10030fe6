"""How an exit joins the scores of several views, and an upper section their features.

`present`, (B, V), says which views arrived; each sample must have at least one.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ddnnsim.dnn.blocks import binary_weight, sign
from ddnnsim.profile import MapShape


def max_of_scores(scores: Tensor, present: Tensor) -> Tensor:
    """Return the greatest score of each class, (B, classes), over the views present of *scores*, (B, V, classes).

    The aggregator MP: a view that is absent is left out.
    """
    return scores.masked_fill(~present.unsqueeze(2), -torch.inf).amax(dim=1)  # (B, classes)


class Concatenation(nn.Module):
    """The aggregator CC: the views' maps one after another, and one linear layer back to the size of one.

    The layer connects every pixel of a filter's map with all pixels of all views' maps of that filter, so it
    can align views that do not show the same place; filters meet in the block above. Its weights are
    binary, without bias or norm. A view that is absent is zeros, which no bit is. The outputs are integers,
    exact in float32 up to 2**24 bits of input: so they are sums of the views' parts, in any order.
    """

    def __init__(self, views: int, shape: MapShape, generator: torch.Generator) -> None:
        super().__init__()
        pixels = shape.height * shape.width
        self.weight = binary_weight(views * shape.channels, pixels, pixels, generator=generator)

    def forward(self, maps: Tensor, present: Tensor) -> Tensor:
        """Return maps (B, f, h, w) of the views' *maps*, (B, V, f, h, w)."""
        return join(self.parts(maps), present)

    def parts(self, maps: Tensor) -> Tensor:
        """Return what each view of *maps*, (B, V, f, h, w), adds to the output, (B, V, f, h, w)."""
        bits = maps.flatten(3).flatten(1, 2).transpose(0, 1)  # (V*f, B, h*w)
        parts = torch.bmm(bits, sign(self.weight))  # (V*f, B, h*w)
        return parts.transpose(0, 1).reshape(maps.shape)  # (B, V, f, h, w)


def join(parts: Tensor, present: Tensor) -> Tensor:
    """Return the sum, (B, f, h, w), of the *parts*, (B, V, f, h, w), of the views present."""
    return (parts * present[:, :, None, None, None]).sum(dim=1)  # (B, f, h, w)
