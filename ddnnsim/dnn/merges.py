"""The aggregators MP, AP and CC: how an exit joins the scores of several sections, an upper section their features.

Teerapittayanon et al., ICDCS 2017, sec. III-B. Outputs are (..., k, rest of one output), and `present`, (..., k),
says which of the k sections' outputs arrived; each sample has at least one. An absent one is left out of MP
and AP, and zeros in CC. Each merge works in two steps, so that what does not depend on who is present is
computed once: `parts` of each section, then `join`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ddnnsim.dnn.blocks import Classifier, Layer
from ddnnsim.profile import MapShape, merge_maps


class Merge(nn.Module):
    """What joins the outputs of several sections into one."""

    def parts(self, outputs: Tensor) -> Tensor:
        """Return what each section's of *outputs*, (..., k, rest), brings in, shaped alike: what it is, if not more."""
        return outputs

    def join(self, parts: Tensor, present: Tensor) -> Tensor:
        """Return the *parts*, (..., k, rest), of the sections present as one, (..., rest)."""
        raise NotImplementedError

    def forward(self, outputs: Tensor, present: Tensor) -> Tensor:
        """Return the *outputs*, (..., k, rest), of the sections present as one, (..., rest)."""
        return self.join(self.parts(outputs), present)


class Only(Merge):
    """What a single section says, as it is: there is nothing to join."""

    def join(self, parts: Tensor, present: Tensor) -> Tensor:
        """Return *parts*, (..., 1, rest), as (..., rest)."""
        return parts.squeeze(present.ndim - 1)  # (..., rest)


class Maximum(Merge):
    """The aggregator MP: of each component the greatest."""

    def join(self, parts: Tensor, present: Tensor) -> Tensor:
        """Return the greatest of each component, (..., rest), over the sections present of *parts*, (..., k, rest)."""
        return parts.masked_fill(~_beside(present, parts), -torch.inf).amax(dim=present.ndim - 1)  # (..., rest)


class Average(Merge):
    """The aggregator AP: of each component the mean."""

    def join(self, parts: Tensor, present: Tensor) -> Tensor:
        """Return the mean of each component, (..., rest), over the sections present of *parts*, (..., k, rest)."""
        there = _beside(present, parts).to(parts.dtype)  # (..., k, 1, ...)
        return (parts * there).sum(dim=present.ndim - 1) / there.sum(dim=present.ndim - 1)  # (..., rest)


class Concatenation(Merge):
    """The aggregator CC of features: one map after another, and one linear layer back to the size of one.

    The layer connects every pixel of a filter's map with all pixels of all sections' maps of that filter, so it
    can align views that do not show the same place; filters meet in the block above. Maps of one pixel, such
    as those of an FC block, are joined as if they were the pixels of one map. Its weights have no bias or norm.
    Of bits and binary weights the outputs are integers, exact in float32 up to 2**24 bits of input: so they
    are sums of the sections' parts, in any order.

    It is the merge of *sets* sections at once, each of *inputs* sections below.
    """

    def __init__(self, sets: int, inputs: int, shape: MapShape, precision: str, generator: torch.Generator) -> None:
        super().__init__()
        maps, pixels = merge_maps(shape)
        self.layer = Layer(precision, (sets * inputs * maps, pixels, pixels), inputs * pixels, generator)
        self.pixels = pixels

    def parts(self, outputs: Tensor) -> Tensor:
        """Return what each section's maps in *outputs*, (B, G, k, f, h, w), add to the merged ones, shaped alike."""
        rows = outputs.reshape(len(outputs), -1, self.pixels).transpose(0, 1)  # (G*k*f, B, h*w)
        parts = torch.bmm(rows, self.layer.weights())  # (G*k*f, B, h*w)
        return parts.transpose(0, 1).reshape(outputs.shape)  # (B, G, k, f, h, w)

    def join(self, parts: Tensor, present: Tensor) -> Tensor:
        """Return the sum, (B, G, f, h, w), of the *parts*, (B, G, k, f, h, w), of the sections present."""
        return (parts * _beside(present, parts)).sum(dim=2)  # (B, G, f, h, w)


class ScoreConcatenation(Merge):
    """The aggregator CC of scores: one after another, and a fully connected layer with batch norm back to one."""

    def __init__(self, inputs: int, classes: int, precision: str, generator: torch.Generator) -> None:
        super().__init__()
        self.layer = Classifier(1, inputs * classes, classes, precision, generator)

    def join(self, parts: Tensor, present: Tensor) -> Tensor:
        """Return scores, (B, classes), of the scores *parts*, (B, k, classes), of the sections present."""
        scores: Tensor = self.layer((parts * _beside(present, parts)).flatten(1))  # (B, 1, classes)
        return scores.squeeze(1)  # (B, classes)


def score_merge(kind: str, inputs: int, classes: int, precision: str, generator: torch.Generator) -> Merge:
    """Return the merge *kind* (MP, AP or CC) of the scores of *inputs* sections."""
    if inputs == 1:
        return Only()
    return ScoreConcatenation(inputs, classes, precision, generator) if kind == "CC" else _plain(kind)


def feature_merge(
    kind: str, sets: int, inputs: int, shape: MapShape, precision: str, generator: torch.Generator
) -> Merge:
    """Return the merge *kind* (MP, AP or CC) of *sets* sections at once, each of features of *shape* of *inputs*."""
    return Concatenation(sets, inputs, shape, precision, generator) if kind == "CC" else _plain(kind)


def _plain(kind: str) -> Merge:
    return Maximum() if kind == "MP" else Average()


def _beside(present: Tensor, outputs: Tensor) -> Tensor:
    """Return *present*, (..., k), shaped (..., k, 1, ...) to go with *outputs*, (..., k, rest)."""
    return present.reshape(present.shape + (1,) * (outputs.ndim - present.ndim))
