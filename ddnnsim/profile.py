"""What sections cost: shapes, operations and bytes, by arithmetic in integers, without torch.

A multiplication and an addition are two operations. Pooling, batch norm and activation are not counted,
and positions of the padding are, as is usual. Batch norm is folded: a normalised channel is deployed as
one float32 scale and one float32 shift, and needs no bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ddnnsim.scenario import Level

FLOAT_BYTES = 4
NORM_BYTES = 2 * FLOAT_BYTES
"""Scale and shift of one normalised channel."""


class MapShape(NamedTuple):
    """The shape of one input's maps."""

    channels: int
    height: int
    width: int

    @property
    def size(self) -> int:
        """Return the number of values."""
        return prod(self)


class Operations(NamedTuple):
    """Operations by the kind of their inputs; the weights are binary in both."""

    number: int
    """On numbers: pixels, or the sums that a merge gives."""
    binary: int
    """On bits: a XNOR for the multiplication and a count for the addition."""

    @property
    def total(self) -> int:
        """Return the operations of both kinds."""
        return self.number + self.binary


class LayerProfile(NamedTuple):
    """What one layer of a section costs for one sample."""

    name: str
    output: MapShape
    operations: Operations
    weights: int
    """Binary weights."""
    normalised: int
    """Channels with batch norm."""


class SectionProfile(NamedTuple):
    """What one section costs for one sample, its classifier included."""

    layers: tuple[LayerProfile, ...]
    """In order of computation; the last is the classifier, its maps those of one score per class."""
    features: MapShape
    """The maps that go up, one bit a value."""

    @property
    def operations(self) -> Operations:
        """Return the operations of all layers."""
        kinds = [layer.operations for layer in self.layers]
        return Operations(sum(o.number for o in kinds), sum(o.binary for o in kinds))

    @property
    def parameter_bytes(self) -> int:
        """Return the size of the section as deployed: all its weights packed into bits, and the norms."""
        bits = sum(layer.weights for layer in self.layers)
        return -(-bits // 8) + NORM_BYTES * sum(layer.normalised for layer in self.layers)

    @property
    def summary_bytes(self) -> int:
        """Return the size of the scores: a float32 per class, 4·|C| of the paper's eq. (1)."""
        return FLOAT_BYTES * self.layers[-1].output.channels

    @property
    def features_bytes(self) -> int:
        """Return the size of the features as packed bits: f·o/8 of the paper's eq. (1), rounded up."""
        return -(-self.features.size // 8)


def pooled(shape: MapShape, filters: int) -> MapShape:
    """Return the maps that a ConvP block of *filters* makes of *shape*: 3x3 pooling, stride 2, pad 1."""
    return MapShape(filters, (shape.height - 1) // 2 + 1, (shape.width - 1) // 2 + 1)


def raw_bytes(view_shape: tuple[int, int, int]) -> int:
    """Return the size of a view as it is sensed: a byte per pixel and channel."""
    return prod(view_shape)


def section_profiles(
    view_shape: tuple[int, int, int], views: int, levels: Mapping[str, Level], classes: int
) -> dict[str, SectionProfile]:
    """Return the profile of a section of each of *levels*, bottom to top.

    The lowest level has a section for each of *views*; each level above has one, over all sections below.
    """
    profiles: dict[str, SectionProfile] = {}
    shape, inputs = MapShape(*view_shape), 0
    for name, level in levels.items():
        profiles[name] = _section(shape, inputs, level, classes)
        shape, inputs = profiles[name].features, 1 if inputs else views
    return profiles


def _section(shape: MapShape, inputs: int, level: Level, classes: int) -> SectionProfile:
    """Return the profile of a section that senses a view of *shape*, or merges *inputs* of that shape if any."""
    layers = [_feature_merge(level.merge or "CC", shape, inputs)] if inputs else []
    for block, filters in enumerate(level.convp):
        output, weights = pooled(shape, filters), 9 * shape.channels * filters
        operations = 2 * weights * shape.height * shape.width  # before pooling
        kinds = Operations(0, operations) if block else Operations(operations, 0)
        layers.append(LayerProfile(f"convp{block + 1}", output, kinds, weights, normalised=filters))
        shape = output
    weights = shape.size * classes
    scores = MapShape(classes, 1, 1)
    layers.append(LayerProfile("classifier", scores, Operations(0, 2 * weights), weights, normalised=classes))
    return SectionProfile(tuple(layers), features=shape)


def _feature_merge(kind: str, shape: MapShape, inputs: int) -> LayerProfile:
    """Return the profile of the merge *kind* of *inputs* maps of *shape*.

    MP is inputs - 1 comparisons of bits a component; AP as many additions and a division; CC a linear layer.
    """
    if kind == "CC":
        weights = inputs * shape.channels * (shape.height * shape.width) ** 2
        return LayerProfile("merge", shape, Operations(0, 2 * weights), weights, normalised=0)
    operations = Operations(0, (inputs - 1) * shape.size) if kind == "MP" else Operations(inputs * shape.size, 0)
    return LayerProfile("merge", shape, operations, weights=0, normalised=0)


def decision_operations(merge: str, inputs: int, classes: int) -> int:
    """Return the operations of an exit's decision over *inputs* summaries: those of the *merge* + 8·|C| - 1.

    The merge of scores takes (inputs - 1)·|C| for MP, inputs·|C| for AP, 2·inputs·|C|² for CC.
    Softmax: |C| - 1 comparisons, |C| subtractions, |C|
    exponentials, |C| - 1 additions, |C| divisions. Normalised entropy: |C| logarithms, |C| products,
    |C| - 1 additions, a division by log |C|; and the comparison with the threshold.
    """
    joined = {"MP": (inputs - 1) * classes, "AP": inputs * classes, "CC": 2 * inputs * classes**2}[merge]
    softmax = 5 * classes - 2
    entropy = 3 * classes
    return joined + softmax + entropy + 1
