"""The cameras around the square: where they stand, what they frame, and so who sees each object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ddnnsim.dnn.data.street.vectors import Floats, unit
from ddnnsim.errors import DataError
from ddnnsim.scenario import presence_fault

PRESENCE = (0.376, 0.382, 0.529, 0.574, 0.594, 0.751)
"""The share of samples that each camera sees: Teerapittayanon et al., ICDCS 2017, Fig. 6."""
AIM = 10.0
"""How far beside the middle of the square, to its right, each camera looks: together they cover all of it."""
NEAR = 0.5
"""The least depth at which a camera projects a point."""


class Cameras(NamedTuple):
    """Where the cameras stand and look, (V, 3) each."""

    place: Floats
    forward: Floats
    right: Floats
    up: Floats


def presence_shares(views: int, presence: Sequence[float] | None) -> Floats:
    """Return the presence of each camera, (V,)."""
    if presence is None:
        places = np.linspace(0, len(PRESENCE) - 1, views) if views > 1 else np.array([len(PRESENCE) - 1])
        shares: Floats = np.interp(places, range(len(PRESENCE)), PRESENCE)
        return np.divide(shares, min(1.0, float(shares.sum())))
    if fault := presence_fault(views, presence):
        raise DataError(fault)
    return np.asarray(presence, dtype=float)


def cameras_around(views: int) -> Cameras:
    """Return cameras around the square: the golden angle keeps any number of them apart."""
    v = np.arange(views)
    angle = 0.8 + v * np.pi * (3 - np.sqrt(5))
    radius, height = 27.0 - 3.0 * (v % 3), 4.0 + 1.0 * (v % 2)
    place = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)
    off = angle + np.pi / 2
    target = np.stack([AIM * np.cos(off), AIM * np.sin(off), np.ones(views)], axis=1)
    forward = unit(target - place)
    right = unit(np.cross(forward, (0, 0, 1)))
    return Cameras(place, forward, right, np.cross(right, forward))


def frames(place: Floats, cameras: Cameras, shares: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """Return who sees each object, (N, V), and how far to the right and left the picture reaches then, (N, V).

    Both by the tangent of the angle off the camera's axis. Each camera's picture is as wide as its share
    of *shares* asks; an object beyond all pictures is seen at the edge of the one that misses it least.
    """
    offset = place[:, None] - cameras.place  # (N, V, 3)
    ahead = np.maximum((offset * cameras.forward).sum(2), NEAR)
    tangent = np.abs((offset * cameras.right).sum(2)) / ahead  # (N, V)
    width = np.quantile(tangent, 0.5, axis=0)  # (V,)
    for step in range(200):
        misses = tangent / width
        seen = misses <= np.maximum(1.0, misses.min(axis=1, keepdims=True))
        width *= (shares / seen.mean(axis=0)) ** (0.5 / (1 + step / 20))
    seen |= shares == 1
    return seen, np.where(seen, np.maximum(width, tangent), 0)
