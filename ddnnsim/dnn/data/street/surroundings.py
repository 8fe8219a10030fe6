"""What stands about the objects: scenery on the square, occluders, and other road users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.street.cameras import Cameras
from ddnnsim.dnn.data.street.scene import OTHERS, Difficulty, Scenes
from ddnnsim.dnn.data.street.vectors import Floats, unit
from ddnnsim.seeds import stream


class Solid(NamedTuple):
    """One upright box or ellipsoid in each of N samples."""

    ball: bool
    centre: Floats  # (N, 3)
    half: Floats  # (N, 3)
    yaw: Floats  # (N,)
    colour: Floats  # (N, 3)


def scenery(count: int, seed: int) -> list[Solid]:
    """Return what stands on the square in each of *count* samples: posts, trees and parked cars."""
    random = stream(seed, "street/scenery")
    solids = []
    for x, y in ((8.6, 8.6), (-8.6, 8.6), (8.6, -8.6), (-8.6, -8.6), (15, 4.5), (-15, -4.5), (4.5, -15), (-4.5, 15)):
        solids.append(_solid(count, False, (x, y, 2.5), (0.1, 0.1, 2.5), 0, (70, 75, 72)))
    for x, y in ((12, 10), (-13, 10.5), (11, -11), (-11, -12), (19, 9), (-9.5, 19)):
        solids.append(_solid(count, False, (x, y, 1.2), (0.15, 0.15, 1.2), 0, (80, 62, 45)))
        solids.append(_solid(count, True, (x, y, 3.6), (1.6, 1.6, 1.6), 0, (55, 95, 45)))
    for x, y, yaw in ((14, 9.4, 0.0), (-18, -9.4, 0.0), (9.4, 20, 1.57), (-9.4, -17, 1.57)):
        paint = tuple(random.uniform(40, 220, 3))
        solids.append(_solid(count, False, (x, y, 0.6), (2.1, 0.85, 0.4), yaw, paint))
        solids.append(_solid(count, False, (x, y, 1.15), (1.1, 0.75, 0.25), yaw, (45, 52, 60)))
    return solids


def _solid(
    count: int, ball: bool, centre: Sequence[float], half: Sequence[float], yaw: float, colour: Sequence[float]
) -> Solid:
    """Return a solid that is in each of *count* samples."""
    return Solid(ball, *(np.broadcast_to(np.array(a), (count, *np.shape(a))) for a in (centre, half, yaw, colour)))


def occluders(scenes: Scenes, cameras: Cameras, difficulty: Difficulty, seed: int) -> list[Solid]:
    """Return things that stand about each object, each between it and one of the cameras."""
    solids = []
    n, hull = len(scenes.label), scenes.half()
    reach, width = np.hypot(hull[:, 0], hull[:, 1]), hull[:, :2].mean(axis=1)
    for index in range(difficulty.occluders):
        random = stream(seed, f"street/occluder{index + 1}")
        view = random.integers(0, len(cameras.place), n)
        ahead = reach + random.uniform(*difficulty.clearance, n)
        foot = _towards(cameras.place[view], scenes.place, ahead, random.normal(0, 0.5, n) * reach)
        size = random.uniform((0.1, 0.1, 0.25), (0.4, 0.4, 0.6), (n, 3)) * difficulty.bulk
        half = size * np.stack([width, width, 2 * hull[:, 2]], axis=1) + (0.1, 0.1, 0)
        colour = random.uniform(40, 200, (n, 1)) + random.uniform(-30, 30, (n, 3))
        centre = foot + half * (0, 0, 1)
        solids.append(Solid(index % 2 == 1, centre, half, random.uniform(0, 3.14, n), colour))
    return solids


def road_user(
    scenes: Scenes, cameras: Cameras, seen: NDArray[np.bool_], difficulty: Difficulty, name: str, seed: int
) -> Scenes:
    """Return a road user of another class in each sample: between the object and a camera that sees it."""
    random = stream(seed, f"street/other{name}")
    n = len(scenes.label)
    label = (scenes.label + random.integers(1, 3, n)) % 3
    other = scenes._replace(label=label, yaw=random.uniform(0, 2 * np.pi, n), paints=random.permutation(scenes.paints))
    view = np.argmax(seen * random.random(seen.shape), axis=1)
    reach = np.stack([np.hypot(*s.half().T[:2]) for s in (scenes, other)])  # (2, N): half the diagonals
    ahead = reach.sum(axis=0) + random.uniform(*difficulty.gap, n)
    aside = random.normal(0, difficulty.aside, n) * reach.min(axis=0)
    place = _towards(cameras.place[view], scenes.place, ahead, aside)
    place[random.random(n) >= difficulty.traffic / OTHERS] = 1e4  # out of sight
    return other._replace(place=place)


def _towards(camera: Floats, place: Floats, ahead: Floats, aside: Floats) -> Floats:
    """Return the points on the ground, (N, 3), *ahead* of each *place* towards its *camera* and *aside* to the left."""
    way = unit((camera - place)[:, :2])  # (N, 2)
    x, y = way[:, 0] * ahead - way[:, 1] * aside, way[:, 1] * ahead + way[:, 0] * aside
    return place + np.stack([x, y, np.zeros_like(x)], axis=1)
