"""The square itself, behind all that stands on it: ground with the object's shadow, house fronts, sky."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.street.rays import Rays
from ddnnsim.dnn.data.street.scene import Scenes
from ddnnsim.dnn.data.street.vectors import Floats, plane, turned

WALL = 32.0
"""Distance of the house fronts from the middle of the square, along either axis."""


def backdrop(rays: Rays, scenes: Scenes, texture: Floats) -> tuple[Floats, Floats]:
    """Return the distance, (B, P), and the light, (B, 3, P), of ground, house fronts and sky."""
    ox, oy, oz = (plane(a) for a in rays.origin.T)
    to_x, to_y = (np.copysign(WALL, rays.x) - ox) / rays.x, (np.copysign(WALL, rays.y) - oy) / rays.y
    wall, ground = np.minimum(to_x, to_y), np.where(rays.z < 0, -oz / rays.z, np.inf)
    depth = np.minimum(wall, ground)
    x, y, z = ox + depth * rays.x, oy + depth * rays.y, oz + depth * rays.z
    on_ground = ground < wall
    run = np.where(to_x < to_y, y, x) + WALL + np.where(to_x < to_y, 128, 0)  # along the fronts
    house = np.floor(run / 8).astype(np.int32) % 64
    grain = texture[
        np.floor(np.where(on_ground, 3 * x, 4 * run)).astype(np.int32) % 64,
        np.floor(np.where(on_ground, 3 * y, 4 * z)).astype(np.int32) % 64,
    ]
    window = (_phase(run / 2.6) > 0.423) & (_phase(z / 3.1) > 0.419)
    sky = ~on_ground & (z > 9 + 3 * texture[house, 0])
    grey = _paving(np.abs(x), np.abs(y), x, y) * np.where(_shaded(x, y, scenes), np.float32(0.6), 1)
    sun, ambient = plane(scenes.light[:, 0] * scenes.sun[:, 2]), plane(scenes.light[:, 1])
    colour = np.empty((len(depth), 3, depth.shape[1]), dtype=np.float32)
    for c, tint in enumerate((1.0, 1.0, 0.96)):
        front = np.where(window, 55 + 25 * texture[house, 5], 140 + 50 * texture[house, 1] + 20 * texture[house, 2 + c])
        albedo = np.where(on_ground, grey * tint, front) * (1 + np.float32(0.18) * grain)
        lit = np.where(on_ground, sun + ambient, 0.3 * sun + ambient)
        colour[:, c] = np.where(sky, (190, 200, 215)[c] * (sun + ambient), albedo * lit)
    return depth, colour


def _phase(turns: Floats) -> Floats:
    """Return how much of a period has passed after so many *turns*, in [0, 1)."""
    return turns - np.floor(turns)


def _paving(ax: Floats, ay: Floats, x: Floats, y: Floats) -> Floats:
    """Return the grey level of the ground at (*x*, *y*), whose absolute values are *ax* and *ay*."""
    grey = np.where((ax < 4) | (ay < 4), np.float32(88), np.float32(150))
    slab = (ax >= 4) & (ay >= 4) & ((_phase(x / 1.2) < 0.083) | (_phase(y / 1.2) < 0.083))
    stripe = ((ax > 5.2) & (ax < 8) & (ay < 3.8) & (_phase(y / 1.3) < 0.5)) | (
        (ay > 5.2) & (ay < 8) & (ax < 3.8) & (_phase(x / 1.3) < 0.5)
    )
    line = ((ax > 8.5) & (ay < 0.1) & (_phase(x / 3) < 0.6)) | ((ay > 8.5) & (ax < 0.1) & (_phase(y / 3) < 0.6))
    return np.where(slab, 115, np.where(stripe | line, 225, grey))


def _shaded(x: Floats, y: Floats, scenes: Scenes) -> NDArray[np.bool_]:
    """Return where the ground lies in the object's shadow: that of its bounding box."""
    rise = np.maximum(scenes.sun[:, 2:], 0.3)
    reach = -scenes.sun[:, :2] / rise * scenes.half()[:, 2:]  # (B, 2): of half the height
    middle = scenes.place[:, :2] + reach
    half = scenes.half()
    lx, ly = turned(x - plane(middle[:, 0]), y - plane(middle[:, 1]), plane(-scenes.yaw))
    sx, sy = turned(reach[:, 0], reach[:, 1], -scenes.yaw)
    return (np.abs(lx) < plane(half[:, 0] + 0.7 * np.abs(sx))) & (np.abs(ly) < plane(half[:, 1] + 0.7 * np.abs(sy)))
