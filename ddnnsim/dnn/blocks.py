"""The layers that every section is built of: binary convolutions and classifiers, of many sections at once.

Weights and activations are -1 or +1 as in Teerapittayanon et al., ICDCS 2017, sec. III. The sections of a
level have the same shape and different weights, so one grouped layer computes all of them: tensors carry
`S` sections of `C` channels as `S*C` channels, section by section.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

INITIAL_SPAN = 0.03
"""Weights start uniform in +-this: few Adam steps turn a sign, and none starts beyond reach."""

JUST_ABOVE_1 = 1 + 2**-23
"""The next float32 after 1: torch's hardtanh stops gradients *at* its bounds, where clipped weights rest."""


class _Sign(torch.autograd.Function):
    """The sign in the forward pass, the identity cut off at +-1 in the backward pass."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.sign().add_(0.5).sign_()  # torch's sign of 0 is 0

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return torch.ops.aten.hardtanh_backward(gradients[0], x, -JUST_ABOVE_1, JUST_ABOVE_1)  # type: ignore


def sign(x: Tensor) -> Tensor:
    """Return +1 where *x* >= 0 and -1 elsewhere; its gradient passes unchanged where it is within +-1.

    The straight-through estimator of Courbariaux et al., Binarized Neural Networks, 2016, eq. (4).
    """
    return _Sign.apply(x)  # type: ignore[no-any-return, no-untyped-call]


def binary_weight(*shape: int, generator: torch.Generator) -> nn.Parameter:
    """Return real weights whose signs are the weights; training keeps them within +-1."""
    return nn.Parameter(torch.empty(shape).uniform_(-INITIAL_SPAN, INITIAL_SPAN, generator=generator))


class ConvP(nn.Module):
    """3x3 convolution, 3x3 max pooling of stride 2, batch norm, binary activation: of *sections* at once."""

    def __init__(self, sections: int, channels: int, filters: int, generator: torch.Generator) -> None:
        super().__init__()
        self.sections = sections
        self.weight = binary_weight(sections * filters, channels, 3, 3, generator=generator)
        self.norm = nn.BatchNorm2d(sections * filters)

    def forward(self, x: Tensor) -> Tensor:
        """Return the bits, as +-1, of the maps *x*."""
        x = F.conv2d(x, sign(self.weight), padding=1, groups=self.sections)  # (B, S*C, H, W) -> (B, S*f, H, W)
        x = F.max_pool2d(x, kernel_size=3, stride=2, padding=1)  # (B, S*f, ceil(H/2), ceil(W/2))
        return sign(self.norm(x))


class Classifier(nn.Module):
    """A fully connected layer and batch norm that give float scores: the FC block before an exit."""

    def __init__(self, sections: int, inputs: int, classes: int, generator: torch.Generator) -> None:
        super().__init__()
        self.sections = sections
        self.weight = binary_weight(sections * classes, inputs, generator=generator)
        self.norm = nn.BatchNorm1d(sections * classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (B, S, classes) of the maps *x*, (B, S*f, h, w)."""
        bits = x.reshape(len(x), self.sections, -1).transpose(0, 1)  # (S, B, f*h*w)
        weight = sign(self.weight).view(self.sections, -1, bits.shape[2])  # (S, classes, f*h*w)
        scores = torch.bmm(bits, weight.transpose(1, 2)).transpose(0, 1)  # (B, S, classes)
        normed: Tensor = self.norm(scores.flatten(1))  # (B, S*classes)
        return normed.view(scores.shape)  # (B, S, classes)
