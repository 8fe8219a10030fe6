"""The layers that every section is built of: ConvP and FC blocks and classifiers, of many sections at once.

Weights and activations are -1 or +1 as in Teerapittayanon et al., ICDCS 2017, sec. III, or float32. The
sections of a level have the same shape, so one grouped layer computes all of them: tensors carry `G` sets of
weights of `C` channels each as `G*C` channels, set by set. Sections that share a set lie in the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import sqrt

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ddnnsim.profile import FULL_BITS
from ddnnsim.scenario import Level

INITIAL_SPAN = 0.03
"""Binary weights start uniform in +-this: few Adam steps turn a sign, and none starts beyond reach."""

JUST_ABOVE_1 = 1 + 2**-23
"""The next float32 after 1: torch's hardtanh stops gradients *at* its bounds, where clipped weights rest."""

Activation = Callable[[Tensor], Tensor]


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


class _Round(torch.autograd.Function):
    """Rounding in the forward pass, the identity in the backward pass."""

    @staticmethod
    def forward(_ctx: torch.autograd.function.FunctionCtx, x: Tensor) -> Tensor:
        return x.round()

    @staticmethod
    def backward(_ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> Tensor:
        return gradients[0]


def quantised(x: Tensor, bits: int) -> Tensor:
    """Return *x* clipped to [0, 1] and rounded to the nearest of 2**bits levels; its gradient passes within.

    The activation of DoReFa-Net (Zhou et al., 2016, arXiv 1606.06160, eq. 5 and sec. 2.3).
    """
    steps = 2**bits - 1
    return _Round.apply(x.clamp(0, 1) * steps) / steps  # type: ignore[no-any-return, no-untyped-call]


def activation(layers: Level, *, sent: bool) -> Activation:
    """Return the activation of a block of *layers*; *sent* says that its output is what the section sends.

    Binary: the sign. Float: ReLU, or what `quantised` gives of features sent with fewer bits than 32; the
    classifier of the section reads what is sent, too.
    """
    if layers.precision == "binary":
        return sign
    return partial(quantised, bits=layers.bits) if sent and layers.bits < FULL_BITS else F.relu


class Layer(nn.Module):
    """What has weights, binary or float: `weight` holds real ones, behind the binary ones too."""

    def __init__(self, precision: str, shape: tuple[int, ...], fan_in: int, generator: torch.Generator) -> None:
        super().__init__()
        self.precision = precision
        span = INITIAL_SPAN if precision == "binary" else 1 / sqrt(fan_in)
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-span, span, generator=generator))
        """Training keeps the real weights behind binary ones within +-1."""

    def weights(self) -> Tensor:
        """Return the weights that the layer multiplies with."""
        return sign(self.weight) if self.precision == "binary" else self.weight


class Norm(nn.modules.batchnorm._BatchNorm):
    """Batch norm of (B, C) or (B, C, H, W); once trained it is a scale and a shift of each channel.

    Multiplied and added one after the other, and the two computed in float64 first: so that an output depends
    on its input alone, whatever else is in the batch, and however the processor would fuse.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return *x* normalised, shaped alike."""
        if self.training:
            normalised: Tensor = super().forward(x)
            return normalised
        scale, shift = (row.view(-1, *(1,) * (x.ndim - 2)) for row in self.folded())  # (C, 1, ...)
        return x.mul(scale).add(shift)

    def folded(self) -> tuple[Tensor, Tensor]:
        """Return scale and shift, (C,) each, as a section is deployed with them."""
        assert self.running_mean is not None
        assert self.running_var is not None
        scale = self.weight.double() / (self.running_var.double() + self.eps).sqrt()
        shift = self.bias.double() - self.running_mean.double() * scale
        return scale.float(), shift.float()

    def _check_input_dim(self, input: Tensor) -> None:  # noqa: A002
        """Take inputs of any dimension."""


class ConvP(Layer):
    """Convolution, max pooling, batch norm, activation: of *sets* of weights at once."""

    def __init__(
        self, sets: int, channels: int, filters: int, layers: Level, activation: Activation, generator: torch.Generator
    ) -> None:
        kernel = layers.kernel
        fan_in = channels * kernel**2
        super().__init__(layers.precision, (sets * filters, channels, kernel, kernel), fan_in, generator)
        self.sets, self.pool, self.stride, self.activation = sets, layers.pool, layers.stride, activation
        self.norm = Norm(sets * filters)

    def forward(self, x: Tensor) -> Tensor:
        """Return the features of the maps *x*: +-1 of binary blocks."""
        padding = self.weight.shape[2] // 2
        x = F.conv2d(x, self.weights(), padding=padding, groups=self.sets)  # (B, G*C, H, W) -> (B, G*f, H, W)
        x = F.max_pool2d(x, self.pool, self.stride, padding=(self.pool - 1) // 2)  # (B, G*f, h, w)
        return self.activation(self.norm(x))


class Classifier(Layer):
    """A fully connected layer and batch norm that give float scores: the FC block before an exit."""

    def __init__(self, sets: int, inputs: int, outputs: int, precision: str, generator: torch.Generator) -> None:
        super().__init__(precision, (sets * outputs, inputs), inputs, generator)
        self.sets = sets
        self.norm = Norm(sets * outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (B, G, classes) of the maps *x*, (B, G*f, h, w)."""
        rows = x.reshape(len(x), self.sets, -1).transpose(0, 1)  # (G, B, f*h*w)
        weight = self.weights().view(self.sets, -1, rows.shape[2])  # (G, classes, f*h*w)
        scores = torch.bmm(rows, weight.transpose(1, 2)).transpose(0, 1)  # (B, G, classes)
        normed: Tensor = self.norm(scores.flatten(1))  # (B, G*classes)
        return normed.view(scores.shape)  # (B, G, classes)


class FC(Classifier):
    """The same with an activation: an FC block, whose nodes are maps of one pixel."""

    def __init__(
        self, sets: int, inputs: int, nodes: int, precision: str, activation: Activation, generator: torch.Generator
    ) -> None:
        super().__init__(sets, inputs, nodes, precision, generator)
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (B, G*n, 1, 1) of the maps *x*, (B, G*f, h, w)."""
        return self.activation(super().forward(x)).flatten(1)[..., None, None]  # (B, G*n, 1, 1)
