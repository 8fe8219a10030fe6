"""Each sample's object and light: its class, its pose on the square, its paints, the sun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.splits import SplitName
from ddnnsim.dnn.data.street.objects import EXTENT, FIXED_PAINTS
from ddnnsim.dnn.data.street.vectors import Floats, turned
from ddnnsim.seeds import stream

OTHERS = 2
"""Most other road users about one object."""


@dataclass(frozen=True)
class Difficulty:
    """What makes the views hard to read."""

    occluders: int = 3
    """Things such as posts, kiosks and bushes that stand about each object, between it and a camera."""
    clearance: tuple[float, float] = (0.9, 5.0)
    """How far in front of the object's hull they stand, least and most, in metres."""
    bulk: float = 1.0
    """Their size, against sizes about a quarter of the object's."""
    traffic: float = 2.0
    """Mean number of road users of another class that stand between the object and a camera, 0 to `OTHERS`."""
    gap: tuple[float, float] = (0.2, 3.0)
    """The free space between those and the object, least and most, in metres."""
    aside: float = 0.7
    """How far off the line of sight they stand, against the lesser of both's half lengths."""
    noise: float = 20.0
    """Standard deviation of the sensors' noise, in 8-bit grey levels."""
    dusk: float = 0.35
    """Share of the samples at dusk, in under half the light of the day."""
    focal: float = 120.0
    """Focal length, in pixels: a person of 1.75 m at 20 m is focal * 1.75 / 20 pixels tall."""


class Scenes(NamedTuple):
    """The object and the light of each sample, one row each."""

    label: NDArray[np.int64]
    place: Floats  # (N, 3): of its foot
    yaw: Floats
    scale: Floats  # (N, 3): against the parts' nominal size
    paints: Floats  # (N, 7, 3)
    sun: Floats  # (N, 3): the direction to it
    light: Floats  # (N, 2): direct and ambient

    def half(self) -> Floats:
        """Return half the length, width and height of each object, (N, 3)."""
        return EXTENT[self.label] * self.scale * (1, 1, 0.5)


def scenes_of(samples: Mapping[SplitName, int], mix: Sequence[float], dusk: float, seed: int) -> Scenes:
    """Return each split's objects, one split after another: *samples* in number, with the classes' shares of *mix*."""
    ends = np.cumsum(mix) / np.sum(mix)
    parts = [_poses(np.searchsorted(ends, (np.arange(n) + 0.5) / n), name, seed) for name, n in samples.items()]
    label, place, yaw = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    scale = stream(seed, "street/scale").normal(1, 0.06, (len(label), 3))
    return Scenes(label, place, yaw, scale, _paints(len(label), seed), *_light(len(label), dusk, seed))


def _poses(label: NDArray[np.int64], split: SplitName, seed: int) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return the classes in random order, and where on the square the objects are, (N, 3) and (N,).

    Vehicles keep to the right of a lane and may turn at the crossing; persons are on pavements and zebra
    crossings. The golden ratio spreads each class evenly over the streets, so that no split is lopsided.
    """
    random = stream(seed, f"street/poses/{split}")
    n, person = len(label), label == 2
    along = 34 * ((np.arange(n) * (np.sqrt(5) - 1) / 2 + random.random() + random.normal(0, 0.01, n)) % 1) - 17
    way = np.arange(n) % 4 * np.pi / 2
    zebra = person & (random.random(n) < 0.4)
    side = np.where(np.arange(n) // 4 % 2, 1.0, -1.0)
    along = np.where(zebra, np.copysign(random.uniform(5.2, 8.0, n), along), along)
    across = np.where(person, side * random.uniform(4.6, 7.6, n), random.normal(-2.0, 0.3, n))
    across = np.where(zebra, random.uniform(-4, 4, n), across)
    turn = np.where(np.abs(along) < 5, random.uniform(-0.8, 0.8, n), random.normal(0, 0.06, n))
    turn = np.where(person, random.uniform(-np.pi, np.pi, n), turn)
    place = np.stack([*turned(along, across, way), np.zeros(n)], axis=1)
    order = random.permutation(n)
    return label[order], place[order], (way + turn)[order]


def _paints(count: int, seed: int) -> Floats:
    """Return the colours of the parts of each object, (N, 7, 3), in grey levels under full light."""
    random = stream(seed, "street/paints")
    colours = random.uniform(25, 235, (count, 2, 3))
    grey = random.uniform(0.3, 1.0, (count, 1, 1))  # most paints and clothes are near grey
    colours = colours.mean(axis=2, keepdims=True) * grey + colours * (1 - grey)
    skin = np.array([205, 160, 130]) * random.uniform(0.45, 1.1, (count, 1, 1))
    return np.concatenate([colours, skin, np.tile(np.array(FIXED_PAINTS), (count, 1, 1))], axis=1)


def _light(count: int, dusk: float, seed: int) -> tuple[Floats, Floats]:
    """Return the direction to the sun, (N, 3), and the direct and the ambient light, (N, 2)."""
    random = stream(seed, "street/light")
    azimuth, height = random.uniform(0, 2 * np.pi, count), random.uniform(0.4, 1.1, count)
    sun = np.stack([np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height), np.sin(height)], axis=1)
    light = random.uniform(0.4, (0.75, 0.6), (count, 2))
    dim = random.uniform(0.35, 0.6, (count, 1)) * (0.5, 1.1)
    return sun, np.where(random.random((count, 1)) < dusk, light * dim, light)
