"""The rays of each crop: one through each pixel, and whether they pass near a thing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.street.cameras import NEAR, Cameras
from ddnnsim.dnn.data.street.scene import Scenes
from ddnnsim.dnn.data.street.vectors import Floats, plane, turned, unit

SIDE = 32
"""Height and width of a view, in pixels."""


class Rays(NamedTuple):
    """One ray through each pixel of each crop, in some upright frame."""

    origin: Floats  # (B, 3)
    axis: Floats  # (B, 3): through the middle of the crop, in the square's frame
    spread: Floats  # (B,): tangent of the angle between the axis and the corners
    x: Floats  # (B, P)
    y: Floats
    z: Floats
    sun: Floats  # (B, 3): the direction to it


def crop_rays(scenes: Scenes, camera: Cameras, edge: Floats, focal: float) -> tuple[Rays, Floats]:
    """Return the rays of each object's crop, and how many of the sensor's pixels it is wide, (B,).

    The object's bounding box, cut off at the edge of the picture and made square about its middle.
    """
    signs = np.stack(np.meshgrid((-1, 1), (-1, 1), (0, 2), indexing="ij"), axis=-1).reshape(8, 3)
    local = scenes.half()[:, None] * signs  # (B, 8, 3)
    corner_xy = turned(local[..., 0], local[..., 1], scenes.yaw[:, None])
    corner = scenes.place[:, None] + np.stack([*corner_xy, local[..., 2]], axis=-1) - camera.place  # (B, 8, 3)
    depth = np.maximum(corner @ camera.forward, NEAR)  # (B, 8)
    across = np.clip(corner @ camera.right / depth, -edge[:, None], edge[:, None])
    above = corner @ camera.up / depth
    middle = [(a.max(1) + a.min(1)) / 2 for a in (across, above)]
    half = 0.55 * np.maximum(np.ptp(across, axis=1), np.ptp(above, axis=1))
    grid = (np.arange(SIDE) + 0.5) * 2 / SIDE - 1
    u = (middle[0][:, None] + half[:, None] * np.tile(grid, SIDE)).astype(np.float32)  # (B, P)
    v = (middle[1][:, None] - half[:, None] * np.repeat(grid, SIDE)).astype(np.float32)
    x, y, z = (
        np.float32(camera.forward[i]) + u * np.float32(camera.right[i]) + v * np.float32(camera.up[i]) for i in range(3)
    )
    axis = camera.forward + middle[0][:, None] * camera.right + middle[1][:, None] * camera.up
    origin = np.broadcast_to(camera.place, axis.shape)
    return Rays(origin, unit(axis), half * 1.42, x, y, z, scenes.sun), 2 * half * focal


def meets(rays: Rays, centre: Floats, half: Floats) -> NDArray[np.bool_]:
    """Return whether the cone around each crop meets the ball around a thing, (B,)."""
    offset = centre - rays.origin  # (B, 3)
    ahead = (offset * rays.axis).sum(1)
    aside = np.sqrt(np.maximum((offset**2).sum(1) - ahead**2, 0))
    meets: NDArray[np.bool_] = (ahead > NEAR) & (aside < rays.spread * ahead + 1.5 * np.linalg.norm(half, axis=1))
    return meets


def seen_from(rays: Rays, place: Floats, yaw: Floats) -> Rays:
    """Return *rays* in the frame whose origin is at *place*, (B, 3), and whose x axis is at *yaw*, (B,)."""
    origin, sun = rays.origin - place, rays.sun
    x, y = turned(rays.x, rays.y, -plane(yaw))
    return rays._replace(
        origin=np.stack([*turned(origin[:, 0], origin[:, 1], -yaw), origin[:, 2]], axis=1),
        sun=np.stack([*turned(sun[:, 0], sun[:, 1], -yaw), sun[:, 2]], axis=1),
        x=x,
        y=y,
    )
