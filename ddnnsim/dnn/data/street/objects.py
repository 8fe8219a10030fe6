"""The shapes and paints of cars, buses and persons: boxes and ellipsoids of an object that faces along x."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CLASSES = ("car", "bus", "person")


class Part(NamedTuple):
    """A box or an ellipsoid of an object that faces along x, in metres."""

    ball: bool
    centre: tuple[float, float, float]
    half: tuple[float, float, float]
    paint: int
    """Column of the object's colours: 0, 1 and 2 differ by object, the others are `FIXED_PAINTS`."""


FIXED_PAINTS = ((38, 46, 56), (24, 24, 26), (235, 225, 170), (190, 30, 25))  # glass, tyres, head and tail lights
GLASS, TYRE, HEADLIGHT, TAILLIGHT = 3, 4, 5, 6

CAR = (
    Part(False, (0, 0, 0.62), (2.2, 0.9, 0.34), 0),
    Part(False, (-0.3, 0, 1.12), (1.2, 0.78, 0.2), GLASS),
    Part(False, (-0.35, 0, 1.36), (0.95, 0.76, 0.06), 0),
    Part(False, (2.2, 0, 0.68), (0.03, 0.8, 0.1), HEADLIGHT),
    Part(False, (-2.2, 0, 0.7), (0.03, 0.8, 0.1), TAILLIGHT),
    *(Part(True, (x, y, 0.33), (0.36, 0.16, 0.36), TYRE) for x in (-1.35, 1.35) for y in (-0.85, 0.85)),
)
BUS = (
    Part(False, (0, 0, 1.7), (4.6, 1.25, 1.4), 0),
    Part(False, (0, 0, 0.6), (4.62, 1.27, 0.22), 1),
    *(Part(False, (x, 0, 2.2), (0.8, 1.27, 0.42), GLASS) for x in (-3.4, -1.5, 0.4, 2.3)),
    Part(False, (4.55, 0, 2.1), (0.1, 1.15, 0.65), GLASS),
    Part(False, (-4.55, 0, 2.4), (0.1, 1.0, 0.4), GLASS),
    Part(False, (4.6, 0, 0.85), (0.06, 1.1, 0.1), HEADLIGHT),
    *(Part(True, (x, y, 0.48), (0.5, 0.2, 0.5), TYRE) for x in (-2.9, 3.1) for y in (-1.15, 1.15)),
)
PERSON = (
    Part(True, (0.13, 0.1, 0.44), (0.13, 0.1, 0.48), 1),
    Part(True, (-0.13, -0.1, 0.44), (0.13, 0.1, 0.48), 1),
    Part(True, (0, 0, 1.14), (0.17, 0.24, 0.4), 0),
    Part(True, (-0.1, 0.28, 1.1), (0.1, 0.08, 0.34), 0),
    Part(True, (0.1, -0.28, 1.1), (0.1, 0.08, 0.34), 0),
    Part(True, (0, 0, 1.62), (0.12, 0.11, 0.15), 2),
)
PARTS = (CAR, BUS, PERSON)
EXTENT = np.array([(2.25, 0.95, 1.42), (4.65, 1.28, 3.1), (0.3, 0.36, 1.78)])
"""Half length, half width and height of each class."""
