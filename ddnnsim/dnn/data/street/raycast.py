"""Ray casting: the light along each ray, from the nearest box, ball or part of the square that it meets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ddnnsim.dnn.data.street.backdrop import backdrop
from ddnnsim.dnn.data.street.objects import CLASSES, PARTS
from ddnnsim.dnn.data.street.rays import Rays, meets, seen_from
from ddnnsim.dnn.data.street.scene import Scenes
from ddnnsim.dnn.data.street.surroundings import Solid
from ddnnsim.dnn.data.street.vectors import Floats, plane, rows_of, unit

TINY = np.float32(1e-12)
"""In the place of a direction's component of zero, that it may divide."""


def cast(
    rays: Rays, label: int, scenes: Scenes, traffic: Sequence[Scenes], solids: Sequence[Solid], texture: Floats
) -> Floats:
    """Return the light that comes along each ray, (B, 3, P), in grey levels."""
    depth, colour = backdrop(rays, scenes, texture)
    for solid in solids:
        rows = np.flatnonzero(meets(rays, solid.centre, solid.half))
        if not len(rows):
            continue
        some, one = rows_of(rays, rows), rows_of(solid, rows)
        far, light = depth[rows], colour[rows]
        _add(one.ball, seen_from(some, one.centre, one.yaw), 0.0, one.half, one.colour, scenes.light[rows], far, light)
        depth[rows], colour[rows] = far, light
    _object(rays, label, scenes, depth, colour)
    for other in traffic:
        for kind in range(len(CLASSES)):
            rows = np.flatnonzero((other.label == kind) & meets(rays, other.place, other.half()))
            some, far, light = rows_of(rays, rows), depth[rows], colour[rows]
            _object(some, kind, rows_of(other, rows), far, light)
            depth[rows], colour[rows] = far, light
    return colour


def _object(rays: Rays, label: int, scenes: Scenes, depth: Floats, colour: Floats) -> None:
    """Draw one object of class *label* in each crop."""
    own = seen_from(rays, scenes.place, scenes.yaw)
    for part in PARTS[label]:
        centre, half = scenes.scale * part.centre, scenes.scale * part.half
        _add(part.ball, own, centre, half, scenes.paints[:, part.paint], scenes.light, depth, colour)


def _add(
    ball: bool,
    rays: Rays,
    centre: Floats | float,
    half: Floats,
    paint: Floats,
    light: Floats,
    depth: Floats,
    colour: Floats,
) -> None:
    """Draw a ball or a box of the rays' frame where it is nearer than *depth*, (B, P), into *colour*, (B, 3, P)."""
    origin = rays.origin - centre  # (B, 3)
    far = (to_ball if ball else to_box)(rays, origin, half)
    hits = np.flatnonzero(far < depth)
    if not len(hits):
        return
    crop, pixel = np.divmod(hits, depth.shape[1])
    reach = far.take(hits)
    depth[crop, pixel] = reach
    spot = origin[crop] + reach[:, None] * np.stack([a.take(hits) for a in (rays.x, rays.y, rays.z)], axis=1)
    normal = spot / half[crop]  # (hits, 3)
    if ball:
        normal /= half[crop]
    else:
        normal[np.abs(normal) < 0.9999 * np.abs(normal).max(axis=1, keepdims=True)] = 0  # of the face that is hit
    lambert = np.maximum((unit(normal) * rays.sun[crop]).sum(1), 0)
    lit = light[crop, 0] * lambert + light[crop, 1]
    colour[crop, :, pixel] = lit[:, None] * paint[crop]


def to_box(rays: Rays, origin: Floats, half: Floats) -> Floats:
    """Return how far each ray goes until the box of *half* size, (B, 3), around the frame's origin, or infinity."""
    enter, leave = np.zeros_like(rays.x), np.full_like(rays.x, np.inf)
    for way, o, h in zip((rays.x, rays.y, rays.z), origin.T, half.T, strict=True):
        pace = np.where(way == 0, TINY, way)
        np.divide(1, pace, out=pace)
        middle = -plane(o) * pace
        reach = np.abs(pace, out=pace)
        reach *= plane(h)
        np.maximum(enter, middle - reach, out=enter)
        np.minimum(leave, np.add(middle, reach, out=middle), out=leave)
    return np.where(enter < leave, enter, np.float32(np.inf))


def to_ball(rays: Rays, origin: Floats, half: Floats) -> Floats:
    """Return how far each ray goes until the ellipsoid of *half* size, (B, 3), around the origin, or infinity."""
    o = (origin / half).astype(np.float32)
    a, b = np.zeros_like(rays.x), np.zeros_like(rays.x)
    for way, start, h in zip((rays.x, rays.y, rays.z), o.T, half.T, strict=True):
        way = way / plane(h)
        a += way * way
        b += np.multiply(way, start[:, None], out=way)
    root = b * b - a * ((o * o).sum(1) - 1)[:, None]
    return np.where((root > 0) & (b < 0), (-b - np.sqrt(np.maximum(root, 0))) / a, np.float32(np.inf))
