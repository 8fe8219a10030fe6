"""What sections cost: shapes, operations and bytes, by arithmetic in integers, without torch.

A multiplication and an addition are two operations. Pooling, batch norm and activation are not counted,
and positions of the padding are, as is usual. Batch norm is folded: a normalised channel is deployed as
one float32 scale and one float32 shift, and needs no bias. Binary weights are packed, float ones are float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import prod
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from ddnnsim.network import Network
    from ddnnsim.scenario import Level

FLOAT_BYTES = 4
FULL_BITS = 32
"""Bits of a float32, which is sent as it is."""
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
    """Operations by the kind of their inputs."""

    number: int
    """With a number among the inputs: a pixel, a sum that a merge gives, a float weight or activation."""
    binary: int
    """On bits alone: a XNOR for the multiplication and a count for the addition."""

    @property
    def total(self) -> int:
        """Return the operations of both kinds."""
        return self.number + self.binary


class Cost(Protocol):
    """What a section costs for one sample."""

    @property
    def operations(self) -> Operations:
        """Return the operations, by kind."""
        ...

    @property
    def parameter_bytes(self) -> int:
        """Return the size of the parameters as deployed."""
        ...

    @property
    def summary_bytes(self) -> int:
        """Return the size of the scores."""
        ...

    @property
    def features_bytes(self) -> int:
        """Return the size of the features."""
        ...


Profiles = Sequence[Sequence[Cost]]
"""By level, what each section costs."""


class LayerProfile(NamedTuple):
    """What one layer of a section costs for one sample."""

    name: str
    output: MapShape
    operations: Operations
    weights: int
    weight_bits: int
    """Of each weight: 1, or 32."""
    normalised: int
    """Channels with batch norm."""


class SectionProfile(NamedTuple):
    """What one section costs for one sample, its classifier included where an exit reads it."""

    layers: tuple[LayerProfile, ...]
    """In order of computation; the last is the classifier, if any, its maps those of one score per class."""
    features: MapShape
    """The maps that go up."""
    feature_bits: int
    """Of each value in them."""
    classes: int
    """How many scores it gives; 0 where no exit reads them."""

    @property
    def operations(self) -> Operations:
        """Return the operations of all layers."""
        kinds = [layer.operations for layer in self.layers]
        return Operations(sum(o.number for o in kinds), sum(o.binary for o in kinds))

    @property
    def parameter_bytes(self) -> int:
        """Return the size of the section as deployed: its weights, all packed together, and the norms.

        A section that shares its weights with others holds them all the same.
        """
        bits = sum(layer.weights * layer.weight_bits for layer in self.layers)
        return -(-bits // 8) + NORM_BYTES * sum(layer.normalised for layer in self.layers)

    @property
    def summary_bytes(self) -> int:
        """Return the size of the scores: a float32 per class, 4·|C| of the paper's eq. (1); 0 without an exit."""
        return FLOAT_BYTES * self.classes

    @property
    def features_bytes(self) -> int:
        """Return the size of the features, packed: f·o/8 of the paper's eq. (1) for bits, rounded up."""
        return -(-self.features.size * self.feature_bits // 8)


def pooled(shape: MapShape, filters: int, pool: int = 3, stride: int = 2) -> MapShape:
    """Return the maps that a ConvP block of *filters* makes of *shape*: pooling is padded by (*pool* - 1) // 2."""
    rim = 2 * ((pool - 1) // 2) - pool
    return MapShape(filters, (shape.height + rim) // stride + 1, (shape.width + rim) // stride + 1)


def merge_maps(shape: MapShape) -> tuple[int, int]:
    """Return as how many maps, of how many pixels, CC joins features of *shape*: maps of one pixel as one."""
    pixels = shape.height * shape.width
    return (shape.channels, pixels) if pixels > 1 else (1, shape.channels)


def raw_bytes(view_shape: tuple[int, int, int]) -> int:
    """Return the size of a view as it is sensed: a byte per pixel and channel."""
    return prod(view_shape)


def output_shape(shape: MapShape, layers: Level) -> MapShape:
    """Return the maps that the blocks of *layers* make of maps of *shape*."""
    for filters in layers.convp:
        shape = pooled(shape, filters, layers.pool, layers.stride)
    return MapShape(layers.fc[-1], 1, 1) if layers.fc else shape


def section_profiles(network: Network) -> tuple[tuple[SectionProfile, ...], ...]:
    """Return the profile of each section, by level from the bottom up and by section."""
    profile = cache(_section)
    levels = []
    shape, binary = MapShape(*network.view_shape), False
    for number, level in enumerate(network.levels):
        sections = []
        for children, exit_ in zip(level.children, network.exits_of(number), strict=True):
            inputs = len(children) if number else 0
            classes = network.classes if exit_ is not None else 0
            sections.append(profile(level.layers, inputs, shape, binary, classes))
        levels.append(tuple(sections))
        shape, binary = output_shape(shape, level.layers), level.layers.precision == "binary"
    return tuple(levels)


def _section(layers: Level, inputs: int, shape: MapShape, binary: bool, classes: int) -> SectionProfile:
    """Return the profile of a section that senses a view of *shape*, or merges *inputs* of that shape if any.

    *binary* says that its inputs are bits; *classes* is 0 where it has no classifier.
    """
    done: list[LayerProfile] = []
    exact = layers.precision == "binary"

    def add(name: str, output: MapShape, weights: int, places: int, normalised: int) -> None:
        """Add a layer that uses each of its *weights* at so many *places*."""
        operations = 2 * weights * places
        kinds = Operations(0, operations) if binary and exact else Operations(operations, 0)
        done.append(LayerProfile(name, output, kinds, weights, 1 if exact else FULL_BITS, normalised))

    if inputs and (layers.merge or "CC") == "CC":
        maps, pixels = merge_maps(shape)
        add("merge", shape, inputs * maps * pixels**2, 1, normalised=0)
        binary = False
    elif inputs:
        done.append(_plain_merge(str(layers.merge), shape, inputs, binary))
        binary &= layers.merge == "MP" or inputs == 1
    for block, filters in enumerate(layers.convp, start=1):
        output = pooled(shape, filters, layers.pool, layers.stride)
        weights = layers.kernel**2 * shape.channels * filters
        add(f"convp{block}", output, weights, shape.height * shape.width, normalised=filters)  # before pooling
        shape, binary = output, exact
    for block, nodes in enumerate(layers.fc, start=1):
        output = MapShape(nodes, 1, 1)
        add(f"fc{block}", output, shape.size * nodes, 1, normalised=nodes)
        shape, binary = output, exact
    if classes:
        add("classifier", MapShape(classes, 1, 1), shape.size * classes, 1, normalised=classes)
    return SectionProfile(tuple(done), shape, 1 if exact else layers.bits, classes)


def _plain_merge(kind: str, shape: MapShape, inputs: int, binary: bool) -> LayerProfile:
    """Return the profile of the merge *kind* of *inputs* maps of *shape*; *binary* says that those are bits.

    MP is inputs - 1 comparisons a component; AP as many additions and a division; of one input neither does a thing.
    """
    operations = 0 if inputs == 1 else (inputs - 1 if kind == "MP" else inputs) * shape.size
    kinds = Operations(0, operations) if kind == "MP" and binary else Operations(operations, 0)
    return LayerProfile("merge", shape, kinds, weights=0, weight_bits=1, normalised=0)


def decision_operations(merge: str, inputs: int, classes: int) -> int:
    """Return the operations of an exit's decision over *inputs* summaries: those of the *merge* + 8·|C| - 1.

    The merge of scores takes (inputs - 1)·|C| for MP, inputs·|C| for AP, 2·inputs·|C|² for CC, and nothing where
    there is a single summary. Softmax: |C| - 1 comparisons, |C| subtractions, |C|
    exponentials, |C| - 1 additions, |C| divisions. Normalised entropy: |C| logarithms, |C| products,
    |C| - 1 additions, a division by log |C|; and the comparison with the threshold.
    """
    joined = {"MP": (inputs - 1) * classes, "AP": inputs * classes, "CC": 2 * inputs * classes**2}[merge]
    softmax = 5 * classes - 2
    entropy = 3 * classes
    return (joined if inputs > 1 else 0) + softmax + entropy + 1
