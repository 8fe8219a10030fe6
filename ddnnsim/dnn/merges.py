"""The aggregators MP, AP and CC: how an exit joins the scores of several sections, an upper section their features.

Teerapittayanon et al., ICDCS 2017, sec. III-B. `present`, (B, S), says which sections' outputs arrived; each
sample has at least one. An absent one is left out of MP and AP, and zeros in CC. Each merge works in two
steps, so that what does not depend on who is present is computed once: `parts` of each section, then `join`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ddnnsim.dnn.blocks import Classifier, binary_weight, sign
from ddnnsim.profile import MapShape


class Merge(nn.Module):
    """What joins the outputs of several sections into one."""

    def parts(self, outputs: Tensor) -> Tensor:
        """Return what each section's of *outputs*, (B, S, ...), brings in, shaped alike: what it is, if not more."""
        return outputs

    def join(self, parts: Tensor, present: Tensor) -> Tensor:
        """Return the *parts*, (B, S, ...), of the sections present as one, (B, ...)."""
        raise NotImplementedError

    def forward(self, outputs: Tensor, present: Tensor) -> Tensor:
        """Return the *outputs*, (B, S, ...), of the sections present as one, (B, ...)."""
        return self.join(self.parts(outputs), present)


class Maximum(Merge):
    """The aggregator MP: of each component the greatest."""

    def join(self, parts: Tensor, present: Tensor) -> Tensor:
        """Return the greatest of each component, (B, ...), over the sections present of *parts*, (B, S, ...)."""
        return parts.masked_fill(~_beside(present, parts), -torch.inf).amax(dim=1)  # (B, ...)


class Average(Merge):
    """The aggregator AP: of each component the mean."""

    def join(self, parts: Tensor, present: Tensor) -> Tensor:
        """Return the mean of each component, (B, ...), over the sections present of *parts*, (B, S, ...)."""
        there = _beside(present, parts).to(parts.dtype)  # (B, S, 1, ...)
        return (parts * there).sum(dim=1) / there.sum(dim=1)  # (B, ...)


class Concatenation(Merge):
    """The aggregator CC of features: one map after another, and one linear layer back to the size of one.

    The layer connects every pixel of a filter's map with all pixels of all sections' maps of that filter, so it
    can align views that do not show the same place; filters meet in the block above. Its weights are
    binary, without bias or norm. The outputs are integers, exact in float32 up to 2**24 bits of input: so
    they are sums of the sections' parts, in any order.
    """

    def __init__(self, sections: int, shape: MapShape, generator: torch.Generator) -> None:
        super().__init__()
        pixels = shape.height * shape.width
        self.weight = binary_weight(sections * shape.channels, pixels, pixels, generator=generator)

    def parts(self, outputs: Tensor) -> Tensor:
        """Return what each section's maps in *outputs*, (B, S, f, h, w), add to the merged ones, shaped alike."""
        bits = outputs.flatten(3).flatten(1, 2).transpose(0, 1)  # (S*f, B, h*w)
        parts = torch.bmm(bits, sign(self.weight))  # (S*f, B, h*w)
        return parts.transpose(0, 1).reshape(outputs.shape)  # (B, S, f, h, w)

    def join(self, parts: Tensor, present: Tensor) -> Tensor:
        """Return the sum, (B, f, h, w), of the *parts*, (B, S, f, h, w), of the sections present."""
        return (parts * _beside(present, parts)).sum(dim=1)  # (B, f, h, w)


class ScoreConcatenation(Merge):
    """The aggregator CC of scores: one after another, and a fully connected layer with batch norm back to one."""

    def __init__(self, sections: int, classes: int, generator: torch.Generator) -> None:
        super().__init__()
        self.layer = Classifier(1, sections * classes, classes, generator)

    def join(self, parts: Tensor, present: Tensor) -> Tensor:
        """Return scores, (B, classes), of the scores *parts*, (B, S, classes), of the sections present."""
        scores: Tensor = self.layer((parts * _beside(present, parts)).flatten(1))  # (B, 1, classes)
        return scores.squeeze(1)  # (B, classes)


def score_merge(kind: str, sections: int, classes: int, generator: torch.Generator) -> Merge:
    """Return the merge *kind* (MP, AP or CC) of the scores of *sections*."""
    return ScoreConcatenation(sections, classes, generator) if kind == "CC" else _plain(kind)


def feature_merge(kind: str, sections: int, shape: MapShape, generator: torch.Generator) -> Merge:
    """Return the merge *kind* (MP, AP or CC) of the features of *sections*, each of *shape*."""
    return Concatenation(sections, shape, generator) if kind == "CC" else _plain(kind)


def _plain(kind: str) -> Merge:
    return Maximum() if kind == "MP" else Average()


def _beside(present: Tensor, outputs: Tensor) -> Tensor:
    """Return *present*, (B, S), shaped (B, S, 1, ...) to go with *outputs*, (B, S, ...)."""
    return present.reshape(present.shape + (1,) * (outputs.ndim - 2))
