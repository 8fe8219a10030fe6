"""Street: cars, buses and persons at a crossing, seen by cameras around it; made for this project.

A town square of 64 m by 64 m, drawn by ray casting: two roads with zebra crossings, pavements, house fronts,
posts, trees and parked cars. Each sample is one object on a lane, a pavement or a crossing; each view is the
square crop around the object's bounding box in one camera's picture, at most 32 pixels wide as the sensor
sampled it and enlarged to 32x32. So far objects are blurred, and objects at the picture's edge are cut off.

Lengths are metres, x to the east, y to the north, z upward. Tensors are (crops, pixels) planes of float32.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.splits import Split, SplitName, as_sensed
from ddnnsim.dnn.data.street.cameras import PRESENCE, cameras_around, frames, presence_shares
from ddnnsim.dnn.data.street.objects import CLASSES
from ddnnsim.dnn.data.street.raycast import cast
from ddnnsim.dnn.data.street.rays import SIDE, crop_rays
from ddnnsim.dnn.data.street.scene import OTHERS, Difficulty, scenes_of
from ddnnsim.dnn.data.street.sensor import sensed
from ddnnsim.dnn.data.street.surroundings import occluders, road_user, scenery
from ddnnsim.dnn.data.street.vectors import rows_of
from ddnnsim.seeds import stream

__all__ = ["BLANK", "CLASSES", "PRESENCE", "SAMPLES", "SIDE", "Difficulty", "street_splits"]

SAMPLES: dict[SplitName, int] = {"train": 680, "validation": 171, "test": 171}
BLANK = 0
"""The grey level of a view whose camera does not see the object."""
CHUNK = 48
"""Crops drawn together: their planes fit in a core's cache."""
DIFFICULTY = Difficulty()


def street_splits(
    views: int = 6,
    seed: int = 0,
    presence: Sequence[float] | None = None,
    mix: Sequence[float] = (1, 1, 1),
    difficulty: Difficulty = DIFFICULTY,
) -> dict[SplitName, Split]:
    """Return 680, 171 and 171 samples with labels 0 car, 1 bus, 2 person: the same bytes in any process.

    *presence* is the share of samples that each camera sees, by default Fig. 6's, interpolated for other
    than six cameras; each sample is seen by at least one, so it must be at least 1 in sum. *mix* are the
    classes' weights. Raise DataError where there is no such presence.
    """
    scenes = scenes_of(SAMPLES, mix, difficulty.dusk, seed)
    cameras = cameras_around(views)
    seen, edges = frames(scenes.place, cameras, presence_shares(views, presence))
    solids = [*scenery(len(seen), seed), *occluders(scenes, cameras, difficulty, seed)]
    traffic = [road_user(scenes, cameras, seen, difficulty, f"{i + 1}", seed) for i in range(OTHERS)]
    texture = stream(seed, "street/texture").uniform(-1, 1, (64, 64)).astype(np.float32)
    images = np.full((len(seen), views, 3, SIDE, SIDE), BLANK, dtype=np.uint8)
    for view in range(views):
        balance = stream(seed, f"street/balance/view{view + 1}").normal(1.0, 0.06, 3)
        sensor = stream(seed, f"street/noise/view{view + 1}")
        for label in range(len(CLASSES)):
            for s in _chunks(np.flatnonzero(seen[:, view] & (scenes.label == label))):
                rays, pixels = crop_rays(rows_of(scenes, s), rows_of(cameras, view), edges[s, view], difficulty.focal)
                around = [rows_of(other, s) for other in traffic], [rows_of(solid, s) for solid in solids]
                light = cast(rays, label, rows_of(scenes, s), *around, texture)
                images[s, view] = sensed(light * balance[:, None], pixels, difficulty.noise, sensor)
    cuts = np.cumsum(list(SAMPLES.values()))[:-1]
    parts = zip(*(np.split(a, cuts) for a in (images, scenes.label, seen)), strict=True)
    return {name: as_sensed(*part) for name, part in zip(SAMPLES, parts, strict=True)}


def _chunks(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return *rows* in pieces of at most `CHUNK`."""
    return np.array_split(rows, -(-len(rows) // CHUNK)) if len(rows) else []
